#include "compare/decisions/roles.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace wardlock::compare {
namespace {

using cedar::EntityUid;
using Op = cedar::ScopeConstraint::Op;

/// Questions may name any type; a table of so many roles helps nobody.
constexpr std::size_t kMostNames = 10'000;
const std::string kOtherNames = "others";

bool are_equal(const EntityUid* a, const EntityUid* b) { return *a == *b; }

}  // namespace

const EntityUid* principal_group(const cedar::Policy& policy) {
  const cedar::ScopeConstraint& scope = policy.body->principal;
  if (scope.op != Op::kIn && scope.op != Op::kIsIn) return nullptr;
  return scope.entity != nullptr ? scope.entity : policy.principal_slot;
}

Roles::Roles(const pdp::Snapshot& one, const pdp::Snapshot& other,
             const cedar::EntityStore& members)
    : members_(&members) {
  for (const pdp::Snapshot* snapshot : {&one, &other}) {
    for (const cedar::Policy& policy : snapshot->policies().policies()) {
      const EntityUid* group = principal_group(policy);
      if (group != nullptr) groups_.push_back(group);
    }
  }
  std::ranges::sort(groups_, {}, [](const EntityUid* uid) { return to_text(*uid); });
  const auto again = std::ranges::unique(groups_, are_equal);
  groups_.erase(again.begin(), again.end());
}

void Roles::look_in(const cedar::EntityStore& members) {
  members_ = &members;
  known_.clear();
}

bool Roles::is_in(const EntityUid& one, const EntityUid& other) const {
  const cedar::Entity* entity = members_->find(one);
  return entity != nullptr && members_->has_ancestor(*entity, other);
}

std::string Roles::describe(const cedar::Entity& entity) const {
  std::vector<const EntityUid*> in;
  for (const EntityUid* group : groups_) {
    if (members_->has_ancestor(entity, *group)) in.push_back(group);
  }
  std::vector<std::string> names;
  for (const EntityUid* group : in) {
    const bool is_wider =
        std::ranges::any_of(in, [&](const EntityUid* other) { return is_in(*other, *group); });
    if (!is_wider) names.push_back(to_text(*group));
  }
  return names.empty() ? std::string(entity.uid()->type)
                       : fmt::format("{}", fmt::join(names, ", "));
}

std::uint32_t Roles::place_of(const std::string& name) {
  const auto known = places_.find(name);
  if (known != places_.end()) return known->second;
  if (names_.size() == kMostNames && name != kOtherNames) return place_of(kOtherNames);
  names_.push_back(name);
  return places_.emplace(name, static_cast<std::uint32_t>(names_.size() - 1)).first->second;
}

std::uint32_t Roles::find(std::string_view type, std::string_view id) {
  const cedar::Entity* entity = members_->find({type, id, cedar::hash_uid(type, id)});
  if (entity == nullptr) return place_of(std::string(type));
  const auto known = known_.find(entity);
  if (known != known_.end()) return known->second;
  const std::uint32_t place = place_of(describe(*entity));
  known_.emplace(entity, place);
  return place;
}

}  // namespace wardlock::compare
