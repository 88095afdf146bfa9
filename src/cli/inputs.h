#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/arena.h"
#include "base/error.h"
#include "cedar/evaluator/evaluator.h"
#include "cedar/schema/schema.h"
#include "cli/options.h"
#include "codec/json.h"
#include "pdp/snapshot.h"

namespace wardlock::cli {

/// A JSON document from a file, or standard input.
Result<codec::Json> load_json(const std::string& path);

/// The value of `--context`: JSON text, or the path of a JSON file.
Result<codec::Json> load_context(const std::string& text);

/// Adds the keys that the PDP fills where they are absent, as the PDP does it, so that both give
/// the same answer to the same question. `action` is the schema's; null: there is no schema.
void fill_context(boost::json::object& context, const cedar::ActionType* action, std::int64_t now,
                  Arena& arena);

/// What a snapshot is built from: policies, links, schema and entities, each where given. Where no
/// schema is given, a folder's own counts.
Result<pdp::Sources> load_sources(const PolicyFiles& files, const std::string& schema,
                                  const std::string& entities);

/// A uid that an option holds, `--NAME`.
Result<const cedar::EntityUid*> read_uid_option(const std::string& text, const char* name,
                                                Arena& arena);

/// A request's context, as JSON text (`{…}`) or the path of a file with it.
Result<codec::Json> load_context(const std::string& text);

/// What a request is completed and checked with.
struct RequestSetting {
  const cedar::Schema* schema = nullptr;  ///< null: the request is not checked
  std::optional<std::int64_t> now;        ///< if there, keys that the PDP fills are added if absent
};

/// Builds the request the options describe, in `arena`. Error: a part is missing or malformed, or
/// (kFailedPrecondition) it does not fit the schema.
Result<cedar::Request> load_request(const RequestInput& input, const RequestSetting& setting,
                                    Arena& arena);

}  // namespace wardlock::cli
