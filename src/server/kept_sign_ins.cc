#include "server/kept_sign_ins.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "base/wall_clock.h"

namespace wardlock::server {
namespace {

using administration::StandingSignIn;

std::unexpected<Error> error_of(const oauth::Refusal& refusal) {
  return fail(ErrorCode::kUnavailable, refusal.description);
}

oauth::Occasion now_at(std::string_view tenant) {
  return {.tenant = std::string(tenant), .issuer = {}, .now_ms = wall_clock_ms()};
}

StandingSignIn described(authn::Session session) {
  return {.id = std::move(session.id),
          .environment = std::move(session.environment),
          .level = number_of(session.assurance.level),
          .methods = std::move(session.assurance.methods),
          .started_ms = session.started_ms,
          .ends_ms = session.ends_ms,
          .is_locked = session.is_locked};
}

StandingSignIn described(oauth::LastingGrant grant) {
  return {.id = std::move(grant.id),
          .client = std::move(grant.client),
          .client_name = std::move(grant.client_name),
          .level = grant.authentication.level,
          .methods = std::move(grant.authentication.methods),
          .started_ms = grant.made_ms,
          .ends_ms = grant.ends_ms};
}

}  // namespace

Result<std::vector<StandingSignIn>> KeptSignIns::of(std::string_view tenant,
                                                    std::string_view person) {
  std::vector<StandingSignIn> all;
  for (authn::Session& each : TRY(sessions_.of_person(tenant, person, wall_clock_ms()))) {
    all.push_back(described(std::move(each)));
  }
  if (provider_ == nullptr) return all;
  auto grants = provider_->logouts.lasting_grants(now_at(tenant), person);
  if (!grants) return error_of(grants.error());
  for (oauth::LastingGrant& each : *grants) all.push_back(described(std::move(each)));
  return all;
}

Result<std::size_t> KeptSignIns::end_lasting(std::string_view tenant, std::string_view person,
                                             std::string_view id) {
  if (provider_ == nullptr) return 0;
  const auto ended = provider_->logouts.end_lasting_grants(now_at(tenant), person, id);
  if (!ended) return error_of(ended.error());
  return *ended;
}

Result<bool> KeptSignIns::end(std::string_view tenant, std::string_view person,
                              std::string_view id) {
  const std::int64_t now = wall_clock_ms();
  const auto sessions = TRY(sessions_.of_person(tenant, person, now));
  if (std::ranges::find(sessions, id, &authn::Session::id) != sessions.end()) {
    return sessions_.end(tenant, id, authn::EndReason::kAdministrator, now);
  }
  return TRY(end_lasting(tenant, person, id)) != 0;
}

Result<std::size_t> KeptSignIns::end_all(std::string_view tenant, std::string_view person) {
  const std::size_t sessions = TRY(
      sessions_.end_of_person(tenant, person, authn::EndReason::kAdministrator, wall_clock_ms()));
  return sessions + TRY(end_lasting(tenant, person, {}));
}

}  // namespace wardlock::server
