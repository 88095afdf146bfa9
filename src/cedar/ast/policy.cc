#include "cedar/ast/policy.h"

#include <fmt/format.h>

#include <iterator>

namespace wardlock::cedar {
namespace {

const EntityUid* copy_uid(Arena& arena, const EntityUid* uid) {
  return uid == nullptr ? nullptr : make_uid(arena, uid->type, uid->id);
}

Result<void> check_slot(std::string_view slot, bool wanted, bool given) {
  if (wanted && !given) return invalid(fmt::format("the link gives no value for `{}`", slot));
  if (given && !wanted) return invalid(fmt::format("the template has no slot `{}`", slot));
  return {};
}

}  // namespace

std::string_view to_string(Effect effect) {
  return effect == Effect::kPermit ? "permit" : "forbid";
}

std::optional<std::string_view> Template::annotation(std::string_view name) const {
  for (const Annotation& annotation : annotations) {
    if (annotation.name == name) return annotation.value.value_or("");
  }
  return std::nullopt;
}

bool PolicySet::is_taken(std::string_view id) const {
  return policy_index_.contains(id) || template_index_.contains(id);
}

Result<void> PolicySet::add(std::unique_ptr<Template> policy) {
  if (is_taken(policy->id)) {
    return fail(ErrorCode::kAlreadyExists,
                fmt::format("the policy id `{}` occurs twice; ids must be unique", policy->id));
  }
  const Template* body = policy.get();
  bodies_.push_back(std::move(policy));
  if (body->has_slot()) {
    template_index_.emplace(body->id, body);
    templates_.push_back(body);
  } else {
    policy_index_.emplace(body->id, policies_.size());
    policies_.push_back({body->id, body});
  }
  return {};
}

Result<void> PolicySet::link(std::string_view template_id, std::string_view id,
                             const SlotValues& values) {
  const Template* body = find_template(template_id);
  if (body == nullptr) {
    return fail(ErrorCode::kNotFound,
                fmt::format("there is no template `{}` to link", template_id));
  }
  if (is_taken(id)) {
    return fail(ErrorCode::kAlreadyExists,
                fmt::format("the policy id `{}` occurs twice; ids must be unique", id));
  }
  TRY_VOID(check_slot("?principal", body->principal.has_slot(), values.principal != nullptr));
  TRY_VOID(check_slot("?resource", body->resource.has_slot(), values.resource != nullptr));
  auto arena = std::make_unique<Arena>(256);
  policy_index_.emplace(id, policies_.size());
  policies_.push_back({std::string(id), body, copy_uid(*arena, values.principal),
                       copy_uid(*arena, values.resource)});
  link_arenas_.push_back(std::move(arena));
  return {};
}

Result<void> PolicySet::merge(PolicySet other) {
  const auto check = [this](std::string_view id) -> Result<void> {
    if (!is_taken(id)) return {};
    return fail(ErrorCode::kAlreadyExists,
                fmt::format("the policy id `{}` occurs twice; ids must be unique", id));
  };
  for (const Policy& policy : other.policies_) TRY_VOID(check(policy.id));
  for (const Template* body : other.templates_) TRY_VOID(check(body->id));
  for (const auto& [id, index] : other.policy_index_) {
    policy_index_.emplace(id, index + policies_.size());
  }
  std::ranges::move(other.bodies_, std::back_inserter(bodies_));
  std::ranges::move(other.link_arenas_, std::back_inserter(link_arenas_));
  std::ranges::move(other.policies_, std::back_inserter(policies_));
  std::ranges::copy(other.templates_, std::back_inserter(templates_));
  template_index_.merge(other.template_index_);
  return {};
}

const Template* PolicySet::find_template(std::string_view id) const {
  const auto it = template_index_.find(id);
  return it == template_index_.end() ? nullptr : it->second;
}

const Policy* PolicySet::find_policy(std::string_view id) const {
  const auto it = policy_index_.find(id);
  return it == policy_index_.end() ? nullptr : &policies_[it->second];
}

}  // namespace wardlock::cedar
