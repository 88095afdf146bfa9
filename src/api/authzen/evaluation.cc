#include "api/authzen/evaluation.h"

#include <fmt/format.h>

#include "base/identifier.h"

namespace wardlock::authzen {
namespace {

using boost::json::array;
using boost::json::object;
using codec::Json;

/// The member, or null when it is absent or JSON's null.
/// Each is compared with those of the policies, for every policy.
constexpr std::size_t kMaxObligations = 256;

const Json* find(const object& parent, std::string_view key) {
  const Json* value = parent.if_contains(key);
  return value == nullptr || value->is_null() ? nullptr : value;
}

std::string path_of(std::string_view where, std::string_view key) {
  return where.empty() ? std::string(key) : fmt::format("{}.{}", where, key);
}

Result<const object*> optional_object(const object& parent, std::string_view where,
                                      std::string_view key) {
  const Json* value = find(parent, key);
  if (value == nullptr) return nullptr;
  if (!value->is_object()) {
    return invalid(fmt::format("`{}` must be an object", path_of(where, key)));
  }
  return &value->get_object();
}

Result<const object*> required_object(const object& parent, std::string_view key) {
  const object* found = TRY(optional_object(parent, "", key));
  if (found == nullptr) return invalid(fmt::format("`{}` is missing", key));
  return found;
}

/// A text that identifies something. Characters that make one look like another are refused, and
/// so is the empty text: it is what an unset variable becomes.
Result<std::string_view> identifier(const object& parent, std::string_view where,
                                    std::string_view key) {
  const Json* value = find(parent, key);
  if (value == nullptr) return invalid(fmt::format("`{}` is missing", path_of(where, key)));
  if (!value->is_string()) {
    return invalid(fmt::format("`{}` must be a string", path_of(where, key)));
  }
  const std::string_view text = value->get_string();
  if (text.empty()) return invalid(fmt::format("`{}` is empty", path_of(where, key)));
  if (const auto fault = find_identifier_fault(text)) {
    return invalid(fmt::format("`{}` {}", path_of(where, key), *fault));
  }
  return text;
}

Result<pdp::DescribedEntity> entity(const object& parent, std::string_view key) {
  const object* described = TRY(required_object(parent, key));
  pdp::DescribedEntity entity;
  entity.type = TRY(identifier(*described, key, "type"));
  entity.id = TRY(identifier(*described, key, "id"));
  entity.properties = TRY(optional_object(*described, key, "properties"));
  return entity;
}

Result<std::vector<std::string>> obligations(const object& options) {
  std::vector<std::string> names;
  const Json* value = find(options, "obligations");
  if (value == nullptr) return names;
  const array* list = value->if_array();
  if (list == nullptr) return invalid("`options.obligations` must be a list of strings");
  if (list->size() > kMaxObligations) {
    return invalid(fmt::format("`options.obligations` names more than {}", kMaxObligations));
  }
  for (const Json& name : *list) {
    if (!name.is_string()) return invalid("`options.obligations` must be a list of strings");
    names.emplace_back(name.get_string());
  }
  return names;
}

Result<void> read_options(const object& options, Evaluation& evaluation) {
  if (const Json* reasons = find(options, "reasons")) {
    if (!reasons->is_bool()) return invalid("`options.reasons` must be true or false");
    evaluation.wants_reasons = reasons->get_bool();
  }
  if (find(options, "grant") != nullptr) {
    evaluation.access.grant = TRY(identifier(options, "options", "grant"));
  }
  evaluation.access.supported_obligations = TRY(obligations(options));
  return {};
}

void add_list(std::string_view key, const std::vector<std::string>& texts, object& out) {
  if (!texts.empty()) out.emplace(key, array(texts.begin(), texts.end()));
}

}  // namespace

Result<Evaluation> parse_evaluation(const Json& json) {
  const object* request = json.if_object();
  if (request == nullptr) return invalid("the body must be a JSON object");
  Evaluation evaluation;
  pdp::AccessRequest& access = evaluation.access;
  access.principal = TRY(entity(*request, "subject"));
  const object* action = TRY(required_object(*request, "action"));
  access.action = TRY(identifier(*action, "action", "name"));
  access.action_properties = TRY(optional_object(*action, "action", "properties"));
  access.resource = TRY(entity(*request, "resource"));
  access.context = TRY(optional_object(*request, "", "context"));
  if (const object* options = TRY(optional_object(*request, "", "options"))) {
    TRY_VOID(read_options(*options, evaluation));
  }
  return evaluation;
}

std::string to_reply_text(const pdp::AccessDecision& decision, const Evaluation& evaluation,
                          const pdp::Snapshot& snapshot, std::string_view decision_id) {
  object context;
  context.emplace("decision_id", decision_id);
  context.emplace("cause", to_string(decision.cause));
  add_list("policies", decision.policies, context);
  if (evaluation.wants_reasons) {
    add_list("reasons", decision.reasons, context);
    add_list("errors", decision.errors, context);
  }
  add_list("obligations", decision.obligations, context);
  if (decision.grant) context.emplace("override", *decision.grant);
  if (decision.is_override_possible) context.emplace("override_possible", true);
  add_list("notes", decision.notes, context);
  context.emplace("revision", snapshot.revision);
  context.emplace("policy_set", snapshot.policy_set);
  return codec::to_json_text(
      object{{"decision", decision.is_allowed}, {"context", std::move(context)}});
}

}  // namespace wardlock::authzen
