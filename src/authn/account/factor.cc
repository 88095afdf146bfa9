#include "authn/account/factor.h"

#include <array>

namespace wardlock::authn {
namespace {

/// What showing the factor would add, at best.
Proofs best_of(Factor factor, const Available& available) {
  switch (factor) {
    case Factor::kPasskey:
      if (available.hardware_passkey) {
        return available.verifying_passkey ? Proofs{Proof::kVerifiedHardwareKey}
                                           : Proofs{Proof::kHardwareKey};
      }
      return available.verifying_passkey ? Proofs{Proof::kVerifiedKey} : Proofs{Proof::kKey};
    case Factor::kPassword: return {Proof::kPassword};
    case Factor::kCode: return {Proof::kOneTimeCode};
    case Factor::kDeviceCode: return {Proof::kDeviceCode};
    case Factor::kRecoveryCode: return {Proof::kRecoveryCode};
    case Factor::kCertificate: return {Proof::kSmartcard};
    case Factor::kLinkedAccount:
    case Factor::kUnlock: break;
  }
  return {};
}

bool has(Factor factor, const Available& available) {
  switch (factor) {
    case Factor::kPasskey: return available.passkey;
    case Factor::kPassword: return available.password;
    case Factor::kCode: return available.code;
    case Factor::kDeviceCode: return available.device_code;
    case Factor::kRecoveryCode: return available.recovery_code;
    case Factor::kCertificate: return available.smartcard;
    case Factor::kLinkedAccount:
    case Factor::kUnlock: break;
  }
  return false;
}

/// In the order in which they are offered: the quickest first, the last resort last.
constexpr std::array kOrder = {Factor::kPasskey,    Factor::kPassword,    Factor::kCode,
                               Factor::kDeviceCode, Factor::kCertificate, Factor::kRecoveryCode};

}  // namespace

std::string_view to_string(Factor factor) {
  static constexpr auto kNames =
      std::to_array<std::string_view>({"passkey", "password", "code", "device_code",
                                       "recovery_code", "certificate", "linked_account", "unlock"});
  return kNames.at(static_cast<std::size_t>(factor));
}

std::vector<Factor> first_offer(bool is_named) {
  if (!is_named) return {Factor::kPasskey};
  return {Factor::kPasskey, Factor::kPassword};
}

Course course_of(Proofs shown, const Available& available, AssuranceLevel required) {
  const AssuranceLevel reached = level_of(shown);
  if (reached != AssuranceLevel::kNone && reached >= required) return Enough{reached};
  Proofs all = shown;
  for (const Factor each : kOrder) {
    if (has(each, available)) all = all | best_of(each, available);
  }
  if (level_of(all) < required || level_of(all) == AssuranceLevel::kNone) return NotEnough{};
  GoOn on;
  for (const Factor each : kOrder) {
    if (!has(each, available)) continue;
    // What brings somebody no further than they are is not asked for.
    const Proofs with = shown | best_of(each, available);
    if (with == shown) continue;
    const bool helps = level_of(with) > reached || level_of(with) >= required;
    if (helps) on.offered.push_back(each);
  }
  if (on.offered.empty()) return NotEnough{};
  return on;
}

}  // namespace wardlock::authn
