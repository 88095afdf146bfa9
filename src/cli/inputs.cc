#include "cli/inputs.h"

#include <fmt/format.h>

#include <array>

#include "cedar/entities/conformance.h"
#include "cedar/entities/entities_json.h"
#include "cedar/json/value_json.h"
#include "cedar/parser/parser.h"
#include "server/policy_files.h"

namespace wardlock::cli {
namespace {

/// The parts of a request as given: uids, and the context's JSON.
struct RequestParts {
  std::array<const cedar::EntityUid*, 3> uids = {};
  codec::Json context = boost::json::object();
};

constexpr std::array<const char*, 3> kUidNames = {"principal", "action", "resource"};

/// A uid as `Type::"id"` in a string, or as `{"type": …, "id": …}`.
Result<const cedar::EntityUid*> read_uid(const codec::Json& json, std::string_view name,
                                         Arena& arena) {
  if (json.is_string()) return cedar::parse_entity_uid(json.get_string(), arena);
  return cedar::uid_from_json(json, arena, name);
}

Result<RequestParts> read_request_json(const std::string& path, Arena& arena) {
  const codec::Json json = TRY(load_json(path));
  const auto* object = json.if_object();
  if (object == nullptr) return invalid(fmt::format("`{}` must hold a JSON object", path));
  RequestParts parts;
  for (std::size_t i = 0; i < parts.uids.size(); ++i) {
    const codec::Json* uid = object->if_contains(kUidNames[i]);
    if (uid == nullptr) return invalid(fmt::format("`{}` names no `{}`", path, kUidNames[i]));
    parts.uids[i] = TRY(read_uid(*uid, kUidNames[i], arena));
  }
  if (const codec::Json* context = object->if_contains("context")) parts.context = *context;
  return parts;
}

Result<RequestParts> read_request_options(const RequestInput& input, Arena& arena) {
  const std::array<const std::string*, 3> texts = {&input.principal, &input.action,
                                                   &input.resource};
  RequestParts parts;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (texts[i]->empty()) {
      return invalid(
          fmt::format("give `--{}`, or the whole request by `--request-json`", kUidNames[i]));
    }
    parts.uids[i] = TRY(cedar::parse_entity_uid(*texts[i], arena));
  }
  if (!input.context.empty()) parts.context = TRY(load_json(input.context));
  return parts;
}

}  // namespace

Result<codec::Json> load_json(const std::string& path) {
  const pdp::Source source = TRY(server::read_source(path));
  auto json = codec::parse_json(source.text);
  if (!json) return std::unexpected(json.error().in(source.name));
  return json;
}

Result<std::optional<cedar::Schema>> load_schema(const std::string& path) {
  if (path.empty()) return std::nullopt;
  const pdp::Source source = TRY(server::read_source(path));
  return std::optional(TRY(pdp::parse_schema(source)));
}

Result<cedar::EntityStore> load_entities(const std::string& path, const cedar::Schema* schema) {
  const codec::Json json = path.empty() ? boost::json::array() : TRY(load_json(path));
  auto entities = cedar::entities_from_json(json, schema);
  if (!entities) return std::unexpected(entities.error().in(path));
  return entities;
}

Result<pdp::Sources> load_sources(const PolicyFiles& files, const std::string& schema,
                                  const std::string& entities) {
  pdp::Sources sources = TRY(server::read_policies(files.policies));
  if (!files.links.empty()) sources.links = TRY(server::read_source(files.links));
  if (!schema.empty()) sources.schemas = {TRY(server::read_source(schema))};
  if (!entities.empty()) sources.entities = TRY(server::read_source(entities));
  return sources;
}

Result<cedar::Request> load_request(const RequestInput& input, const cedar::Schema* schema,
                                    Arena& arena) {
  const RequestParts parts =
      TRY(input.request_json.empty() ? read_request_options(input, arena)
                                     : read_request_json(input.request_json, arena));
  cedar::Request request{parts.uids[0], parts.uids[1], parts.uids[2]};
  request.context = TRY(cedar::context_from_json(arena, parts.context, schema, request.action));
  if (schema != nullptr) {
    TRY_VOID(cedar::validate_request(*schema, *request.principal, *request.action,
                                     *request.resource, request.context));
  };
  return request;
}

}  // namespace wardlock::cli
