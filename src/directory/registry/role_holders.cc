#include "directory/registry/role_holders.h"

#include <algorithm>
#include <utility>

#include "directory/model/indexed_values.h"
#include "directory/registry/control_plane.h"
#include "directory/registry/relation_rows.h"
#include "directory/registry/thing_rows.h"

namespace wardlock::directory {
namespace {

constexpr std::string_view kName = "displayName";

}  // namespace

Result<std::vector<std::string>> find_role_holders(storage::Work& work, std::string_view tenant,
                                                   std::string_view role, std::int64_t now_ms) {
  std::vector<std::string> people;
  const Attribute* const name = find_searchable(Kind::kRole, kName);
  const auto roles =
      TRY(find_valued(work, tenant, Kind::kRole, kName, searchable_text(*name, role), 2));
  for (const Thing& each : roles) {
    const auto given = TRY(find_relations(
        work, tenant,
        {.relation = Relation::kRoleAssignment, .object = each.id, .not_ended_by = now_ms}));
    for (const KeptRelation& assignment : given) {
      if (!assignment.is_valid_at(now_ms) || assignment.scope) continue;
      for (std::string& member : TRY(find_members(work, tenant, assignment.subject, now_ms))) {
        people.push_back(std::move(member));
      }
    }
  }
  std::ranges::sort(people);
  const auto [last, end] = std::ranges::unique(people);
  people.erase(last, end);
  return people;
}

}  // namespace wardlock::directory
