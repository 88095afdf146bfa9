#include "directory/registry/control_plane.h"

#include <fmt/format.h>

#include <set>

#include "directory/identifier/code_points.h"
#include "directory/identifier/look_alike.h"
#include "directory/identifier/unicode_form.h"
#include "directory/registry/relation_rows.h"
#include "directory/registry/thing_rows.h"

namespace wardlock::directory {
namespace {

/// What a text looks like whatever its case, without blanks; nothing if that cannot be said.
std::optional<std::string> look_of(std::string_view text) {
  std::u32string visible;
  for (const CodePoint& each : code_points(look_alike_skeleton(text))) {
    if (each.value > ' ') visible += width_mapped(each.value);
  }
  const auto lower = lowercase_nfc(visible);
  if (!lower) return std::nullopt;
  return look_alike_skeleton(*lower);  // small letters may look like others than capital ones do
}

std::string_view name_of(const Thing& thing) {
  const codec::Json* name = thing.document.json().if_contains("displayName");
  return name == nullptr ? std::string_view() : std::string_view(name->get_string());
}

/// What the thing is in, or has, everywhere.
Result<std::vector<std::string>> next_of(storage::Work& work, std::string_view tenant,
                                         std::string_view thing, std::int64_t now, Reach reach) {
  std::vector<std::string> next;
  const auto relations = TRY(find_relations(work, tenant, {.subject = thing, .not_ended_by = now}));
  for (const KeptRelation& each : relations) {
    const bool leads_on =
        each.relation == Relation::kMembership || each.relation == Relation::kRoleAssignment;
    const bool counts = reach == Reach::kEver || each.is_valid_at(now);
    if (leads_on && !each.scope && counts) next.push_back(each.object);
  }
  return next;
}

/// All that memberships lead to from there, on one side of them.
Result<std::vector<std::string>> follow_memberships(storage::Work& work, std::string_view tenant,
                                                    std::string_view from, std::int64_t now,
                                                    bool is_upward) {
  std::vector<std::string> found;
  std::set<std::string, std::less<>> seen = {std::string(from)};
  std::vector<std::string> waiting = {std::string(from)};
  while (!waiting.empty()) {
    const std::string id = std::move(waiting.back());
    waiting.pop_back();
    RelationFilter filter{.relation = Relation::kMembership, .not_ended_by = now};
    (is_upward ? filter.subject : filter.object) = id;
    for (const KeptRelation& each : TRY(find_relations(work, tenant, filter))) {
      const std::string& next = is_upward ? each.object : each.subject;
      if (!seen.insert(next).second) continue;
      found.push_back(next);
      waiting.push_back(next);
    }
  }
  return found;
}

}  // namespace

bool is_reserved_role_name(std::string_view name) {
  static const std::optional<std::string> prefix = look_of(kControlPlanePrefix);
  const auto look = look_of(name);
  return !look || look->starts_with(*prefix);
}

std::string_view control_plane_role_of(const Thing& thing) {
  if (thing.kind != Kind::kRole) return {};
  const std::string_view name = name_of(thing);
  return name.starts_with(kControlPlanePrefix) ? name.substr(kControlPlanePrefix.size())
                                               : std::string_view();
}

bool is_in_force(const Thing& thing) {
  const State* state = find_state(schema_of(thing.kind), thing.state);
  return state != nullptr && state->is_in_force;
}

Result<bool> is_answered_for(storage::Work& work, std::string_view tenant, const Thing& thing,
                             std::int64_t now) {
  if (!schema_of(thing.kind).needs_owner) return true;
  const auto owners = TRY(find_relations(
      work, tenant, {.relation = Relation::kOwner, .subject = thing.id, .not_ended_by = now}));
  return std::ranges::any_of(owners, [now](const auto& each) { return each.is_valid_at(now); });
}

Result<std::vector<std::string>> find_control_plane_roles(storage::Work& work,
                                                          std::string_view tenant,
                                                          std::string_view thing, std::int64_t now,
                                                          Reach reach) {
  std::set<std::string> roles;
  std::set<std::string, std::less<>> seen;
  std::vector<std::string> waiting = {std::string(thing)};
  while (!waiting.empty()) {
    const std::string id = std::move(waiting.back());
    waiting.pop_back();
    for (std::string& next : TRY(next_of(work, tenant, id, now, reach))) {
      if (!seen.insert(next).second) continue;
      const auto found = TRY(find_thing(work, tenant, next));
      if (!found || (reach == Reach::kNow && !is_in_force(*found))) continue;
      const std::string_view role = control_plane_role_of(*found);
      if (!role.empty()) roles.emplace(role);
      if (found->kind == Kind::kGroup) waiting.push_back(std::move(next));
    }
  }
  return std::vector<std::string>(roles.begin(), roles.end());
}

Result<std::vector<std::string>> find_groups(storage::Work& work, std::string_view tenant,
                                             std::string_view thing, std::int64_t now) {
  return follow_memberships(work, tenant, thing, now, true);
}

Result<std::vector<std::string>> find_members(storage::Work& work, std::string_view tenant,
                                              std::string_view thing, std::int64_t now) {
  auto members = TRY(follow_memberships(work, tenant, thing, now, false));
  members.emplace_back(thing);
  return members;
}

}  // namespace wardlock::directory
