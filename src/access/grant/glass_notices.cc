#include "access/grant/glass_notices.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "access/grant/glass_target.h"
#include "directory/registry/control_plane.h"
#include "directory/registry/relation_rows.h"
#include "directory/registry/role_holders.h"

namespace wardlock::access {
namespace {

using authn::About;
using directory::KeptRelation;
using directory::Kind;
using directory::Relation;
using storage::Work;
using People = std::set<std::string>;

Result<void> add_carers(Work& work, const GlassGrant& grant, const std::string& patient,
                        People& people) {
  const auto care = TRY(directory::find_relations(
      work, grant.tenant,
      {.relation = Relation::kCare, .object = patient, .not_ended_by = grant.opened_ms}));
  for (const KeptRelation& each : care) {
    if (each.is_valid_at(grant.opened_ms)) people.insert(each.subject);
  }
  return {};
}

/// What the device has now by such a relation: its patient, its owners.
Result<std::vector<std::string>> of_device(Work& work, const GlassGrant& grant, Relation relation) {
  const auto relations = TRY(directory::find_relations(
      work, grant.tenant,
      {.relation = relation, .subject = grant.target, .not_ended_by = grant.opened_ms}));
  std::vector<std::string> ids;
  for (const KeptRelation& each : relations) {
    if (each.is_valid_at(grant.opened_ms)) ids.push_back(each.object);
  }
  return ids;
}

Result<void> add_team(Work& work, const GlassGrant& grant, People& people) {
  if (grant.target_kind == Kind::kPatient) return add_carers(work, grant, grant.target, people);
  for (std::string& owner : TRY(of_device(work, grant, Relation::kOwner))) {
    people.insert(std::move(owner));
  }
  for (const std::string& patient : TRY(of_device(work, grant, Relation::kDeviceAssignment))) {
    TRY_VOID(add_carers(work, grant, patient, people));
  }
  return {};
}

authn::MessageDetails details_of(const GlassGrant& grant, std::int64_t now_ms) {
  return {.happened_ms = now_ms, .expires_ms = grant.expires_ms, .of = grant.id};
}

}  // namespace

Result<GlassAudience> find_audience(Work& work, const GlassGrant& grant, const GlassNotices& whom) {
  GlassAudience audience;
  for (const std::string& role : whom.roles) {
    for (std::string& each :
         TRY(directory::find_role_holders(work, grant.tenant, role, grant.opened_ms))) {
      audience.holders.insert(std::move(each));
    }
  }
  if (whom.team) TRY_VOID(add_team(work, grant, audience.team));
  for (const std::string& holder : audience.holders) audience.team.erase(holder);
  audience.holders.erase(grant.person);
  audience.team.erase(grant.person);
  if (!whom.patient || grant.target_kind != Kind::kPatient) return audience;
  const auto patient = TRY(find_glass_target(work, grant.tenant, grant.target));
  if (patient && directory::is_in_force(*patient)) audience.patient = patient->id;
  return audience;
}

Result<void> tell_of_opened(Work& work, const authn::Messages& messages, const GlassGrant& grant,
                            const GlassAudience& audience) {
  const authn::MessageDetails details = details_of(grant, grant.opened_ms);
  for (const People* each : {&audience.holders, &audience.team}) {
    TRY_VOID(messages.tell_all(work, grant.tenant, *each, About::kGlassBroken, details));
  }
  if (audience.patient.empty()) return {};
  return messages.tell(work, grant.tenant, audience.patient, About::kGlassBrokenForYou, details);
}

Result<void> tell_of_end(Work& work, const authn::Messages& messages, const GlassGrant& grant,
                         std::int64_t now_ms) {
  return messages.tell(work, grant.tenant, grant.person, About::kGlassEnds,
                       details_of(grant, now_ms));
}

}  // namespace wardlock::access
