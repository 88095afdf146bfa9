#include "authn/account/way_in.h"

#include <algorithm>
#include <variant>

namespace wardlock::authn {
namespace {

/// Enough by itself where one proof is.
bool lets_in(AuthenticatorKind kind) {
  return kind == AuthenticatorKind::kPassword || kind == AuthenticatorKind::kPasskey ||
         kind == AuthenticatorKind::kCertificate || kind == AuthenticatorKind::kLinkedAccount;
}

/// Whether it came of the enrolment that began then, and was not used.
bool came_of_it(const AuthenticatorRow& row, std::optional<std::int64_t> enrolling_since) {
  return enrolling_since && row.shown.made_ms >= *enrolling_since && !row.shown.used_ms &&
         row.shown.kind != AuthenticatorKind::kCertificate;
}

/// Whether it counted once, and does no more.
bool is_over(const Authenticator& shown, std::int64_t now) {
  return shown.state != AuthenticatorState::kPending && !shown.is_good_at(now);
}

}  // namespace

Result<Available> available_of(const std::vector<AuthenticatorRow>& rows, std::int64_t now) {
  Available available;
  for (const AuthenticatorRow& each : rows) {
    if (!each.shown.is_good_at(now)) continue;
    switch (each.shown.kind) {
      case AuthenticatorKind::kPassword: available.password = true; break;
      case AuthenticatorKind::kTotp:
      case AuthenticatorKind::kHotp: available.code = true; break;
      case AuthenticatorKind::kDevice: available.device_code = true; break;
      case AuthenticatorKind::kRecoveryCodes:
        available.recovery_code |= each.shown.codes_left > 0;
        break;
      case AuthenticatorKind::kCertificate: available.smartcard |= is_smartcard(each); break;
      case AuthenticatorKind::kPasskey: {
        const auto credential = TRY(read_passkey(each));
        available.passkey = true;
        available.verifying_passkey |= credential.was_user_verified;
        available.hardware_passkey |=
            !credential.is_backup_eligible && credential.is_attestation_trusted;
        break;
      }
      case AuthenticatorKind::kPin:
      case AuthenticatorKind::kBadge:
      case AuthenticatorKind::kLinkedAccount: break;
    }
  }
  return available;
}

bool sends_codes(const AccountSurroundings& surroundings) {
  return surroundings.messages != nullptr && surroundings.messages->settings().has_codes;
}

Result<WayInElsewhere> way_in_elsewhere(const AccountSurroundings& surroundings,
                                        std::string_view tenant, std::string_view person) {
  WayInElsewhere elsewhere{.sends_codes = sends_codes(surroundings)};
  if (!surroundings.has_outside_password) return elsewhere;
  elsewhere.has_password = TRY(surroundings.has_outside_password(tenant, person));
  if (!elsewhere.has_password || !surroundings.least_level) return elsewhere;
  elsewhere.least_level = TRY(surroundings.least_level(tenant, person));
  return elsewhere;
}

Result<bool> has_way_in(const std::vector<AuthenticatorRow>& rows, const WayInElsewhere& elsewhere,
                        std::optional<std::int64_t> enrolling_since, std::int64_t now) {
  std::vector<AuthenticatorRow> counted;
  for (const AuthenticatorRow& each : rows) {
    if (!came_of_it(each, enrolling_since) && each.shown.is_good_at(now)) counted.push_back(each);
  }
  if (std::ranges::any_of(counted, [](const auto& each) { return lets_in(each.shown.kind); })) {
    return true;
  }
  if (!elsewhere.has_password) return false;
  Available available = TRY(available_of(counted, now));
  available.password = true;
  available.device_code &= elsewhere.sends_codes;
  return !std::holds_alternative<NotEnough>(course_of(Proofs(), available, elsewhere.least_level));
}

bool had_way_in(const std::vector<AuthenticatorRow>& rows, const WayInElsewhere& elsewhere,
                std::optional<std::int64_t> enrolling_since, std::int64_t now) {
  return std::ranges::any_of(rows, [&](const AuthenticatorRow& each) {
    const AuthenticatorKind kind = each.shown.kind;
    const bool unlocks = kind == AuthenticatorKind::kPin || kind == AuthenticatorKind::kBadge;
    const bool let_in = lets_in(kind) || (elsewhere.has_password && !unlocks);
    return let_in && is_over(each.shown, now) && !came_of_it(each, enrolling_since);
  });
}

}  // namespace wardlock::authn
