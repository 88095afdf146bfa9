// Wardlock's side of the differential fuzzer: reads one case (a JSON document) a line and answers
// with one line. lib/cases.mjs says what a case is, lib/engines.mjs what the answers mean.

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "cedar/ast/policy_text.h"
#include "cedar/authorizer/authorizer.h"
#include "cedar/json/policy_json.h"
#include "cedar/parser/parser.h"
#include "cedar/schema/schema.h"
#include "codec/json.h"

namespace wardlock::cedar {
namespace {

using codec::Json;
using boost::json::array;
using boost::json::object;

std::string_view view(const boost::json::string& text) { return {text.data(), text.size()}; }

Json refusal(const Error& error) { return object{{"ok", false}, {"error", error.message}}; }

Error to_error(const Diagnostics& diagnostics) {
  return {ErrorCode::kInvalidArgument, diagnostics.front().message};
}

template <typename T>
Json verdict(const std::expected<T, Error>& result) {
  return result ? Json(object{{"ok", true}}) : refusal(result.error());
}

/// The text of a member of the case, or nothing.
std::optional<std::string_view> member(const object& it, std::string_view name) {
  const Json* value = it.if_contains(name);
  return value != nullptr && value->is_string() ? std::optional(view(value->get_string()))
                                                : std::nullopt;
}

Json policy_document(const Template& policy) {
  const auto json = policy_to_json(policy);
  return json ? *json : refusal(json.error());
}

Json answer_text(std::string_view text) {
  const auto policies = parse_policies(text);
  if (!policies) return refusal(to_error(policies.error()));
  array statics;
  array templates;
  for (const Policy& policy : policies->policies()) statics.push_back(policy_document(*policy.body));
  for (const Template* body : policies->templates()) templates.push_back(policy_document(*body));
  return object{{"ok", true}, {"policies", statics}, {"templates", templates}};
}

Result<std::unique_ptr<Template>> read_policy(std::string_view text, bool is_template) {
  const Json json = TRY(codec::parse_json(text, kPolicyJsonLimits));
  auto policy = TRY(policy_from_json(json, "p"));
  if (policy->has_slot() != is_template) return invalid("a template where none is, or none where one is");
  return policy;
}

Json answer_json(const object& it) {
  const bool is_template = it.at("isTemplate").as_bool();
  const auto policy = read_policy(*member(it, "policy"), is_template);
  if (!policy) return refusal(policy.error());
  const auto text = to_text(**policy);
  if (!text) return refusal(text.error());
  object answer{{"ok", true}, {"json", policy_document(**policy)}, {"text", *text}};
  if (const auto again = parse_policy(*text, "p")) answer["again"] = policy_document(**again);
  return answer;
}

/// A JSON string holds schema text; anything else is the schema in JSON.
Result<Schema> read_schema(std::string_view document) {
  const Json json = TRY(codec::parse_json(document));
  if (!json.is_string()) return schema_from_json(json);
  auto schema = parse_schema(view(json.get_string()));
  if (!schema) return std::unexpected(to_error(schema.error()));
  return *std::move(schema);
}

Json answer(const object& it) {
  const std::string_view op = *member(it, "op");
  if (op == "text") return answer_text(*member(it, "text"));
  if (op == "json") return answer_json(it);
  if (op == "schema") return verdict(read_schema(*member(it, "schema")));
  return refusal({ErrorCode::kUnimplemented, "unknown op"});
}

}  // namespace
}  // namespace wardlock::cedar

int main() {
  std::ios::sync_with_stdio(false);
  for (std::string line; std::getline(std::cin, line);) {
    const auto it = wardlock::codec::parse_json(line);
    std::cout << wardlock::codec::to_json_text(
                     it ? wardlock::cedar::answer(it->as_object())
                        : wardlock::cedar::refusal(it.error()))
              << '\n'
              << std::flush;
  }
}
