#include "explain/words.h"

#include <fmt/format.h>

#include "cedar/ast/policy_text.h"
#include "cedar/trace/short_text.h"

namespace wardlock::explain {

using cedar::EntityUid;
using cedar::Expr;
using cedar::Part;

namespace {

constexpr std::size_t kMaxNeed = 300;  ///< bytes
constexpr std::size_t kMaxCedar = 300;
constexpr std::size_t kMaxDoc = 160;

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
char to_lower(char c) { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; }

/// Whether a new word begins at `i`.
bool begins_word(std::string_view name, std::size_t i) {
  if (i == 0 || !is_upper(name[i])) return false;
  const bool ends_acronym = i + 1 < name.size() && is_lower(name[i + 1]);
  return !is_upper(name[i - 1]) || ends_acronym;
}

/// Whether the capital at `i` belongs to an acronym and stays.
bool is_in_acronym(std::string_view name, std::size_t i) {
  const bool before = i > 0 && is_upper(name[i - 1]);
  const bool after = i + 1 < name.size() && is_upper(name[i + 1]);
  return (before || after) && !(i + 1 < name.size() && is_lower(name[i + 1]));
}

/// Hides the ids of uids that the viewer may not see.
void hide_ids(const Expr& expr, const Viewer& viewer, std::string& text) {
  if (const auto* literal = std::get_if<cedar::Literal>(&expr.node)) {
    if (!literal->value.is(cedar::Kind::kEntity)) return;
    const EntityUid& uid = literal->value.as_entity();
    if (viewer.names(uid)) return;
    const std::string whole = to_text(uid), hidden = viewer.uid_text(uid);
    for (std::size_t at = 0; (at = text.find(whole, at)) != std::string::npos;) {
      text.replace(at, whole.size(), hidden);
      at += hidden.size();
    }
    return;
  }
  cedar::for_each_child(expr.node, [&](const Expr& child) { hide_ids(child, viewer, text); });
}

}  // namespace

std::string words_of(std::string_view name) {
  std::string words;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const bool is_separator = name[i] == '_' || name[i] == '-' || name[i] == ' ';
    const bool is_new = is_separator || begins_word(name, i);
    if (is_new && !words.empty() && words.back() != ' ') words += ' ';
    if (!is_separator) words += is_in_acronym(name, i) ? name[i] : to_lower(name[i]);
  }
  return cedar::clip(words, 64);
}

std::string_view last_component(std::string_view type) {
  const std::size_t at = type.rfind("::");
  return at == std::string_view::npos ? type : type.substr(at + 2);
}

std::string with_article(std::string_view words) {
  const bool is_vowel = !words.empty() && std::string_view("aeioAEIO").contains(words.front());
  return fmt::format("{} {}", is_vowel ? "an" : "a", words);
}

Words::Words(const cedar::Schema* schema, const cedar::Request& request, const Viewer& viewer)
    : schema_(schema), request_(request), viewer_(viewer) {
  const std::string principal = words_of(last_component(request.principal->type));
  const std::string resource = words_of(last_component(request.resource->type));
  if (principal == resource) {
    principal_ = fmt::format("the asking {}", principal);
    resource_ = fmt::format("the {} asked about", resource);
  } else {
    principal_ = "the " + principal;
    resource_ = "the " + resource;
  }
}

std::string Words::entity(const EntityUid& uid) const {
  const std::string type = words_of(last_component(uid.type));
  return viewer_.names(uid) ? fmt::format("the {} {}", type, cedar::clip(uid.id, 64))
                            : fmt::format("a certain {} (not shown)", type);
}

std::string Words::need(const cedar::Policy& policy, const Part& part, bool value) const {
  const cedar::Template& body = *policy.body;
  switch (part.kind) {
    case Part::Kind::kPrincipal:
      return cedar::clip(scope_need(body.principal, policy.principal_slot, true), kMaxNeed);
    case Part::Kind::kAction: return cedar::clip(action_need(body.action), kMaxNeed);
    case Part::Kind::kResource:
      return cedar::clip(scope_need(body.resource, policy.resource_slot, false), kMaxNeed);
    case Part::Kind::kCondition: break;
  }
  const std::string text = cedar::clip(statement(*part.expr, value), kMaxNeed);
  std::string_view doc = find_doc(*part.expr);
  while (doc.ends_with('.')) doc.remove_suffix(1);
  return doc.empty() ? text : fmt::format("{} ({})", text, cedar::clip(doc, kMaxDoc));
}

std::string Words::scope_need(const cedar::ScopeConstraint& scope, const EntityUid* slot,
                              bool is_principal) const {
  using Op = cedar::ScopeConstraint::Op;
  const std::string& who = is_principal ? principal_ : resource_;
  const EntityUid* wanted = scope.entity != nullptr ? scope.entity : slot;
  if (wanted == nullptr && scope.has_slot()) {
    return fmt::format("the rule is linked for {}", who);
  }
  const std::string type = scope.type.empty() ? "" : words_of(last_component(scope.type));
  switch (scope.op) {
    case Op::kAny: break;
    case Op::kEqual: return fmt::format("{} is {}", who, entity(*wanted));
    case Op::kIn: return fmt::format("{} is in {}", who, entity(*wanted));
    case Op::kIs:
    case Op::kIsIn: {
      std::string text = is_principal
                             ? fmt::format("who asks is {}", with_article(type))
                             : fmt::format("what is asked about is {}", with_article(type));
      if (scope.op == Op::kIsIn) text += fmt::format(" in {}", entity(*wanted));
      return text;
    }
  }
  return "always holds";
}

std::string Words::action_need(const cedar::ActionConstraint& scope) const {
  std::string text;
  constexpr std::size_t kMost = 8;
  for (std::size_t i = 0; i < scope.actions.size(); ++i) {
    if (i == kMost) {
      text += fmt::format(" or {} more", scope.actions.size() - i);
      break;
    }
    text += fmt::format("{}{}", i == 0 ? "" : " or ", words_of(scope.actions[i]->id));
  }
  const bool is_equal = scope.op == cedar::ActionConstraint::Op::kEqual;
  return fmt::format("the action is {}{}", is_equal ? "" : "in ", text);
}

std::string Words::scope_text(const cedar::ScopeConstraint& scope, const EntityUid* slot,
                              bool is_principal) const {
  using Op = cedar::ScopeConstraint::Op;
  const std::string_view variable = is_principal ? "principal" : "resource";
  const EntityUid* wanted = scope.entity != nullptr ? scope.entity : slot;
  const std::string target =
      wanted != nullptr ? viewer_.uid_text(*wanted) : fmt::format("?{}", variable);
  switch (scope.op) {
    case Op::kAny: break;
    case Op::kEqual: return fmt::format("{} == {}", variable, target);
    case Op::kIn: return fmt::format("{} in {}", variable, target);
    case Op::kIs: return fmt::format("{} is {}", variable, scope.type);
    case Op::kIsIn: return fmt::format("{} is {} in {}", variable, scope.type, target);
  }
  return std::string(variable);
}

std::string Words::action_text(const cedar::ActionConstraint& scope) const {
  if (scope.op == cedar::ActionConstraint::Op::kEqual) {
    return fmt::format("action == {}", cedar::to_short_text(*scope.actions.front()));
  }
  std::string text;
  for (const EntityUid* action : scope.actions) {
    text += (text.empty() ? "" : ", ") + cedar::to_short_text(*action);
    if (text.size() > kMaxCedar) break;
  }
  return scope.is_list ? fmt::format("action in [{}]", text) : fmt::format("action in {}", text);
}

std::string Words::cedar_text(const cedar::Policy& policy, const Part& part) const {
  const cedar::Template& body = *policy.body;
  switch (part.kind) {
    case Part::Kind::kPrincipal:
      return cedar::clip(scope_text(body.principal, policy.principal_slot, true), kMaxCedar);
    case Part::Kind::kAction: return cedar::clip(action_text(body.action), kMaxCedar);
    case Part::Kind::kResource:
      return cedar::clip(scope_text(body.resource, policy.resource_slot, false), kMaxCedar);
    case Part::Kind::kCondition: break;
  }
  return cedar_text(*part.expr);
}

std::string Words::cedar_text(const Expr& expr) const {
  const auto text = cedar::to_text(expr);
  if (!text) return "a condition that has no text";
  std::string shown = *text;
  hide_ids(expr, viewer_, shown);
  return cedar::clip(shown, kMaxCedar);
}

std::string Words::code(const Expr& expr) const { return fmt::format("`{}`", cedar_text(expr)); }

// ---- What the schema knows

Words::Known Words::known(const Expr& expr) const {
  if (schema_ == nullptr) return {};
  if (const auto* variable = std::get_if<cedar::Variable>(&expr.node)) {
    switch (*variable) {
      case cedar::Variable::kPrincipal: return {nullptr, request_.principal->type};
      case cedar::Variable::kResource: return {nullptr, request_.resource->type};
      case cedar::Variable::kAction: return {nullptr, request_.action->type};
      case cedar::Variable::kContext: break;
    }
    const cedar::ActionType* action = schema_->find_action(*request_.action);
    return {action == nullptr ? nullptr : action->context, {}};
  }
  const cedar::Type* type = nullptr;
  if (const auto* get = std::get_if<cedar::GetAttr>(&expr.node)) {
    const cedar::Attribute* found = attribute(*get->target, get->name);
    type = found == nullptr ? nullptr : found->type;
  } else if (const auto* e = std::get_if<cedar::BinaryExpr>(&expr.node)) {
    if (e->op != cedar::BinaryOp::kGetTag) return {};
    const cedar::EntityType* entity = schema_->find_entity_type(known(*e->left).entity_type);
    type = entity == nullptr ? nullptr : entity->tags;
  }
  return type == nullptr ? Known{} : Known{type, type->entity_type};
}

const cedar::Attribute* Words::attribute(const Expr& target, std::string_view name) const {
  const Known holder = known(target);
  const cedar::Type* record = holder.type;
  if (!holder.entity_type.empty()) {
    const cedar::EntityType* entity = schema_->find_entity_type(holder.entity_type);
    record = entity == nullptr ? nullptr : entity->shape;
  }
  return record == nullptr ? nullptr : record->find_attribute(name);
}

bool Words::is_time(const Expr& expr) const {
  if (const auto* call = std::get_if<cedar::ExtensionCall>(&expr.node)) {
    using Function = cedar::ExtensionFunction;
    return call->function == Function::kDatetime || call->function == Function::kOffset ||
           call->function == Function::kToDate || call->function == Function::kToTime;
  }
  if (const cedar::Type* type = known(expr).type) return type->kind == cedar::Kind::kDatetime;
  const auto* get = std::get_if<cedar::GetAttr>(&expr.node);
  const auto* variable =
      get == nullptr ? nullptr : std::get_if<cedar::Variable>(&get->target->node);
  return variable != nullptr && *variable == cedar::Variable::kContext && get->name == "now";
}

bool Words::is_of_record(const Expr& target) const {
  if (const cedar::Type* type = known(target).type) return type->kind == cedar::Kind::kRecord;
  const auto* get = std::get_if<cedar::GetAttr>(&target.node);
  if (get == nullptr || schema_ != nullptr) return false;
  const auto* variable = std::get_if<cedar::Variable>(&get->target->node);
  return variable != nullptr && *variable == cedar::Variable::kContext;
}

std::string_view Words::find_doc(const Expr& expr) const {
  const cedar::Attribute* found = nullptr;
  if (const auto* get = std::get_if<cedar::GetAttr>(&expr.node)) {
    found = attribute(*get->target, get->name);
  } else if (const auto* has = std::get_if<cedar::HasAttr>(&expr.node)) {
    if (has->path.size() == 1) found = attribute(*has->target, has->path.front());
  }
  if (found != nullptr) {
    if (const auto doc = cedar::find_annotation(found->annotations, "doc")) return *doc;
  }
  std::string_view doc;
  cedar::for_each_child(expr.node, [&](const Expr& child) {
    if (doc.empty()) doc = find_doc(child);
  });
  return doc;
}

}  // namespace wardlock::explain
