#pragma once

#include <optional>
#include <string>

#include "base/arena.h"
#include "base/error.h"
#include "cedar/entities/entity_store.h"
#include "cedar/evaluator/evaluator.h"
#include "cedar/schema/schema.h"
#include "cli/options.h"
#include "codec/json.h"
#include "pdp/snapshot.h"

namespace wardlock::cli {

/// A JSON document from a file, or standard input.
Result<codec::Json> load_json(const std::string& path);

/// Nothing for an empty path.
Result<std::optional<cedar::Schema>> load_schema(const std::string& path);

/// An empty store for an empty path; with a schema, its actions.
Result<cedar::EntityStore> load_entities(const std::string& path, const cedar::Schema* schema);

/// What a snapshot is built from: policies, links, schema and entities, each where given.
Result<pdp::Sources> load_sources(const PolicyFiles& files, const std::string& schema,
                                  const std::string& entities);

/// Builds the request the options describe, in `arena`. Error: a part is missing or malformed, or
/// (kFailedPrecondition) it does not fit the schema.
Result<cedar::Request> load_request(const RequestInput& input, const cedar::Schema* schema,
                                    Arena& arena);

}  // namespace wardlock::cli
