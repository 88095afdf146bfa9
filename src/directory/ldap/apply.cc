#include "directory/ldap/apply.h"

#include <algorithm>
#include <map>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "directory/ldap/account.h"

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

std::unexpected<Error> changed_meanwhile() {
  return fail(ErrorCode::kAborted, "somebody else changed it meanwhile");
}

/// Returns the id here.
Result<std::string> apply_one(Edit& edit, const PersonPlan& one, const LdapPeople& people) {
  if (!one.before) {
    const Thing added = TRY(edit.create(Kind::kPerson, one.document, "active"));
    TRY_VOID(apply_roles(edit, one, added.id, people));
    return added.id;
  }
  const Thing changed = TRY(edit.change(one.before->id, one.before->version, one.document));
  if (changed.state != one.before->state) return changed_meanwhile();
  // Who leaves loses all roles by that; who comes back, or stays, has those of the groups.
  TRY_VOID(take_steps(edit, changed, one.step));
  if (one.step != Step::kLeave) TRY_VOID(apply_roles(edit, one, changed.id, people));
  return changed.id;
}

Result<std::string> apply_one(Edit& edit, const GroupPlan& one) {
  if (!one.before) return TRY(edit.create(Kind::kGroup, one.document)).id;
  // Who left before has given it another version, and nothing else.
  const Thing now = TRY(edit.find(one.before->id));
  if (now.state != one.before->state || now.document != one.before->document) {
    return changed_meanwhile();
  }
  TRY(edit.change(now.id, now.version, one.document));
  if (one.step == GroupPlan::Step::kClose) {
    TRY(edit.set_state(one.before->id, std::nullopt, "closed"));
  } else if (one.step == GroupPlan::Step::kReopen) {
    TRY(edit.set_state(one.before->id, std::nullopt, "active"));
  }
  return one.before->id;
}

/// Whether the database itself is at fault, so that others would fare no better.
bool ends_all(ErrorCode code) {
  return code == ErrorCode::kUnavailable || code == ErrorCode::kUnknown ||
         code == ErrorCode::kDataLoss || code == ErrorCode::kInternal;
}

/// Something that comes after all people, or all groups, are there.
struct PersonsManager {
  const PersonPlan* person;
};
struct GroupsMember {
  const GroupPlan* group;
  const GroupPlan::Joining* joining = nullptr;  // or
  const GroupPlan::Leaving* leaving = nullptr;
};

std::string whom(const PersonPlan& one) { return one.dn.empty() ? one.user_name : one.dn; }
std::string whom(const GroupPlan& one) { return one.dn.empty() ? one.name : one.dn; }
std::string whom(const PersonsManager& one) { return whom(*one.person); }
std::string whom(const GroupsMember& one) { return whom(*one.group); }

template <typename One>
bool is_of_group(const One& /*one*/) {
  return std::is_same_v<One, GroupPlan> || std::is_same_v<One, GroupsMember>;
}

class Application {
 public:
  Application(LdapPlan& plan, const LdapPeople& people, Registry& registry, const Mandate& mandate,
              const std::function<Result<void>()>& go_on)
      : plan_(plan),
        people_(people),
        registry_(registry),
        mandate_(mandate),
        go_on_(go_on),
        ids_(plan.ids) {}

  Result<std::uint64_t> run() {
    const std::uint64_t done = TRY(each<PersonPlan>(plan_.people, [this](Edit& edit, auto& one) {
      return noted(one.account, apply_one(edit, one, people_));
    }));
    TRY(each<PersonsManager>(managers(),
                             [this](Edit& edit, auto& one) { return set_manager(edit, one); }));
    TRY(each<GroupPlan>(plan_.groups, [this](Edit& edit, auto& one) {
      return noted(one.id, apply_one(edit, one));
    }));
    TRY(each<GroupsMember>(members(),
                           [this](Edit& edit, auto& one) { return move_member(edit, one); }));
    return done;
  }

 private:
  using Ids = std::map<std::string, std::string>;  // here, by those in the source

  /// Does it with each, and returns with how many it could be done.
  template <typename One, typename Do>
  Result<std::uint64_t> each(std::span<const One> all, const Do& act) {
    const auto write = [&](std::span<const One> some) -> Result<void> {
      const auto written = registry_.write(mandate_, [&](Edit& edit) -> Result<void> {
        new_ids_.clear();
        for (const One& one : some) TRY_VOID(act(edit, one));
        return {};
      });
      TRY_VOID(written);
      ids_.merge(new_ids_);
      return {};
    };
    std::uint64_t done = 0;
    for (std::span<const One> rest = all; !rest.empty();) {
      TRY_VOID(go_on_());
      const auto some = rest.first(std::min(kBatch, rest.size()));
      rest = rest.subspan(some.size());
      if (write(some)) {
        done += some.size();
        continue;
      }
      // One of them cannot be: the others can, each alone.
      for (const One& one : some) {
        const auto written = write({&one, 1});
        if (!written && ends_all(written.error().code)) return std::unexpected(written.error());
        if (written) {
          ++done;
        } else {
          plan_.faults.push_back({whom(one), written.error().message, is_of_group(one)});
        }
      }
    }
    return done;
  }

  Result<void> noted(const std::string& id, Result<std::string> id_here) {
    new_ids_[id] = TRY(std::move(id_here));
    return {};
  }

  std::vector<PersonsManager> managers() const {
    std::vector<PersonsManager> managers;
    for (const PersonPlan& one : plan_.people) {
      const bool is_there =
          one.manager && ids_.contains(one.account) && ids_.contains(*one.manager);
      if (is_there) managers.push_back({&one});
    }
    return managers;
  }

  Result<void> set_manager(Edit& edit, const PersonsManager& one) {
    const Thing person = TRY(edit.find(ids_.at(one.person->account)));
    boost::json::object document = person.document.json();
    document[kManager] = ids_.at(*one.person->manager);
    TRY(edit.change(person.id, person.version, document));
    return {};
  }

  /// What was planned for groups that are there.
  std::vector<GroupsMember> members() const {
    std::vector<GroupsMember> members;
    for (const GroupPlan& group : plan_.groups) {
      for (const auto& each : group.leaving) members.push_back({.group = &group, .leaving = &each});
      if (!ids_.contains(group.id)) continue;
      for (const auto& each : group.joining) {
        if (ids_.contains(each.id)) members.push_back({.group = &group, .joining = &each});
      }
    }
    return members;
  }

  Result<void> move_member(Edit& edit, const GroupsMember& one) {
    if (one.leaving != nullptr) return edit.end(one.leaving->relation);
    const std::string& group = ids_.at(one.group->id);
    if (TRY(edit.administers(group))) {
      return fail(ErrorCode::kFailedPrecondition,
                  "has got a role in Wardlock itself meanwhile: nobody comes to have that by "
                  "another directory");
    }
    TRY(edit.relate(
        {.relation = Relation::kMembership, .subject = ids_.at(one.joining->id), .object = group}));
    return {};
  }

  LdapPlan& plan_;
  const LdapPeople& people_;
  Registry& registry_;
  const Mandate& mandate_;
  const std::function<Result<void>()>& go_on_;
  Ids ids_;
  Ids new_ids_;  // of a transaction that may not have its end
};

}  // namespace

Result<std::uint64_t> apply_plan(LdapPlan& plan, const LdapPeople& people, Registry& registry,
                                 const Mandate& mandate,
                                 const std::function<Result<void>()>& go_on) {
  return Application(plan, people, registry, mandate, go_on).run();
}

}  // namespace wardlock::directory
