#include "api/admin/openapi.h"

#include <fmt/format.h>

#include "api/admin/bill.h"
#include "api/admin/description.h"
#include "api/admin/list_query.h"
#include "api/admin/openapi_schemas.h"
#include "api/admin/operations.h"
#include "base/check.h"
#include "base/version.h"

namespace wardlock::admin {
namespace {

using boost::json::array;
using boost::json::object;
using codec::Json;

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kOctets = "application/octet-stream";
constexpr std::string_view kTag = "administration";

struct Status {
  int status;
  std::string_view about;
};
constexpr auto kRefusals = std::to_array<Status>({
    {400, "What was asked or sent is malformed, or the thing's state forbids it"},
    {401, "Nobody who is known asks"},
    {403, "Whoever asks may not do that"},
    {404, "There is no such thing here"},
    {405, "There is no such method here"},
    {413, "The body is too large"},
    {415, "The body is not of a type that is understood"},
    {429, "It is more than there is room for"},
    {503, "The database or the audit log cannot be used now, or there is too much to do"},
});
constexpr auto kRefusalsOfChanges = std::to_array<Status>({
    {409, "An identifier is or was another thing's, or somebody else changed it meanwhile"},
    {412, "`If-Match` names another version"},
    {422, "The `Idempotency-Key` came with another request before"},
});

object problem(std::string_view about) {
  return {{"description", about},
          {"content",
           object{{"application/problem+json",
                   object{{"schema", object{{"$ref", "#/components/schemas/AdminProblem"}}}}}}}};
}

object header(std::string_view name) {
  return {{"$ref", fmt::format("#/components/headers/{}", name)}};
}

object parameter(std::string_view place, std::string_view name, std::string_view about,
                 Json schema) {
  object out{{"name", name}, {"in", place}, {"description", about}, {"schema", std::move(schema)}};
  if (place == "path") out["required"] = true;
  return out;
}

/// Texts of a query have no control characters, nor such as change the direction of writing.
constexpr std::string_view kPlainText =
    "^[^\\u0000-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]*$";

Json schema_of(const Parameter& parameter) {
  object schema{{"type", parameter.type}};
  if (parameter.choices != nullptr) {
    array words;
    for (const std::string_view word : parameter.choices()) words.emplace_back(word);
    schema["enum"] = std::move(words);
  } else if (parameter.type == "string") {
    schema["pattern"] = kPlainText;
  }
  if (parameter.is_required) schema["minLength"] = 1;
  if (parameter.type == "integer") {
    schema["minimum"] = parameter.least;
    schema["maximum"] =
        parameter.most == 0 ? static_cast<std::uint64_t>(INT64_MAX) : parameter.most;
  }
  if (parameter.may_repeat) return object{{"type", "array"}, {"items", std::move(schema)}};
  return schema;
}

array parameters_of(const Operation& operation) {
  array out;
  const object text{{"type", "string"}};
  if (operation.path.contains("{id}")) {
    out.push_back(parameter("path", "id", "The id", text));
  }
  if (operation.path.contains("{part}")) {
    out.push_back(parameter("path", "part", "The credential's id", text));
  }
  const auto add = [&out](const Parameter& each) {
    object described = parameter("query", each.name, each.about, schema_of(each));
    if (each.is_required) described["required"] = true;
    out.push_back(std::move(described));
  };
  for (const Parameter& each : operation.parameters) add(each);
  if (!operation.is_change()) return out;
  for (const Parameter& each : parameters_of_changes()) add(each);
  out.push_back(object{{"$ref", "#/components/parameters/Reason"}});
  if (!operation.has_keys) return out;
  out.push_back(object{{"$ref", "#/components/parameters/IdempotencyKey"}});
  if (operation.path.contains("{id}")) {
    out.push_back(object{{"$ref", "#/components/parameters/IfMatch"}});
  }
  return out;
}

object responses_of(const Operation& operation, const directory::Schema* schema) {
  object good{{"description", operation.summary}};
  object headers;
  if (operation.is_change()) headers["Wardlock-Revision"] = header("Wardlock-Revision");
  const bool has_version =
      operation.gives == Message::kThing || operation.gives == Message::kClient;
  if (has_version) headers["ETag"] = header("ETag");
  if (!headers.empty()) good["headers"] = std::move(headers);
  const Json given = schema_of_message(operation.gives, schema);
  if (!given.is_null()) {
    const std::string_view type = operation.gives == Message::kBill           ? kCycloneDxType
                                  : operation.gives == Message::kPolicyBundle ? kOctets
                                                                              : kJson;
    object content{{type, object{{"schema", given}}}};
    if (operation.gives == Message::kDecisionDiff) {
      for (const char* other : {"text/html", "text/csv", "text/plain"}) {
        content[other] = object{{"schema", object{{"type", "string"}}}};
      }
    }
    good["content"] = std::move(content);
  }
  object out;
  out[fmt::format("{}", operation.status)] = good;
  if (operation.is_change() && operation.status != 200) {
    good["description"] = "What would be answered, with `dryRun`";
    out["200"] = std::move(good);
  }
  if (has_version && !operation.is_change()) {
    out["304"] = object{{"description", "It is as `If-None-Match` says"}};
  }
  for (const Status& each : kRefusals) out[fmt::format("{}", each.status)] = problem(each.about);
  if (operation.path == "changes" || operation.path == "export") {
    out["410"] = problem("What changed then is not kept any more: read the lists anew");
  }
  if (operation.path.starts_with("policies")) {
    out["409"] = problem("The policies here are files, or it does not go as things stand");
  }
  if (operation.is_change()) {
    for (const Status& each : kRefusalsOfChanges) {
      out[fmt::format("{}", each.status)] = problem(each.about);
    }
  }
  return out;
}

std::string conditions_of(const directory::Schema& schema) {
  std::string out =
      "Every other parameter is a condition: the path of a searchable attribute, or `id`, `state`, "
      "`version`, `createdAt`, `changedAt`, perhaps with an operator behind it:";
  for (const PathOperator& each : path_operators()) {
    out += fmt::format(" `.{}` ({});", each.name, each.about);
  }
  out.back() = '.';
  out +=
      " A kind of relations is one, too: the id of what it stands to so; with `.of` behind it, "
      "of what stands to it so. Of several with one name, one must hold.";
  std::string paths;
  for (const std::string& path : naming_paths(schema)) {
    paths += fmt::format("{}`{}`", paths.empty() ? "" : ", ", path);
  }
  return out + fmt::format(" `named` and `like` look at {}.", paths);
}

/// A body all of whose members may be left out.
bool may_be_left_out(Message message) {
  return message == Message::kReason || message == Message::kActivationWish ||
         message == Message::kRecordedPeriod || message == Message::kNewCredential ||
         message == Message::kRotation || message == Message::kLeak ||
         message == Message::kClientSecret || message == Message::kNewClientInvitation;
}

object describe_one(const Operation& operation, const directory::Schema* schema) {
  object out{{"operationId",
              std::string(operation.name) + (schema == nullptr ? "" : type_name(schema->name))},
             {"tags", array{schema == nullptr ? kTag : schema->collection}},
             {"summary", operation.summary}};
  if (operation.has_filters) out["description"] = conditions_of(*schema);
  array parameters = parameters_of(operation);
  if (!parameters.empty()) out["parameters"] = std::move(parameters);
  const Json taken = schema_of_message(operation.takes, schema);
  if (!taken.is_null()) {
    object content{{kJson, object{{"schema", taken}}}};
    if (operation.takes == Message::kPatch || operation.takes == Message::kClientPatch) {
      content["application/merge-patch+json"] = object{{"schema", taken}};
    }
    if (operation.takes == Message::kBill) content[kCycloneDxType] = object{{"schema", taken}};
    out["requestBody"] =
        object{{"content", std::move(content)}, {"required", !may_be_left_out(operation.takes)}};
  }
  out["responses"] = responses_of(operation, schema);
  return out;
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

void add_path(const Operation& operation, const directory::Schema* schema, object& paths) {
  std::string path = fmt::format("/admin/v1/{}", operation.path);
  constexpr std::string_view kPlaceholder = "{collection}";
  if (schema != nullptr)
    path.replace(path.find(kPlaceholder), kPlaceholder.size(), schema->collection);
  Json& item = paths[path];
  if (!item.is_object()) item = object{};
  item.get_object()[lower_case(operation.method)] = describe_one(operation, schema);
}

object all_paths() {
  object paths;
  for (const Operation& operation : all_operations()) {
    if (operation.kinds.is_empty()) add_path(operation, nullptr, paths);
    for (const directory::Schema* schema : directory::all_schemas()) {
      if (operation.kinds.contains(schema->kind)) add_path(operation, schema, paths);
    }
  }
  return paths;
}

array all_tags() {
  array tags{object{{"name", kTag}, {"description", "Of all kinds of things"}}};
  for (const directory::Schema* schema : directory::all_schemas()) {
    tags.push_back(object{{"name", schema->collection}, {"description", schema->about}});
  }
  return tags;
}

object components() {
  const object text{{"type", "string"}};
  return {
      {"schemas", all_message_schemas()},
      {"headers",
       object{
           {"Wardlock-Revision", object{{"description", "From which on decisions see the change"},
                                        {"schema", object{{"type", "integer"}}}}},
           {"ETag", object{{"description", "The version, for `If-Match`"}, {"schema", text}}}}},
      {"parameters",
       object{{"IdempotencyKey",
               parameter("header", "Idempotency-Key",
                         "Who sends the same again within a day is answered the same, and nothing "
                         "is done twice",
                         object{{"type", "string"}, {"maxLength", 255}, {"pattern", "^[!-~]*$"}})},
              {"Reason",
               parameter("header", "Wardlock-Reason", "Why, where the body does not say it", text)},
              {"IfMatch", parameter("header", "If-Match", "The version that was read", text)}}}};
}

}  // namespace

Json openapi() {
  return object{
      {"openapi", "3.1.0"},
      {"info", object{{"title", "Wardlock administration"},
                      {"version", version()},
                      {"summary", "Who and what there is, and how it stands to each other"},
                      {"license", object{{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}}}}},
      {"servers", array{object{{"url", "/"}}}},
      {"tags", all_tags()},
      {"paths", all_paths()},
      {"components", components()}};
}

std::string joined_with_openapi(std::string_view other) {
  auto parsed = codec::parse_json(other);
  CHECK(parsed.has_value() && parsed->is_object());
  object& whole = parsed->get_object();
  const Json own = openapi();
  const auto add = [](Json& to, const Json& from) {
    for (const auto& member : from.get_object()) to.get_object()[member.key()] = member.value();
  };
  add(whole["paths"], own.at("paths"));
  for (const auto& group : own.at("components").get_object()) {
    Json& to = whole["components"].get_object()[group.key()];
    if (!to.is_object()) to = object{};
    add(to, group.value());
  }
  for (const Json& tag : own.at("tags").get_array()) whole["tags"].as_array().push_back(tag);
  return codec::to_json_text(*parsed);
}

Answered<void> describe(const Asked&, net::HttpResponse& response) {
  static const std::string text = codec::to_json_text(openapi());
  response.content_type = kJson;
  response.body = text;
  return {};
}

}  // namespace wardlock::admin
