#include "administration/approvers.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <set>

#include "administration/gate.h"
#include "administration/question.h"
#include "base/arena.h"
#include "directory/registry/control_plane.h"
#include "directory/registry/relation_rows.h"
#include "directory/registry/thing_rows.h"
#include "pdp/access.h"

namespace wardlock::administration {
namespace {

using directory::Kind;
using storage::Work;

constexpr std::int64_t kSurest = 3;

/// All that have a role of administration, or are in a group that has one.
Result<std::set<std::string>> find_holders(Work& work, std::string_view tenant,
                                           std::int64_t now_ms) {
  std::set<std::string> holders;
  for (const directory::ControlPlaneRole& role : directory::kControlPlaneRoles) {
    const auto thing =
        TRY(directory::find_named(work, tenant, "role.displayName",
                                  fmt::format("{}{}", directory::kControlPlanePrefix, role.name)));
    if (!thing) continue;
    const auto assigned =
        TRY(directory::find_relations(work, tenant,
                                      {.relation = directory::Relation::kRoleAssignment,
                                       .object = thing->id,
                                       .not_ended_by = now_ms}));
    for (const directory::KeptRelation& each : assigned) {
      for (std::string& member : TRY(directory::find_members(work, tenant, each.subject, now_ms))) {
        holders.insert(std::move(member));
      }
    }
  }
  return holders;
}

Result<bool> may_approve(const pdp::Snapshot& policies, std::string_view person,
                         const std::vector<std::string>& roles, std::string_view environment,
                         std::int64_t now_ms) {
  const boost::json::object principal{{"kind", to_string(Kind::kPerson)},
                                      {"roles", role_values(roles)}};
  const boost::json::object none;
  const boost::json::object context = policy_context(PolicyDeed::kApprove, "");
  const pdp::Caller caller = pdp::Caller::unrestricted("wardlock");
  const pdp::AccessRequest question{
      .principal = {.type = kThingType, .id = person, .properties = &principal},
      .action = to_string(PolicyDeed::kApprove),
      .resource = {.type = kPolicySetType, .id = environment, .properties = &none},
      .context = &context,
      .grant = {},
      .caller = &caller,
      .authentication = pdp::Authentication{.level = kSurest, .methods = {}}};
  Arena arena;
  return TRY(pdp::decide(policies, question, now_ms, arena)).is_allowed;
}

}  // namespace

Result<std::vector<std::string>> find_approvers(Work& work, std::string_view tenant,
                                                const pdp::Snapshot& policies,
                                                std::string_view environment, std::int64_t now_ms) {
  std::vector<std::string> approvers;
  for (const std::string& id : TRY(find_holders(work, tenant, now_ms))) {
    const auto thing = TRY(directory::find_thing(work, tenant, id));
    if (!thing || thing->kind != Kind::kPerson || !directory::is_in_force(*thing)) continue;
    const auto roles =
        TRY(directory::find_control_plane_roles(work, tenant, id, now_ms, directory::Reach::kNow));
    if (TRY(may_approve(policies, id, roles, environment, now_ms))) approvers.push_back(id);
  }
  return approvers;
}

}  // namespace wardlock::administration
