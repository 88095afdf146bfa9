#include "server/registration_door.h"

#include "administration/policy_gate.h"
#include "administration/question.h"
#include "authn/network.h"
#include "crypto/random.h"
#include "event/draft.h"

namespace wardlock::server {
namespace {

constexpr std::string_view kWhat = "registration";
constexpr std::string_view kClass = "administration";
constexpr std::uint32_t kFreeTries = 20;

authn::Ticks ticks() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

std::string new_decision_id() {
  const crypto::UuidText id = crypto::random_uuid();
  return {id.data(), id.size()};
}

oauth::Refusal refusal_of(const Error& error) {
  if (error.code == ErrorCode::kPermissionDenied || error.code == ErrorCode::kNotFound) {
    return {oauth::Fault::kAccessDenied, "the house lets no client register so"};
  }
  return oauth::Refusal(error);
}

}  // namespace

RegistrationDoor::RegistrationDoor(Directory& directory)
    : directory_(directory), throttle_({.free_failures = kFreeTries}) {}

std::optional<std::chrono::nanoseconds> RegistrationDoor::begin(std::string_view source_address) {
  return throttle_.begin(authn::network_of(source_address), kWhat, ticks());
}

void RegistrationDoor::succeed(std::string_view source_address) {
  throttle_.succeed(authn::network_of(source_address), kWhat, ticks());
}

/// What cannot be recorded is not done.
Result<void> RegistrationDoor::record(const Visit& visit, event::Event event) {
  if (!directory_.can_record()) return fail(ErrorCode::kUnavailable, "it cannot be recorded");
  if (directory_.decisions == nullptr) return {};
  event.node = directory_.node;
  std::string draft;
  TRY_VOID(event::write_draft(event, draft));
  const auto recorded = directory_.decisions->record_draft(
      draft, directory::event_tenant(visit.tenant), kClass, visit.source_address);
  if (recorded) return {};
  return fail(ErrorCode::kUnavailable, recorded.error().message);
}

Result<void> RegistrationDoor::ask(const Visit& visit, const oauth::Registrant& registrant) {
  administration::Asker asker{.id = std::string(administration::kAnybodyKind),
                              .roles = {},
                              .is_anybody = registrant.maker.empty()};
  if (!asker.is_anybody) {
    auto maker = TRY(directory_.registry->find_actor(visit.tenant, registrant.maker));
    asker.id = maker.thing.id;
    asker.kind = maker.thing.kind;
    asker.roles = std::move(maker.roles);
  }
  const directory::Mandate mandate{
      .tenant = visit.tenant,
      .actor_type = asker.is_anybody ? "OAuthClient" : registrant.maker_type,
      .actor_id = asker.id,
      .caller = std::string(kWhat),
      .source_address = visit.source_address};
  administration::PolicyGate gate(
      {.policies = *directory_.policies,
       .registry = *directory_.registry,
       .mandate = mandate,
       .asker = asker,
       .now = visit.now_ms,
       .new_id = &new_decision_id,
       .tell = [&](const event::Event& event) { return record(visit, event); }});
  return gate.check(administration::ClientDeed::kRegister,
                    {.id = {}, .thing = {}, .software_issuer = registrant.software_issuer});
}

oauth::Answer<void> RegistrationDoor::check(const Visit& visit,
                                            const oauth::Registrant& registrant) {
  const auto asked = ask(visit, registrant);
  if (!asked) return std::unexpected(refusal_of(asked.error()));
  return {};
}

}  // namespace wardlock::server
