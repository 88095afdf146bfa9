#include "cli/inputs.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "cedar/entities/conformance.h"
#include "cedar/entities/entities_json.h"
#include "cedar/json/value_json.h"
#include "cedar/parser/parser.h"
#include "pdp/request_context.h"
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
    auto read = read_uid(*uid, kUidNames[i], arena);
    if (!read) return std::unexpected(read.error().in(path));
    parts.uids[i] = *read;
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
    parts.uids[i] = TRY(read_uid_option(*texts[i], kUidNames[i], arena));
  }
  if (!input.context.empty()) parts.context = TRY(load_context(input.context));
  return parts;
}

void complete_context(RequestParts& parts, const RequestSetting& setting, Arena& arena) {
  auto* context = parts.context.if_object();
  if (context == nullptr) return;
  const cedar::ActionType* action =
      setting.schema == nullptr ? nullptr : setting.schema->find_action(*parts.uids[1]);
  if (setting.schema != nullptr && action == nullptr) return;
  fill_context(*context, action, *setting.now, arena);
}

std::unexpected<Error> does_not_fit(const Error& error) {
  return fail(ErrorCode::kFailedPrecondition, error.message);
}

}  // namespace

Result<codec::Json> load_json(const std::string& path) {
  const pdp::Source source = TRY(server::read_source(path));
  auto json = codec::parse_json(source.text);
  if (!json) return std::unexpected(json.error().in(source.name));
  return json;
}

Result<const cedar::EntityUid*> read_uid_option(const std::string& text, const char* name,
                                                Arena& arena) {
  auto uid = cedar::parse_entity_uid(text, arena);
  if (uid) return uid;
  Error error = uid.error().in(fmt::format("--{}", name));
  if (!text.contains('"')) {
    error.message += "; single quotes around it keep the shell from taking the double ones";
  }
  return std::unexpected(std::move(error));
}

Result<codec::Json> load_context(const std::string& text) {
  if (!text.starts_with('{')) return load_json(text);
  auto json = codec::parse_json(text);
  if (!json) return std::unexpected(json.error().in("--context"));
  return json;
}

void fill_context(boost::json::object& context, const cedar::ActionType* action, std::int64_t now,
                  Arena& arena) {
  const auto add = [&](std::string_view name, codec::Json json) {
    const bool counts = action == nullptr || action->context->find_attribute(name) != nullptr;
    if (counts) context.emplace(name, std::move(json));
  };
  add("action", boost::json::object());
  for (const cedar::Field& field : pdp::filled_context("", {}, now, arena)) {
    if (auto json = cedar::value_to_json(field.value)) add(field.name, *std::move(json));
  }
}

Result<pdp::Sources> load_sources(const PolicyFiles& files, const std::string& schema,
                                  const std::string& entities) {
  pdp::Sources sources;
  if (!files.policies.empty()) sources = TRY(server::read_policies(files.policies));
  if (!files.links.empty()) sources.links = TRY(server::read_source(files.links));
  if (!schema.empty()) sources.schemas = {TRY(server::read_source(schema))};
  if (!entities.empty()) sources.entities = TRY(server::read_source(entities));
  return sources;
}

Result<cedar::Request> load_request(const RequestInput& input, const RequestSetting& setting,
                                    Arena& arena) {
  if (!input.request_json.empty() &&
      !(input.principal + input.action + input.resource + input.context).empty()) {
    return invalid(
        "`--request-json` is the whole request; leave out `--principal`, `--action`, `--resource` "
        "and `--context`");
  }
  RequestParts parts =
      TRY(input.request_json.empty() ? read_request_options(input, arena)
                                     : read_request_json(input.request_json, arena));
  if (setting.now) complete_context(parts, setting, arena);
  cedar::Request request{parts.uids[0], parts.uids[1], parts.uids[2]};
  const cedar::Schema* schema = setting.schema;
  auto context = cedar::context_from_json(arena, parts.context, schema, request.action);
  if (!context) {
    // What can be read without the schema is what does not fit it.
    const bool is_readable = cedar::context_from_json(arena, parts.context).has_value();
    return schema != nullptr && is_readable ? does_not_fit(context.error())
                                            : std::unexpected(context.error());
  }
  request.context = *context;
  if (schema == nullptr) return request;
  const auto valid = cedar::validate_request(*schema, *request.principal, *request.action,
                                             *request.resource, request.context);
  if (!valid) return does_not_fit(valid.error());
  return request;
}

}  // namespace wardlock::cli
