#include "directory/ldap/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>

#include "directory/identifier/look_alike.h"

namespace wardlock::directory {
namespace {

using boost::json::object;
using Step = PersonPlan::Step;

constexpr std::array<std::string_view, 6> kSteps = {"add",    "change", "suspend",
                                                    "resume", "leave",  "return"};

constexpr std::string_view kActive = "active";
constexpr std::string_view kInvited = "invited";
constexpr std::string_view kSuspended = "suspended";
constexpr std::string_view kLeft = "left";

std::string user_name_of(const object& document) {
  const codec::Json* name = document.if_contains("userName");
  return name != nullptr && name->is_string() ? std::string(name->get_string()) : std::string();
}

/// The id of the account that somebody is in the source; nothing: they did not come from it.
std::optional<std::string> account_of(const LdapSource& source, const Thing& person) {
  const codec::Json* external = person.document.json().if_contains("externalId");
  if (external == nullptr || !external->is_string()) return std::nullopt;
  const std::string prefix = external_id_prefix(source);
  const std::string_view id = external->get_string();
  if (!id.starts_with(prefix)) return std::nullopt;
  return std::string(id.substr(prefix.size()));
}

bool is_nothing(const PersonPlan& one) {
  return one.step == Step::kChange && one.differences.empty() && !one.manager &&
         one.roles_given.empty() && one.roles_taken.empty();
}

bool is_here(const Thing& person) { return person.state == kActive || person.state == kInvited; }

class Planner {
 public:
  Planner(const LdapSource& source, const LdapReading& reading, const LdapPeople& people,
          std::chrono::year this_year)
      : source_(source), reading_(reading), people_(people), this_year_(this_year) {}

  LdapPlan plan() {
    plan_.notes = reading_.notes;
    plan_.present = reading_.accounts.size();
    for (const auto& [group, role] : reading_.missing_groups) {
      kept_roles_.insert(role);
      fault(source_.name, fmt::format("there is no group `{}`; nobody loses the role `{}` until it "
                                      "is there, or taken out of `roles`",
                                      group, role));
    }
    match();
    for (const auto& [id, account] : reading_.accounts) {
      const auto found = here_.find(id);
      plan_for(account, found == here_.end() ? nullptr : found->second);
    }
    for (const auto& [id, person] : here_) {
      if (!reading_.accounts.contains(id)) plan_leaving(id, *person);
    }
    for (const auto& [id, person] : here_) plan_.ids.emplace(id, person->id);
    settle_managers();
    guard();
    if (source_.enters_groups) plan_groups();
    return std::move(plan_);
  }

 private:
  void fault(std::string whom, std::string message) {
    plan_.faults.push_back({.whom = std::move(whom), .message = std::move(message)});
  }

  /// Whom of the directory each account is.
  void match() {
    for (const Thing& person : people_.people) {
      const auto id = account_of(source_, person);
      if (!id) continue;
      if (is_here(person)) ++plan_.here;
      const auto [at, is_new] = here_.emplace(*id, &person);
      if (is_new) continue;
      // Of two, the one who works here; it was not this sync that made two of one.
      fault(user_name_of(person.document.json()),
            fmt::format("has the externalId `{}{}`, as another person has: take it from one of "
                        "them",
                        external_id_prefix(source_), *id));
      if (!is_here(*at->second) && is_here(person)) at->second = &person;
    }
  }

  void plan_for(const Account& account, const Thing* person) {
    if (person == nullptr && account.is_disabled) return;  // nobody to add
    PersonPlan one;
    one.account = account.id;
    one.dn = account.dn;
    if (person != nullptr) {
      one.before = *person;
      one.document = person->document.json();
    }
    if (person != nullptr && person->state == kLeft && account.is_disabled) return;
    if (person != nullptr && person->state == kLeft && !came_to(*person, kLeft)) {
      plan_.notes.push_back(
          fmt::format("`{}` has left here, and is still in `{}`: disable the account there",
                      user_name_of(one.document), source_.name));
      return;
    }
    const bool is_sound = account.entry ? map(account, one) : true;
    if (person == nullptr) {
      if (!is_sound || !account.entry) return;
      one.step = Step::kAdd;
    } else {
      set_step(account, *person, one);
    }
    plan_roles(one, account.is_disabled && person == nullptr);
    add(std::move(one));
  }

  /// The document as the source has it. False: it is not sound, and stays as it was.
  bool map(const Account& account, PersonPlan& one) {
    const object before = one.document;
    auto mapped = mapped_document(source_, *account.entry, before);
    if (mapped) {
      (*mapped)["externalId"] = external_id_prefix(source_) + account.id;
      map_manager(*account.entry, *mapped, one);
      const auto checked = Document::check(Kind::kPerson, *mapped, this_year_);
      if (checked) {
        one.document = checked->json();
        return true;
      }
      mapped = std::unexpected(to_error(checked.error()));
    }
    fault(account.dn, mapped.error().message);
    return false;
  }

  /// Whom the person reports to, where that is one of the source's people.
  void map_manager(const LdapEntry& entry, object& document, PersonPlan& one) {
    const auto dn = manager_of(source_, entry);
    if (!dn) return;
    const auto account = reading_.ids_by_dn.find(*dn);
    const bool is_known = account != reading_.ids_by_dn.end();
    const auto manager = is_known ? here_.find(account->second) : here_.end();
    if (manager != here_.end()) {
      document[kManager] = manager->second->id;
    } else if (is_known && !reading_.accounts.at(account->second).is_disabled) {
      one.manager = account->second;
    } else {
      ++unknown_managers_;
    }
  }

  /// Managers who are new, too, get in when they are there; who will not be is nobody's.
  void settle_managers() {
    std::map<std::string, std::string> new_names;
    for (const PersonPlan& one : plan_.people) {
      if (!one.before) new_names.emplace(one.account, one.user_name);
    }
    for (PersonPlan& one : plan_.people) {
      if (!one.manager) continue;
      const auto found = new_names.find(*one.manager);
      if (found == new_names.end()) {
        one.manager.reset();
        ++unknown_managers_;
        continue;
      }
      const auto at = std::ranges::find(one.differences, kManager, &AttributeChange::attribute);
      std::string name = codec::to_json_text(codec::Json(found->second));
      if (at == one.differences.end()) {
        one.differences.push_back({std::string(kManager), "", std::move(name)});
      } else {
        at->after = std::move(name);
      }
    }
    std::erase_if(plan_.people, is_nothing);
    if (unknown_managers_ == 0) return;
    plan_.notes.push_back(fmt::format(
        "{} people have a manager who is not here; the manager is left out", unknown_managers_));
  }

  void plan_groups() {
    MemberNames members;
    std::set<std::string> out;
    for (const PersonPlan& one : plan_.people) {
      if (one.step == Step::kLeave) out.insert(one.account);
      if (one.step == Step::kAdd || one.step == Step::kReturn) {
        members.names.emplace(one.account, one.user_name);
      }
    }
    for (const auto& [id, person] : here_) {
      members.things.emplace(person->id, id);
      if (person->state == kLeft || out.contains(id)) continue;
      members.names.emplace(id, user_name_of(person->document.json()));
    }
    GroupPlans groups = make_group_plans(source_, reading_, people_.groups, members, this_year_);
    plan_.groups = std::move(groups.groups);
    plan_.ids.merge(groups.ids);
    for (Remark& each : groups.faults) plan_.faults.push_back(std::move(each));
    for (std::string& each : groups.notes) plan_.notes.push_back(std::move(each));
    if (!plan_.stopped) plan_.stopped = std::move(groups.stopped);
  }

  static bool came_to(const Thing& person, std::string_view state) {
    return fact(person.document.json(), kEndedBySource) == state;
  }

  /// The state that the account asks for, as far as it is the source's to say.
  static void set_step(const Account& account, const Thing& person, PersonPlan& one) {
    if (account.is_disabled && is_here(person)) {
      one.step = Step::kSuspend;
      set_fact(one.document, kEndedBySource, kSuspended);
    } else if (!account.is_disabled && person.state == kSuspended && came_to(person, kSuspended)) {
      one.step = Step::kResume;
      set_fact(one.document, kEndedBySource, "");
    } else if (!account.is_disabled && person.state == kLeft) {
      one.step = Step::kReturn;
      set_fact(one.document, kEndedBySource, "");
    }
  }

  void plan_leaving(const std::string& id, const Thing& person) {
    if (person.state == kLeft) return;
    PersonPlan one;
    one.step = Step::kLeave;
    one.account = id;
    one.before = person;
    one.document = person.document.json();
    set_fact(one.document, kEndedBySource, kLeft);
    for (const auto& [name, role] : people_.roles) {
      if (role.holders.contains(person.id)) one.roles_taken.push_back(name);
    }
    add(std::move(one));
  }

  void plan_roles(PersonPlan& one, bool is_out) {
    if (is_out || (one.before && one.before->state == kLeft && one.step != Step::kReturn)) return;
    for (const auto& [name, role] : people_.roles) {
      const auto wanted = reading_.role_holders.find(name);
      const bool wants =
          wanted != reading_.role_holders.end() && wanted->second.contains(one.account);
      const auto held = one.before ? role.holders.find(one.before->id) : role.holders.end();
      const bool has = held != role.holders.end();
      if (wants && !has) one.roles_given.push_back(name);
      if (!wants && has && held->second.is_ours && !kept_roles_.contains(name)) {
        one.roles_taken.push_back(name);
      }
    }
  }

  /// Keeps what differs; a person with whom nothing happens is passed over.
  void add(PersonPlan one) {
    one.differences =
        differences_of(one.before ? one.before->document.json() : object(), one.document);
    if (is_nothing(one)) return;
    one.user_name = user_name_of(one.document);
    plan_.people.push_back(std::move(one));
  }

  void guard() {
    const std::uint64_t losing = plan_.count(Step::kLeave) + plan_.count(Step::kSuspend);
    const auto most = static_cast<std::uint64_t>(source_.most_leaving_percent);
    if (losing <= 1 || losing * 100 <= most * plan_.here) return;
    plan_.stopped = fmt::format(
        "{} of {} people would leave or be suspended, more than {} %: nothing was changed; see "
        "whether `{}` shows all of its people, and if they are really gone, allow more once",
        losing, plan_.here, most, source_.name);
  }

  const LdapSource& source_;
  const LdapReading& reading_;
  const LdapPeople& people_;
  std::chrono::year this_year_;
  std::map<std::string, const Thing*> here_;  // by the account's id
  std::set<std::string> kept_roles_;          // that nobody loses
  std::uint64_t unknown_managers_ = 0;
  LdapPlan plan_;
};

/// Calls `visit` with each of the tenant's people that the filter lets through.
Result<void> each_person(const Registry& registry, const std::string& tenant, Filter filter,
                         const std::function<void(Thing)>& visit) {
  Query query;
  query.filter = std::move(filter);
  query.count = kMaxPageSize;
  do {
    Page page = TRY(registry.list(tenant, Kind::kPerson, query));
    for (Thing& thing : page.things) visit(std::move(thing));
    query.cursor = page.next;
  } while (!query.cursor.empty());
  return {};
}

/// The new name of a person, or empty.
std::string new_name(const PersonPlan& one) {
  const bool is_new = !one.before || user_name_of(one.before->document.json()) != one.user_name;
  return is_new ? one.user_name : std::string();
}

Result<LdapPeople::Role> read_role(const LdapSource& source, const Registry& registry,
                                   const std::string& name, std::int64_t now) {
  auto role = registry.find_by_identifier(source.tenant, "role.displayName", name);
  if (!role) {
    if (role.error().code != ErrorCode::kNotFound) return std::unexpected(role.error());
    return fail(ErrorCode::kNotFound,
                fmt::format("there is no role `{}`, which `roles` gives: enter it first", name));
  }
  LdapPeople::Role found{.id = role->id, .holders = {}};
  const auto kept = TRY(registry.relations(
      source.tenant,
      {.relation = Relation::kRoleAssignment, .object = role->id, .not_ended_by = now}));
  for (const KeptRelation& relation : kept) {
    if (relation.scope) continue;  // in one place only: not what the source gives
    found.holders[relation.subject] = {.relation = relation.id,
                                       .is_ours = relation.made_by_id == actor_of(source)};
  }
  return found;
}

}  // namespace

std::string_view to_string(PersonPlan::Step step) { return kSteps[static_cast<std::size_t>(step)]; }

std::uint64_t LdapPlan::count(PersonPlan::Step step) const {
  return static_cast<std::uint64_t>(std::ranges::count(people, step, &PersonPlan::step));
}

Result<LdapPeople> read_people_of(const LdapSource& source, const Registry& registry,
                                  std::int64_t now) {
  LdapPeople people;
  for (const auto& [group, name] : source.roles) {
    if (people.roles.contains(name)) continue;
    people.roles.emplace(name, TRY(read_role(source, registry, name, now)));
  }
  Filter theirs{.parts = {Condition{.path = "externalId",
                                    .comparison = Comparison::kStartsWith,
                                    .operand = external_id_prefix(source)}}};
  TRY_VOID(each_person(registry, source.tenant, std::move(theirs),
                       [&](Thing person) { people.people.push_back(std::move(person)); }));
  if (source.enters_groups) people.groups = TRY(read_groups_here(source, registry, now));
  return people;
}

bool lacks_entries(const LdapSource& source, const LdapReading& reading, const LdapPeople& people) {
  if (reading.is_full) return false;
  std::set<std::string> known;
  for (const Thing& person : people.people) known.insert(*account_of(source, person));
  return std::ranges::any_of(reading.accounts, [&](const auto& each) {
    return !each.second.entry && !each.second.is_disabled && !known.contains(each.first);
  });
}

LdapPlan make_plan(const LdapSource& source, const LdapReading& reading, const LdapPeople& people,
                   std::chrono::year this_year) {
  return Planner(source, reading, people, this_year).plan();
}

Result<void> flag_look_alikes(const LdapSource& source, const Registry& registry, LdapPlan& plan) {
  std::map<std::string, std::string> new_by_look;
  const auto flag = [&](const std::string& name, const std::string& other) {
    plan.look_alikes.push_back(
        {.whom = name,
         .message = fmt::format(
             "is easily taken for `{}`: see that they are not mistaken for each other", other)});
  };
  for (const PersonPlan& one : plan.people) {
    const std::string name = new_name(one);
    if (name.empty()) continue;
    const auto [at, is_first] = new_by_look.emplace(look_alike_skeleton(name), name);
    if (!is_first && at->second != name) flag(name, at->second);
  }
  if (new_by_look.empty()) return {};
  return each_person(registry, source.tenant, {}, [&](const Thing& person) {
    const std::string name = user_name_of(person.document.json());
    const auto found = new_by_look.find(look_alike_skeleton(name));
    if (found != new_by_look.end() && found->second != name) flag(found->second, name);
  });
}

}  // namespace wardlock::directory
