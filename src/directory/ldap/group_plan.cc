#include "directory/ldap/group_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "directory/ldap/account.h"

namespace wardlock::directory {
namespace {

using boost::json::object;
using Step = GroupPlan::Step;

constexpr std::array<std::string_view, 4> kSteps = {"add", "change", "close", "reopen"};
constexpr std::string_view kClosed = "closed";

std::string text_of(const object& document, std::string_view name) {
  const codec::Json* value = document.if_contains(name);
  return value == nullptr ? "" : codec::to_json_text(*value);
}

std::string name_of(const object& document) {
  const codec::Json* name = document.if_contains("displayName");
  return name != nullptr && name->is_string() ? std::string(name->get_string()) : std::string();
}

std::string id_in_source(const LdapSource& source, const Thing& group) {
  const codec::Json& id = group.document.json().at("externalId");
  return std::string(id.get_string()).substr(external_id_prefix(source).size());
}

/// Which of the source's groups belong to which, without circles: of those in one, the membership
/// that would close it is left out.
class Nesting {
 public:
  explicit Nesting(const std::map<std::string, LdapReading::Group>& groups) {
    for (const auto& [outer, group] : groups) {
      for (const std::string& inner : group.groups) {
        if (leads_to(outer, inner)) {
          left_out_.emplace_back(inner, outer);
        } else {
          above_[inner].insert(outer);
        }
      }
    }
  }

  bool has(const std::string& inner, const std::string& outer) const {
    const auto found = above_.find(inner);
    return found != above_.end() && found->second.contains(outer);
  }
  const std::vector<std::pair<std::string, std::string>>& left_out() const { return left_out_; }

 private:
  bool leads_to(const std::string& from, const std::string& to) const {
    std::set<std::string> seen = {from};
    std::vector<std::string> open = {from};
    while (!open.empty()) {
      const std::string at = std::move(open.back());
      open.pop_back();
      if (at == to) return true;
      const auto found = above_.find(at);
      if (found == above_.end()) continue;
      for (const std::string& next : found->second) {
        if (seen.insert(next).second) open.push_back(next);
      }
    }
    return false;
  }

  std::map<std::string, std::set<std::string>> above_;
  std::vector<std::pair<std::string, std::string>> left_out_;  // inner, outer
};

class GroupPlanner {
 public:
  GroupPlanner(const LdapSource& source, const LdapReading& reading, const LdapGroups& here,
               const MemberNames& people, std::chrono::year this_year)
      : source_(source),
        reading_(reading),
        known_(here),
        people_(people),
        this_year_(this_year),
        nesting_(reading.groups) {}

  GroupPlans plan() {
    match();
    for (const auto& [inner, outer] : nesting_.left_out()) {
      plans_.notes.push_back(
          fmt::format("the group `{}` is in `{}`, which is in it: that is left out here",
                      reading_.groups.at(inner).name, reading_.groups.at(outer).name));
    }
    for (const auto& [id, group] : reading_.groups) plan_for(id, group);
    for (const auto& [id, group] : here_) {
      if (!reading_.groups.contains(id)) plan_closing(id, *group);
    }
    guard();
    return std::move(plans_);
  }

 private:
  void fault(std::string whom, std::string message) {
    plans_.faults.push_back({std::move(whom), std::move(message), true});
  }

  void match() {
    for (const Thing& group : known_.groups) {
      const std::string id = id_in_source(source_, group);
      things_.emplace(group.id, id);
      plans_.ids.emplace(id, group.id);
      if (here_.emplace(id, &group).second) continue;
      fault(name_of(group.document.json()),
            fmt::format("has the externalId `{}{}`, as another group has: take it from one of them",
                        external_id_prefix(source_), id));
    }
  }

  void plan_for(const std::string& id, const LdapReading::Group& group) {
    GroupPlan one;
    one.id = id;
    one.dn = group.dn;
    const auto found = here_.find(id);
    const Thing* thing = found == here_.end() ? nullptr : found->second;
    if (thing == nullptr) {
      one.step = Step::kAdd;
    } else {
      one.before = *thing;
      one.document = thing->document.json();
    }
    const bool is_closed = thing != nullptr && thing->state == kClosed;
    if (is_closed && fact(one.document, kEndedBySource) != kClosed) {
      plans_.notes.push_back(fmt::format("the group `{}` was closed here, and is still in `{}`",
                                         name_of(one.document), source_.name));
      return;
    }
    if (is_closed) {
      one.step = Step::kReopen;
      set_fact(one.document, kEndedBySource, "");
    }
    if (!map(group, one) && thing == nullptr) return;
    plan_members(group, one);
    add(std::move(one));
  }

  /// False: it is not sound, and stays as it was.
  bool map(const LdapReading::Group& group, GroupPlan& one) {
    object document = one.document;
    document["displayName"] = group.name;
    document["externalId"] = external_id_prefix(source_) + one.id;
    if (!one.before) document["entityId"] = fmt::format("{}/{}", source_.name, group.name);
    const auto checked = Document::check(Kind::kGroup, document, this_year_);
    if (group.name.empty()) {
      fault(group.dn, "shows no `cn`, by which a group is called");
    } else if (!checked) {
      fault(group.dn, to_error(checked.error()).message);
    } else {
      one.document = checked->json();
      return true;
    }
    return false;
  }

  /// Those who are to belong to it, by their ids in the source.
  std::map<std::string, GroupPlan::Joining> wanted(const LdapReading::Group& group,
                                                   const GroupPlan& one) const {
    std::map<std::string, GroupPlan::Joining> wanted;
    for (const std::string& person : group.people) {
      const auto name = people_.names.find(person);
      if (name != people_.names.end()) wanted[person] = {false, person, name->second};
    }
    for (const std::string& inner : group.groups) {
      if (!nesting_.has(inner, one.id) || is_closed_here(inner)) continue;
      wanted[inner] = {true, inner, reading_.groups.at(inner).name};
    }
    return wanted;
  }

  bool is_closed_here(const std::string& id) const {
    const auto found = here_.find(id);
    return found != here_.end() && found->second->state == kClosed &&
           fact(found->second->document.json(), kEndedBySource) != kClosed;
  }

  void plan_members(const LdapReading::Group& group, GroupPlan& one) {
    auto joining = wanted(group, one);
    const auto members = one.before ? known_.members.find(one.before->id) : known_.members.end();
    if (members != known_.members.end()) {
      for (const LdapGroups::Membership& each : members->second) {
        const std::string id = source_id_of(each.subject);
        if (!id.empty() && joining.erase(id) > 0) continue;
        if (each.is_ours) one.leaving.push_back({each.relation, name_of_member(id, each.subject)});
      }
    }
    if (one.before && known_.administering.contains(one.before->id)) {
      if (!joining.empty()) {
        fault(group.dn,
              "has a role in Wardlock itself here: nobody comes to have that by another "
              "directory; take the role from the group, or add them here");
      }
      return;
    }
    for (auto& [id, each] : joining) one.joining.push_back(std::move(each));
  }

  /// Of a person or group here that came from the source; else empty.
  std::string source_id_of(const std::string& thing) const {
    for (const auto* things : {&people_.things, &things_}) {
      const auto found = things->find(thing);
      if (found != things->end()) return found->second;
    }
    return {};
  }

  std::string name_of_member(const std::string& id, const std::string& thing) const {
    const auto person = people_.names.find(id);
    if (person != people_.names.end()) return person->second;
    const auto group = here_.find(id);
    return group == here_.end() ? thing : name_of(group->second->document.json());
  }

  void plan_closing(const std::string& id, const Thing& group) {
    if (group.state == kClosed) return;
    GroupPlan one;
    one.step = Step::kClose;
    one.id = id;
    one.before = group;
    one.document = group.document.json();
    set_fact(one.document, kEndedBySource, kClosed);
    add(std::move(one));
  }

  /// A group with which nothing happens is passed over.
  void add(GroupPlan one) {
    one.differences =
        differences_of(one.before ? one.before->document.json() : object(), one.document);
    const bool is_same = one.step == Step::kChange && one.differences.empty() &&
                         one.joining.empty() && one.leaving.empty();
    if (is_same) return;
    one.name = name_of(one.document);
    plans_.groups.push_back(std::move(one));
  }

  void guard() {
    const auto closing = std::ranges::count(plans_.groups, Step::kClose, &GroupPlan::step);
    const auto open = std::ranges::count_if(
        known_.groups, [](const Thing& group) { return group.state != kClosed; });
    if (closing <= 1 || closing * 100 <= source_.most_leaving_percent * open) return;
    plans_.stopped = fmt::format(
        "{} of {} groups would close, more than {} %: nothing was changed; see whether `{}` shows "
        "all of its groups, and if they are really gone, allow more once",
        closing, open, source_.most_leaving_percent, source_.name);
  }

  const LdapSource& source_;
  const LdapReading& reading_;
  const LdapGroups& known_;
  const MemberNames& people_;
  std::chrono::year this_year_;
  Nesting nesting_;
  std::map<std::string, const Thing*> here_;   // by the id in the source
  std::map<std::string, std::string> things_;  // ids in the source, by those here
  GroupPlans plans_;
};

}  // namespace

std::string_view to_string(GroupPlan::Step step) { return kSteps[static_cast<std::size_t>(step)]; }

std::vector<AttributeChange> differences_of(const object& before, const object& after) {
  std::set<std::string> names;
  for (const auto& [name, value] : before) names.emplace(name);
  for (const auto& [name, value] : after) names.emplace(name);
  std::vector<AttributeChange> differences;
  for (const std::string& name : names) {
    std::string was = text_of(before, name);
    std::string will = text_of(after, name);
    if (was != will) differences.push_back({name, std::move(was), std::move(will)});
  }
  return differences;
}

Result<LdapGroups> read_groups_here(const LdapSource& source, const Registry& registry,
                                    std::int64_t now) {
  LdapGroups here;
  Query query;
  query.filter = {.parts = {Condition{.path = "externalId",
                                      .comparison = Comparison::kStartsWith,
                                      .operand = external_id_prefix(source)}}};
  query.count = kMaxPageSize;
  do {
    Page page = TRY(registry.list(source.tenant, Kind::kGroup, query));
    for (Thing& group : page.things) here.groups.push_back(std::move(group));
    query.cursor = page.next;
  } while (!query.cursor.empty());
  for (const Thing& group : here.groups) {
    auto& members = here.members[group.id];
    const RelationFilter filter{
        .relation = Relation::kMembership, .object = group.id, .not_ended_by = now};
    const auto kept = TRY(registry.relations(source.tenant, filter));
    for (const KeptRelation& each : kept) {
      members.push_back({.relation = each.id,
                         .subject = each.subject,
                         .is_ours = each.made_by_id == actor_of(source)});
    }
    const auto roles = TRY(registry.control_plane_roles(source.tenant, group.id, Reach::kEver));
    if (!roles.empty()) here.administering.insert(group.id);
  }
  return here;
}

GroupPlans make_group_plans(const LdapSource& source, const LdapReading& reading,
                            const LdapGroups& here, const MemberNames& people,
                            std::chrono::year this_year) {
  return GroupPlanner(source, reading, here, people, this_year).plan();
}

}  // namespace wardlock::directory
