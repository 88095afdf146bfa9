// Wardlock's side of the differential fuzzer: reads one case (a JSON document) a line and answers
// with one line. lib/cases.mjs says what a case is, lib/engines.mjs what the answers mean.

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <initializer_list>
#include <iostream>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "cedar/ast/policy_text.h"
#include "cedar/authorizer/authorizer.h"
#include "cedar/entities/conformance.h"
#include "cedar/entities/entities_json.h"
#include "cedar/json/policy_json.h"
#include "cedar/parser/parser.h"
#include "cedar/schema/schema.h"
#include "cedar/validator/validator.h"
#include "codec/json.h"
#include "conformance/cedar-wasm/text_answers.h"

namespace wardlock::cedar {
namespace {

using boost::json::array;
using boost::json::object;
using codec::Json;

std::string_view view(const boost::json::string& text) { return {text.data(), text.size()}; }

Json refusal(const Error& error) { return object{{"ok", false}, {"error", error.message}}; }

Error to_error(const Diagnostics& diagnostics) {
  return {ErrorCode::kInvalidArgument, diagnostics.front().message};
}

template <typename T>
Json verdict(const std::expected<T, Error>& result) {
  return result ? Json(object{{"ok", true}}) : refusal(result.error());
}

// A case may be hostile: nothing in it is sure to be of the kind it should be.

Result<const object*> as_object(const Json& json) {
  if (const object* it = json.if_object()) return it;
  return invalid("an object is expected");
}

Result<std::string_view> as_text(const Json& json) {
  if (const boost::json::string* text = json.if_string()) return view(*text);
  return invalid("a string is expected");
}

Result<const Json*> get(const object& it, std::string_view name) {
  if (const Json* json = it.if_contains(name)) return json;
  return invalid("something is missing");
}

Result<void> allow_only(const object& it, std::initializer_list<std::string_view> names) {
  for (const auto& [name, json] : it) {
    if (std::find(names.begin(), names.end(), name) == names.end()) return invalid("unknown field");
  }
  return {};
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
  for (const Policy& policy : policies->policies())
    statics.push_back(policy_document(*policy.body));
  for (const Template* body : policies->templates()) templates.push_back(policy_document(*body));
  return object{{"ok", true}, {"policies", statics}, {"templates", templates}};
}

Result<std::unique_ptr<Template>> read_policy(std::string_view text, bool is_template) {
  const Json json = TRY(codec::parse_json(text, kPolicyJsonLimits));
  auto policy = TRY(policy_from_json(json, "p"));
  if (policy->has_slot() != is_template)
    return invalid("a template where none is, or none where one is");
  return policy;
}

Json answer_json(const object& it) {
  const bool is_template = it.at("isTemplate").as_bool();
  const auto policy = read_policy(*member(it, "policy"), is_template);
  if (!policy) return refusal(policy.error());
  object answer{{"ok", true}, {"json", policy_document(**policy)}};
  if (const auto text = to_text(**policy)) {
    answer["text"] = *text;
    if (const auto again = parse_policy(*text, "p")) answer["again"] = policy_document(**again);
  }
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

/// The schema of the case, if it has one.
Result<std::optional<Schema>> schema_of(const object& it) {
  const auto document = member(it, "schema");
  if (!document) return std::nullopt;
  return std::optional(TRY(read_schema(*document)));
}

Result<EntityStore> read_entities(std::string_view document, const Schema* schema) {
  return entities_from_json(TRY(codec::parse_json(document)), schema);
}

Json answer_entities(const object& it) {
  const auto schema = schema_of(it);
  if (!schema) return refusal(schema.error());
  return verdict(read_entities(*member(it, "entities"), *schema ? &**schema : nullptr));
}

Result<Value> read_context(const object& it, Arena& arena) {
  const auto schema = TRY(schema_of(it));
  const Json context = TRY(codec::parse_json(*member(it, "context")));
  if (!schema) return context_from_json(arena, context);
  const Json action_json = TRY(codec::parse_json(*member(it, "action")));
  const EntityUid* action = TRY(uid_from_json(action_json, arena, "action"));
  const Value value = TRY(context_from_json(arena, context, &*schema, action));
  TRY_VOID(check_value(value, *schema->find_action(*action)->context, *schema, "context"));
  return value;
}

Json answer_context(const object& it) {
  Arena arena;
  return verdict(read_context(it, arena));
}

// Decisions.

/// Reads what the reference reads as a set of policies: each is either text or JSON.
class PolicySetDocument {
 public:
  static Result<PolicySet> read(std::string_view document) {
    const Json json = TRY(codec::parse_json(document, kPolicyJsonLimits));
    PolicySetDocument reader;
    const object& it = *TRY(as_object(json));
    TRY_VOID(allow_only(it, {"staticPolicies", "templates", "templateLinks"}));
    TRY_VOID(reader.add_all(it, "staticPolicies", false));
    TRY_VOID(reader.add_all(it, "templates", true));
    if (const Json* links = it.if_contains("templateLinks")) {
      if (!links->is_array()) return invalid("links are a list");
      for (const Json& link : links->get_array()) {
        const object* members = TRY(as_object(link));
        TRY_VOID(reader.add_link(*members));
      }
    }
    return std::move(reader.policies_);
  }

 private:
  Result<void> add_all(const object& it, std::string_view name, bool are_templates) {
    const Json* group = it.if_contains(name);
    if (group == nullptr) return {};
    if (group->is_string() && !are_templates) return add_text(view(group->get_string()));
    for (const auto& [id, json] : *TRY(as_object(*group))) {
      auto policy = TRY(read_one(json, id));
      if (policy->has_slot() != are_templates)
        return invalid("a template among policies, or the reverse");
      TRY_VOID(policies_.add(std::move(policy)));
    }
    return {};
  }

  Result<void> add_text(std::string_view text) {
    auto policies = parse_policies(text);
    if (!policies) return std::unexpected(to_error(policies.error()));
    if (!policies->templates().empty()) return invalid("a template among policies");
    return policies_.merge(*std::move(policies));
  }

  static Result<std::unique_ptr<Template>> read_one(const Json& json, std::string_view id) {
    if (!json.is_string()) return policy_from_json(json, id);
    auto policy = parse_policy(view(json.get_string()), id);
    if (!policy) return std::unexpected(to_error(policy.error()));
    return *std::move(policy);
  }

  Result<void> add_link(const object& link) {
    TRY_VOID(allow_only(link, {"templateId", "newId", "values"}));
    const Json* template_json = TRY(get(link, "templateId"));
    const Json* new_json = TRY(get(link, "newId"));
    const Json* slots_json = TRY(get(link, "values"));
    const object* slots = TRY(as_object(*slots_json));
    SlotValues values;
    for (const auto& [slot, json] : *slots) {
      if (slot != "?principal" && slot != "?resource") return invalid("no such slot");
      const EntityUid* uid = TRY(uid_from_json(json, arena_, "values"));
      (slot == "?principal" ? values.principal : values.resource) = uid;
    }
    const std::string_view template_id = TRY(as_text(*template_json));
    const std::string_view new_id = TRY(as_text(*new_json));
    return policies_.link(template_id, new_id, values);
  }

  Arena arena_;
  PolicySet policies_;
};

/// One request of a case: refused, or decided.
class Decider {
 public:
  Decider(const PolicySet& policies, const Schema* schema, const EntityStore& entities,
          bool validates)
      : policies_(policies), schema_(schema), entities_(entities), validates_(validates) {}

  Result<Json> decide(std::string_view document) const {
    const Json json = TRY(codec::parse_json(document));
    const object& it = *TRY(as_object(json));
    TRY_VOID(allow_only(it, {"principal", "action", "resource", "context"}));
    Arena arena;
    Request request{.principal = TRY(read_uid(it, "principal", arena)),
                    .action = TRY(read_uid(it, "action", arena)),
                    .resource = TRY(read_uid(it, "resource", arena))};
    const Json* context = TRY(get(it, "context"));
    request.context = TRY(context_from_json(arena, *context, schema_, request.action));
    if (schema_ != nullptr && validates_) {
      TRY_VOID(validate_request(*schema_, *request.principal, *request.action, *request.resource,
                                request.context));
    }
    return write(authorize(policies_.policies(), request, entities_, arena));
  }

 private:
  static Result<const EntityUid*> read_uid(const object& it, std::string_view name, Arena& arena) {
    const Json* json = TRY(get(it, name));
    return uid_from_json(*json, arena, name);
  }

  static Json write(const Response& response) {
    std::set<std::string> reasons;
    std::set<std::string> errors;
    for (const Policy* policy : response.reasons) reasons.insert(policy->id);
    for (const PolicyError& error : response.errors) errors.insert(error.policy->id);
    return object{{"decision", to_string(response.decision)},
                  {"reasons", array(reasons.begin(), reasons.end())},
                  {"errors", array(errors.begin(), errors.end())}};
  }

  const PolicySet& policies_;
  const Schema* schema_;
  const EntityStore& entities_;
  bool validates_;
};

Json answer_requests(const object& it, const PolicySet& policies, const Schema* schema) {
  const auto entities = read_entities(*member(it, "entities"), schema);
  array answers;
  for (const Json& document : it.at("requests").as_array()) {
    if (!entities) {
      answers.push_back(refusal(entities.error()));
      continue;
    }
    const Decider decider(policies, schema, *entities, it.at("validate").as_bool());
    const auto answer = decider.decide(view(document.as_string()));
    answers.push_back(answer ? *answer : refusal(answer.error()));
  }
  return answers;
}

Json answer_decide(const object& it) {
  const auto policies = PolicySetDocument::read(*member(it, "policies"));
  const auto schema = schema_of(it);
  object answer{{"policies", verdict(policies)}};
  if (member(it, "schema")) answer["schema"] = verdict(schema);
  if (policies && schema) {
    answer["requests"] = answer_requests(it, *policies, *schema ? &**schema : nullptr);
  }
  return answer;
}

/// The ids of the policies with a finding of the kind.
template <typename Is>
array policies_with(const std::vector<PolicyDiagnostic>& findings, Is is) {
  std::set<std::string> ids;
  for (const PolicyDiagnostic& finding : findings) {
    if (is(finding)) ids.insert(finding.policy);
  }
  return array(ids.begin(), ids.end());
}

/// That a scope admits nothing is an error here and a warning there, so it is told apart.
Json answer_validate(const object& it) {
  const auto policies = PolicySetDocument::read(*member(it, "policies"));
  if (!policies) return refusal(policies.error());
  const auto text = member(it, "schema");
  if (!text) return refusal({ErrorCode::kInvalidArgument, "there is no schema"});
  const auto schema = read_schema(*text);
  if (!schema) return refusal(schema.error());
  using Finding = const PolicyDiagnostic&;
  const auto findings = validate(*policies, *schema);
  std::string note;
  for (const PolicyDiagnostic& finding : findings) {
    note += finding.policy + ": " + finding.diagnostic.message + "; ";
  }
  return object{
      {"ok", true},
      {"errors", policies_with(findings,
                               [](Finding f) {
                                 return f.diagnostic.severity == Severity::kError &&
                                        f.code != ValidationCode::kNoEnvironment;
                               })},
      {"inapplicable",
       policies_with(findings, [](Finding f) { return f.code == ValidationCode::kNoEnvironment; })},
      {"impossible",
       policies_with(findings,
                     [](Finding f) { return f.code == ValidationCode::kImpossiblePolicy; })},
      {"suspicious", policies_with(findings,
                                   [](Finding f) {
                                     return f.code == ValidationCode::kBidirectionalText ||
                                            f.code == ValidationCode::kConfusableIdentifier ||
                                            f.code == ValidationCode::kMixedScripts;
                                   })},
      {"note", note}};
}

Json answer(const object& it) {
  const std::string_view op = *member(it, "op");
  if (op == "text") return answer_text(*member(it, "text"));
  if (op == "json") return answer_json(it);
  if (op == "schema") return verdict(read_schema(*member(it, "schema")));
  if (op == "decide") return answer_decide(it);
  if (op == "entities") return answer_entities(it);
  if (op == "context") return answer_context(it);
  if (op == "validate") return answer_validate(it);
  if (op == "format") return answer_format(it);
  if (op == "translate") return answer_translation(it);
  return refusal({ErrorCode::kUnimplemented, "unknown op"});
}

}  // namespace
}  // namespace wardlock::cedar

int main() {
  std::ios::sync_with_stdio(false);
  for (std::string line; std::getline(std::cin, line);) {
    const auto it = wardlock::codec::parse_json(line);
    std::cout << wardlock::codec::to_json_text(it ? wardlock::cedar::answer(it->as_object())
                                                  : wardlock::cedar::refusal(it.error()))
              << '\n'
              << std::flush;
  }
}
