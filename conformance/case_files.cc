#include "conformance/case_files.h"

#include <fmt/format.h>

#include <fstream>
#include <iterator>

#include "cedar/entities/entities_json.h"
#include "cedar/json/policy_json.h"
#include "cedar/parser/parser.h"

namespace wardlock::cedar {

Result<std::string> read_file(const Path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(ErrorCode::kNotFound, fmt::format("cannot open `{}`", path.string()));
  return std::string(std::istreambuf_iterator<char>(file), {});
}

Result<codec::Json> read_json(const Path& path) {
  const std::string text = TRY(read_file(path));
  auto json = codec::parse_json(text);
  if (!json) return std::unexpected(json.error().in(path.string()));
  return json;
}

Result<PolicySet> read_policies(const Path& path) {
  const std::string text = TRY(read_file(path));
  auto policies = parse_policies(text);
  if (!policies) return std::unexpected(to_error(policies.error(), text, path.string()));
  return *std::move(policies);
}

Result<Schema> read_schema(const Path& path) {
  if (path.extension() == ".json") {
    const codec::Json json = TRY(read_json(path));
    auto schema = schema_from_json(json);
    if (!schema) return std::unexpected(schema.error().in(path.string()));
    return schema;
  }
  const std::string text = TRY(read_file(path));
  auto schema = parse_schema(text);
  if (!schema) return std::unexpected(to_error(schema.error(), text, path.string()));
  return *std::move(schema);
}

Result<EntityStore> read_entities(const Path& path, const Schema* schema) {
  const codec::Json json = TRY(read_json(path));
  auto entities = entities_from_json(json, schema);
  if (!entities) return std::unexpected(entities.error().in(path.string()));
  return entities;
}

Result<Request> read_request(const boost::json::object& it, const Schema* schema, Arena& arena) {
  const auto member = [&](std::string_view name) -> Result<const codec::Json*> {
    const codec::Json* json = it.if_contains(name);
    if (json == nullptr) return invalid(fmt::format("the request has no `{}`", name));
    return json;
  };
  const auto uid = [&](std::string_view name) -> Result<const EntityUid*> {
    const codec::Json* json = TRY(member(name));
    return uid_from_json(*json, arena, name);
  };
  Request request{.principal = TRY(uid("principal")),
                  .action = TRY(uid("action")),
                  .resource = TRY(uid("resource"))};
  const codec::Json* context = TRY(member("context"));
  request.context = TRY(context_from_json(arena, *context, schema, request.action));
  return request;
}

}  // namespace wardlock::cedar
