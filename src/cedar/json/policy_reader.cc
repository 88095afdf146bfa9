#include <fmt/format.h>

#include <vector>

#include "cedar/ast/names.h"
#include "cedar/json/expr_reader.h"
#include "cedar/json/policy_json.h"

namespace wardlock::cedar {
namespace {

std::string_view key_of(const boost::json::key_value_pair& member) {
  return {member.key().data(), member.key().size()};
}

/// Reads one policy into the template that will own it.
class PolicyReader {
 public:
  PolicyReader(Template& policy, const ParseLimits& limits) : policy_(policy), limits_(limits) {}

  Result<void> read(const codec::Json& json, const JsonPath& path);

 private:
  Result<void> read_effect(std::string_view effect, const JsonPath& path);
  Result<ScopeConstraint> read_scope(const codec::Json& json, const JsonPath& path,
                                     std::string_view slot);
  Result<void> read_target(const Fields& fields, const JsonPath& path, std::string_view slot,
                           ScopeConstraint& scope);
  Result<ScopeConstraint> read_is(const Fields& fields, const JsonPath& path,
                                  std::string_view slot);
  Result<ActionConstraint> read_action(const codec::Json& json, const JsonPath& path);
  Result<const EntityUid*> read_action_uid(const codec::Json& json, const JsonPath& path);
  Result<void> read_conditions(const boost::json::array& array, const JsonPath& path);
  Result<Condition> read_condition(const codec::Json& json, const JsonPath& path);
  Result<void> read_annotations(const codec::Json& json, const JsonPath& path);

  Arena& arena() { return *policy_.arena; }

  Template& policy_;
  const ParseLimits& limits_;
};

Result<void> PolicyReader::read(const codec::Json& json, const JsonPath& path) {
  const Fields fields = TRY(Fields::of(json, path));
  TRY_VOID(fields.allow_only(
      {"effect", "principal", "action", "resource", "conditions", "annotations"}));
  const std::string_view effect = TRY(fields.get_string("effect"));
  TRY_VOID(read_effect(effect, JsonPath(path, "effect")));
  const codec::Json* principal = TRY(fields.get("principal"));
  policy_.principal = TRY(read_scope(*principal, JsonPath(path, "principal"), "?principal"));
  const codec::Json* action = TRY(fields.get("action"));
  policy_.action = TRY(read_action(*action, JsonPath(path, "action")));
  const codec::Json* resource = TRY(fields.get("resource"));
  policy_.resource = TRY(read_scope(*resource, JsonPath(path, "resource"), "?resource"));
  const boost::json::array* conditions = TRY(fields.get_array("conditions"));
  TRY_VOID(read_conditions(*conditions, JsonPath(path, "conditions")));
  if (const codec::Json* annotations = fields.find("annotations")) {
    TRY_VOID(read_annotations(*annotations, JsonPath(path, "annotations")));
  }
  return {};
}

Result<void> PolicyReader::read_effect(std::string_view effect, const JsonPath& path) {
  if (effect != "permit" && effect != "forbid") {
    return path.invalid(fmt::format("unknown effect `{}`; expected `permit` or `forbid`", effect));
  }
  policy_.effect = effect == "permit" ? Effect::kPermit : Effect::kForbid;
  return {};
}

/// Keys that an operator does not use are ignored, as Cedar ignores them, except under `is`.
Result<ScopeConstraint> PolicyReader::read_scope(const codec::Json& json, const JsonPath& path,
                                                 std::string_view slot) {
  const Fields fields = TRY(Fields::of(json, path));
  const std::string_view op = TRY(fields.get_string("op"));
  ScopeConstraint scope;
  if (op == "All" || op == "all") return scope;
  if (op == "is") return read_is(fields, path, slot);
  if (op != "==" && op != "in") {
    return JsonPath(path, "op")
        .invalid(fmt::format("unknown operator `{}`; expected `All`, `==`, `in` or `is`", op));
  }
  scope.op = op == "==" ? ScopeConstraint::Op::kEqual : ScopeConstraint::Op::kIn;
  TRY_VOID(read_target(fields, path, slot, scope));
  return scope;
}

/// What `==` or `in` compares with: `entity`, or else `slot`.
Result<void> PolicyReader::read_target(const Fields& fields, const JsonPath& path,
                                       std::string_view slot, ScopeConstraint& scope) {
  if (const codec::Json* entity = fields.find("entity")) {
    scope.entity = TRY(read_uid(*entity, JsonPath(path, "entity"), arena()));
    return {};
  }
  if (fields.find("slot") == nullptr) return path.invalid("expected the key `entity` or `slot`");
  const std::string_view name = TRY(fields.get_string("slot"));
  if (name == slot) return {};
  return JsonPath(path, "slot")
      .invalid(fmt::format("the slot `{}` cannot stand here; expected `{}`", name, slot));
}

Result<ScopeConstraint> PolicyReader::read_is(const Fields& fields, const JsonPath& path,
                                              std::string_view slot) {
  TRY_VOID(fields.allow_only({"op", "entity_type", "in"}));
  ScopeConstraint scope;
  scope.op = ScopeConstraint::Op::kIs;
  const std::string_view type = TRY(fields.get_string("entity_type"));
  scope.type = TRY(read_type_name(type, JsonPath(path, "entity_type"), arena()));
  const codec::Json* in = fields.find("in");
  if (in == nullptr || in->is_null()) return scope;
  const JsonPath in_path(path, "in");
  scope.op = ScopeConstraint::Op::kIsIn;
  const Fields in_fields = TRY(Fields::of(*in, in_path));
  TRY_VOID(read_target(in_fields, in_path, slot, scope));
  return scope;
}

Result<ActionConstraint> PolicyReader::read_action(const codec::Json& json, const JsonPath& path) {
  const Fields fields = TRY(Fields::of(json, path));
  const std::string_view op = TRY(fields.get_string("op"));
  ActionConstraint scope;
  if (op == "All" || op == "all") return scope;
  if (op != "==" && op != "in") {
    return JsonPath(path, "op")
        .invalid(fmt::format("unknown operator `{}`; expected `All`, `==` or `in`", op));
  }
  scope.op = op == "==" ? ActionConstraint::Op::kEqual : ActionConstraint::Op::kIn;
  std::vector<const EntityUid*> actions;
  if (const codec::Json* entity = fields.find("entity")) {
    actions.push_back(TRY(read_action_uid(*entity, JsonPath(path, "entity"))));
  } else if (op == "==") {
    return path.invalid("expected the key `entity`; actions have no slots");
  } else {
    const JsonPath list_path(path, "entities");
    const boost::json::array& entities = *TRY(fields.get_array("entities"));
    if (entities.size() > limits_.max_members) {
      return list_path.invalid(
          fmt::format("more than {} actions; group them", limits_.max_members));
    }
    scope.is_list = true;
    for (std::size_t i = 0; i < entities.size(); ++i) {
      actions.push_back(TRY(read_action_uid(entities[i], JsonPath(list_path, i))));
    }
  }
  scope.actions = arena().copy(actions);
  return scope;
}

Result<const EntityUid*> PolicyReader::read_action_uid(const codec::Json& json,
                                                       const JsonPath& path) {
  const EntityUid* uid = TRY(read_uid(json, path, arena()));
  if (is_action_type(uid->type)) return uid;
  return path.invalid(
      fmt::format("`{}` is not an action; its type must end in `Action`", to_text(*uid)));
}

Result<void> PolicyReader::read_conditions(const boost::json::array& array, const JsonPath& path) {
  std::vector<Condition> conditions;
  for (std::size_t i = 0; i < array.size(); ++i) {
    conditions.push_back(TRY(read_condition(array[i], JsonPath(path, i))));
  }
  policy_.conditions = arena().copy(conditions);
  return {};
}

Result<Condition> PolicyReader::read_condition(const codec::Json& json, const JsonPath& path) {
  const Fields fields = TRY(Fields::of(json, path));
  TRY_VOID(fields.allow_only({"kind", "body"}));
  const std::string_view kind = TRY(fields.get_string("kind"));
  if (kind != "when" && kind != "unless") {
    return JsonPath(path, "kind")
        .invalid(fmt::format("unknown condition `{}`; expected `when` or `unless`", kind));
  }
  const codec::Json* body = TRY(fields.get("body"));
  ExprReader reader(arena(), limits_);
  return Condition{kind == "unless", TRY(reader.read(*body, JsonPath(path, "body")))};
}

/// A null value stands for `@name` alone.
Result<void> PolicyReader::read_annotations(const codec::Json& json, const JsonPath& path) {
  const Fields fields = TRY(Fields::of(json, path));
  std::vector<Annotation> annotations;
  for (const auto& member : fields.object()) {
    const std::string_view name = key_of(member);
    const JsonPath value_path(path, name);
    if (!is_word(name)) {
      return path.invalid(fmt::format("`{}` is not an annotation key; write an identifier", name));
    }
    std::optional<std::string_view> value;
    if (!member.value().is_null()) {
      value = arena().copy(TRY(as_string(member.value(), value_path)));
    }
    annotations.push_back({arena().copy(name), value});
  }
  policy_.annotations = arena().copy(annotations);
  return {};
}

Result<std::unique_ptr<Template>> read_policy(const codec::Json& json, std::string_view id,
                                              const JsonPath& path, const ParseLimits& limits) {
  auto policy = std::make_unique<Template>();
  policy->id = id;
  TRY_VOID(PolicyReader(*policy, limits).read(json, path));
  return policy;
}

/// Adds what `staticPolicies` or `templates` holds.
Result<void> read_bodies(const codec::Json& json, const JsonPath& path, bool templates,
                         const ParseLimits& limits, PolicySet& policies) {
  const Fields fields = TRY(Fields::of(json, path));
  for (const auto& member : fields.object()) {
    const JsonPath body_path(path, key_of(member));
    auto policy = TRY(read_policy(member.value(), key_of(member), body_path, limits));
    if (policy->has_slot() != templates) {
      return body_path.invalid(templates
                                   ? "a policy without slots belongs under `staticPolicies`"
                                   : "a policy with slots is a template; move it to `templates`");
    }
    if (auto added = policies.add(std::move(policy)); !added) {
      return body_path.invalid(added.error().message);
    }
  }
  return {};
}

Result<void> read_link(const codec::Json& json, const JsonPath& path, PolicySet& policies) {
  const Fields fields = TRY(Fields::of(json, path));
  TRY_VOID(fields.allow_only({"templateId", "newId", "values"}));
  const std::string_view template_id = TRY(fields.get_string("templateId"));
  const std::string_view id = TRY(fields.get_string("newId"));
  const JsonPath values_path(path, "values");
  const codec::Json* values_json = TRY(fields.get("values"));
  const Fields values = TRY(Fields::of(*values_json, values_path));
  TRY_VOID(values.allow_only({"?principal", "?resource"}));
  Arena arena(256);
  SlotValues slots;
  if (const codec::Json* uid = values.find("?principal")) {
    slots.principal = TRY(read_uid(*uid, JsonPath(values_path, "?principal"), arena));
  }
  if (const codec::Json* uid = values.find("?resource")) {
    slots.resource = TRY(read_uid(*uid, JsonPath(values_path, "?resource"), arena));
  }
  if (auto linked = policies.link(template_id, id, slots); !linked) {
    return path.invalid(linked.error().message);
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Template>> policy_from_json(const codec::Json& json, std::string_view id,
                                                   const ParseLimits& limits) {
  return read_policy(json, id, JsonPath(), limits);
}

Result<PolicySet> policy_set_from_json(const codec::Json& json, const ParseLimits& limits) {
  const JsonPath root;
  const Fields fields = TRY(Fields::of(json, root));
  TRY_VOID(fields.allow_only({"staticPolicies", "templates", "templateLinks"}));
  PolicySet policies;
  if (const codec::Json* bodies = fields.find("staticPolicies")) {
    TRY_VOID(read_bodies(*bodies, JsonPath(root, "staticPolicies"), false, limits, policies));
  }
  if (const codec::Json* bodies = fields.find("templates")) {
    TRY_VOID(read_bodies(*bodies, JsonPath(root, "templates"), true, limits, policies));
  }
  if (fields.find("templateLinks") == nullptr) return policies;
  const JsonPath links_path(root, "templateLinks");
  const boost::json::array& links = *TRY(fields.get_array("templateLinks"));
  for (std::size_t i = 0; i < links.size(); ++i) {
    TRY_VOID(read_link(links[i], JsonPath(links_path, i), policies));
  }
  return policies;
}

}  // namespace wardlock::cedar
