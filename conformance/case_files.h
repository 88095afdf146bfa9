#pragma once

#include <filesystem>
#include <string>

#include "base/arena.h"
#include "base/error.h"
#include "cedar/ast/policy.h"
#include "cedar/entities/entity_store.h"
#include "cedar/evaluator/evaluator.h"
#include "cedar/schema/schema.h"
#include "codec/json.h"

namespace wardlock::cedar {

// The files that other people's tests are made of. An error names the file.

using Path = std::filesystem::path;

Result<std::string> read_file(const Path& path);
Result<codec::Json> read_json(const Path& path);

Result<PolicySet> read_policies(const Path& path);
/// `….json` is the JSON syntax, any other name the `.cedarschema` one.
Result<Schema> read_schema(const Path& path);
Result<EntityStore> read_entities(const Path& path, const Schema* schema);

/// Reads `{"principal", "action", "resource", "context"}`, the context by the schema's type where
/// there is a schema. What the request points to is in `arena`.
Result<Request> read_request(const boost::json::object& it, const Schema* schema, Arena& arena);

}  // namespace wardlock::cedar
