#include "directory/ldap/apply.h"

#include <algorithm>
#include <span>

namespace wardlock::directory {
namespace {

using Step = PersonPlan::Step;

/// In one transaction: few enough that who waits to write does not notice.
constexpr std::size_t kBatch = 50;

Result<void> take_steps(Edit& edit, const Thing& person, Step step) {
  const auto go = [&](std::string_view state) -> Result<void> {
    TRY(edit.set_state(person.id, std::nullopt, state));
    return {};
  };
  switch (step) {
    case Step::kAdd:
    case Step::kChange: return {};
    case Step::kSuspend:
      if (person.state == "invited") TRY_VOID(go("active"));
      return go("suspended");
    case Step::kResume: return go("active");
    case Step::kLeave: return go("left");
    case Step::kReturn: TRY_VOID(go("invited")); return go("active");
  }
  return {};
}

Result<void> apply_roles(Edit& edit, const PersonPlan& one, const std::string& person,
                         const LdapPeople& people) {
  for (const std::string& name : one.roles_taken) {
    const auto& holders = people.roles.at(name).holders;
    const auto held = holders.find(person);
    if (held != holders.end()) TRY_VOID(edit.end(held->second.relation));
  }
  for (const std::string& name : one.roles_given) {
    TRY(edit.relate({.relation = Relation::kRoleAssignment,
                     .subject = person,
                     .object = people.roles.at(name).id}));
  }
  return {};
}

Result<void> apply_one(Edit& edit, const PersonPlan& one, const LdapPeople& people) {
  if (!one.before) {
    const Thing added = TRY(edit.create(Kind::kPerson, one.document, "active"));
    return apply_roles(edit, one, added.id, people);
  }
  const Thing changed = TRY(edit.change(one.before->id, one.before->version, one.document));
  if (changed.state != one.before->state) {
    return fail(ErrorCode::kAborted, "somebody else changed the person meanwhile");
  }
  // Who leaves loses all roles by that; who comes back, or stays, has those of the groups.
  TRY_VOID(take_steps(edit, changed, one.step));
  if (one.step == Step::kLeave) return {};
  return apply_roles(edit, one, changed.id, people);
}

/// Whether the database itself is at fault, so that others would fare no better.
bool ends_all(ErrorCode code) {
  return code == ErrorCode::kUnavailable || code == ErrorCode::kUnknown ||
         code == ErrorCode::kDataLoss || code == ErrorCode::kInternal;
}

}  // namespace

Result<std::uint64_t> apply_plan(LdapPlan& plan, const LdapPeople& people, Registry& registry,
                                 const Mandate& mandate,
                                 const std::function<Result<void>()>& go_on) {
  const auto write = [&](std::span<const PersonPlan> some) {
    return registry.write(mandate, [&](Edit& edit) -> Result<void> {
      for (const PersonPlan& one : some) TRY_VOID(apply_one(edit, one, people));
      return {};
    });
  };
  std::uint64_t done = 0;
  std::span<const PersonPlan> rest = plan.people;
  while (!rest.empty()) {
    TRY_VOID(go_on());
    const auto some = rest.first(std::min(kBatch, rest.size()));
    rest = rest.subspan(some.size());
    if (write(some)) {
      done += some.size();
      continue;
    }
    // One of them cannot be: the others can, each alone.
    for (const PersonPlan& one : some) {
      const auto written = write({&one, 1});
      if (!written && ends_all(written.error().code)) return std::unexpected(written.error());
      if (written) {
        ++done;
      } else {
        plan.faults.push_back({one.dn.empty() ? one.user_name : one.dn, written.error().message});
      }
    }
  }
  return done;
}

}  // namespace wardlock::directory
