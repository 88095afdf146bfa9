#include "audit/report/grants.h"

#include "audit/report/event_cells.h"

namespace wardlock::audit {

void Grants::add(const event::Event& event) {
  // Of delegations, which have their ids there, too, the glass is not broken.
  const bool is_of_delegation =
      event.kind == event::Kind::kDecision || event.kind == event::Kind::kRoleChange;
  if (event.grant.empty() || is_of_delegation) return;
  const auto [place, is_new] = places_.try_emplace(std::string(event.grant), grants_.size());
  if (is_new) grants_.push_back({.id = place->first});
  Grant& grant = grants_[place->second];
  const std::string who =
      entity_cell(event, event.principal_type, event.principal_id, event::Part::kPerson);
  if (event.kind == event::Kind::kReview) {
    grant.reviewed = event.time;
    grant.was_approved = event.outcome == event::Outcome::kSuccess;
    grant.reviewer = who;
    return;
  }
  if (grant.who.empty() || event.kind == event::Kind::kOverrideStart) grant.who = who;
  if (grant.whose.empty()) grant.whose = whose_cell(event);
  if (grant.reason.empty()) {
    grant.reason = event.grant_reason.empty() ? event.reason : event.grant_reason;
  }
  if (event.grant_expires_at) grant.expires = event.grant_expires_at;
  if (event.kind == event::Kind::kOverrideStart) grant.started = event.time;
  if (event.kind == event::Kind::kOverrideEnd) grant.ended = event.time;
  if (event.kind != event::Kind::kOverrideUse) return;
  ++grant.uses;
  if (!grant.first_use) grant.first_use = event.time;
  grant.last_use = event.time;
}

}  // namespace wardlock::audit
