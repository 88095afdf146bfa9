#include "bench/request_draw.h"

#include "base/check.h"
#include "cedar/extension/extension.h"

namespace wardlock::bench {
namespace {

using cedar::EntityUid;
using cedar::Kind;
using cedar::Value;

constexpr std::size_t kKinds = static_cast<std::size_t>(Kind::kIp) + 1;

/// The entities there are of a type; of an enumerated one, those it declares.
std::vector<const EntityUid*> uids_of(const cedar::EntityType& type,
                                      const cedar::EntityStore& entities, Arena& arena) {
  std::vector<const EntityUid*> uids;
  for (const std::string_view id : type.enum_ids) {
    uids.push_back(cedar::make_uid(arena, type.name, id));
  }
  if (type.is_enumerated()) return uids;
  for (const cedar::Entity* entity : entities.entities()) {
    if (entity->uid()->type == type.name) uids.push_back(entity->uid());
  }
  return uids;
}

}  // namespace

RequestDraw::RequestDraw(const cedar::Schema& schema, const cedar::PolicySet& policies,
                         const cedar::EntityStore& entities, Arena& arena, std::uint64_t seed)
    : arena_(arena), generator_(seed), in_entities_(kKinds), in_policies_(kKinds) {
  for (const cedar::ActionType& action : schema.actions()) {
    add_environments(action, schema, entities);
  }
  for (const cedar::Entity* entity : entities.entities()) {
    for (const cedar::Field& field : entity->attributes()) collect(field.value, in_entities_);
  }
  for (const cedar::Policy& policy : policies.policies()) {
    for (const cedar::Condition& condition : policy.body->conditions) collect(*condition.body);
  }
}

void RequestDraw::add_environments(const cedar::ActionType& action, const cedar::Schema& schema,
                                   const cedar::EntityStore& entities) {
  for (const std::string_view principal : action.principals) {
    for (const std::string_view resource : action.resources) {
      Environment environment{&action,
                              uids_of(*schema.find_entity_type(principal), entities, arena_),
                              uids_of(*schema.find_entity_type(resource), entities, arena_)};
      if (environment.principals.empty() || environment.resources.empty()) {
        ++empty_;
      } else {
        environments_.push_back(std::move(environment));
      }
    }
  }
}

void RequestDraw::collect(const Value& value, Pool& pool) {
  if (value.is(Kind::kSet)) {
    for (const Value& member : value.as_set()) collect(member, pool);
  } else if (value.is(Kind::kRecord)) {
    for (const cedar::Field& field : value.as_record()) collect(field.value, pool);
  } else {
    pool[static_cast<std::size_t>(value.kind())].push_back(value);
  }
}

void RequestDraw::collect(const cedar::Expr& expr) {
  if (const auto* literal = std::get_if<cedar::Literal>(&expr.node)) {
    collect(literal->value, in_policies_);
  }
  const auto* call = std::get_if<cedar::ExtensionCall>(&expr.node);
  if (call != nullptr && cedar::call_style(call->function) == cedar::CallStyle::kFunction &&
      call->arguments.size() == 1) {
    const auto* text = std::get_if<cedar::Literal>(&call->arguments.front()->node);
    if (text == nullptr) return;
    if (const auto value = cedar::call_extension(call->function, {&text->value, 1}, arena_)) {
      collect(*value, in_policies_);
    }
    return;
  }
  cedar::for_each_child(expr.node, [&](const cedar::Expr& child) { collect(child); });
}

cedar::Request RequestDraw::draw() {
  CHECK(!environments_.empty());
  const Environment& environment = environments_[below(environments_.size())];
  return {.principal = copy(*environment.principals[below(environment.principals.size())]),
          .action = copy(*environment.action->uid),
          .resource = copy(*environment.resources[below(environment.resources.size())]),
          .context = record_of(*environment.action->context)};
}

const EntityUid* RequestDraw::copy(const EntityUid& uid) {
  return cedar::make_uid(arena_, uid.type, uid.id);
}

Value RequestDraw::record_of(const cedar::Type& type) {
  std::vector<cedar::Field> fields;
  for (const cedar::Attribute& attribute : type.attributes) {
    if (attribute.is_required) fields.push_back({attribute.name, value_of(*attribute.type)});
  }
  return cedar::make_record(arena_, fields);
}

Value RequestDraw::value_of(const cedar::Type& type) {
  if (type.kind == Kind::kRecord) return record_of(type);
  if (type.kind != Kind::kSet) return scalar_of(type);
  std::vector<Value> members;
  for (std::size_t count = below(4); count > 0; --count) members.push_back(value_of(*type.element));
  return cedar::make_set(arena_, members);
}

Value RequestDraw::scalar_of(const cedar::Type& type) {
  const auto kind = static_cast<std::size_t>(type.kind);
  const bool from_policies =
      !in_policies_[kind].empty() && (in_entities_[kind].empty() || below(2) == 1);
  const std::vector<Value>& seen = (from_policies ? in_policies_ : in_entities_)[kind];
  if (type.kind == Kind::kEntity) {
    for (const Value& value : seen) {
      if (value.as_entity().type == type.entity_type) return Value::entity(copy(value.as_entity()));
    }
    return Value::entity(cedar::make_uid(arena_, type.entity_type, "somebody"));
  }
  if (type.kind == Kind::kBool) return Value::boolean(below(2) == 1);
  if (!seen.empty()) return seen[below(seen.size())];
  switch (type.kind) {
    case Kind::kLong: return Value::integer(static_cast<std::int64_t>(below(100)));
    case Kind::kDecimal: return Value::decimal(static_cast<std::int64_t>(below(1'000'000)));
    case Kind::kDatetime:
      return Value::datetime(static_cast<std::int64_t>(below(2'000'000'000)) * 1000);
    case Kind::kDuration: return Value::duration(static_cast<std::int64_t>(below(86'400'000)));
    case Kind::kIp: return Value::ip(arena_.make<cedar::IpAddress>(*cedar::parse_ip("10.0.0.1")));
    default: return Value::string("something");
  }
}

}  // namespace wardlock::bench
