#include "authn/session/assurance.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace wardlock::authn {
namespace {

constexpr std::array<std::string_view, 4> kAcr = {"", "http://idmanagement.gov/ns/assurance/aal/1",
                                                  "http://idmanagement.gov/ns/assurance/aal/2",
                                                  "http://idmanagement.gov/ns/assurance/aal/3"};

/// RFC 8176, 2; in their order there, which is that of the bits.
constexpr auto kMethods = std::to_array<std::string_view>(
    {"face", "fpt", "geo",    "hwk", "iris", "kba", "mca", "mfa",  "otp", "pin", "pop",
     "pwd",  "rba", "retina", "sc",  "sms",  "swk", "tel", "user", "vbm", "wia"});

/// Two factors in one.
constexpr Proofs kTwoInOne = {Proof::kVerifiedKey, Proof::kVerifiedHardwareKey, Proof::kSmartcard};
/// Something that somebody has, and nobody can copy at a distance.
constexpr Proofs kCarried = {Proof::kOneTimeCode, Proof::kDeviceCode,  Proof::kRecoveryCode,
                             Proof::kKey,         Proof::kHardwareKey, Proof::kCertificate};
/// What a phisher cannot pass on, from a key that cannot leave its hardware.
constexpr Proofs kInHardware = {Proof::kHardwareKey, Proof::kVerifiedHardwareKey,
                                Proof::kSmartcard};

}  // namespace

std::string_view acr_of(AssuranceLevel level) { return kAcr.at(static_cast<std::size_t>(level)); }

std::optional<AssuranceLevel> find_acr(std::string_view acr) {
  for (std::size_t i = 1; i < kAcr.size(); ++i) {
    if (kAcr.at(i) == acr) return static_cast<AssuranceLevel>(i);
  }
  return std::nullopt;
}

AssuranceLevel level_of(Proofs proofs) {
  const bool knows = proofs.contains(Proof::kPassword);
  const bool has = proofs.contains_any(kCarried);
  const bool is_two = proofs.contains_any(kTwoInOne) || (knows && has);
  if (is_two) {
    return proofs.contains_any(kInHardware) ? AssuranceLevel::kAal3 : AssuranceLevel::kAal2;
  }
  return knows || has ? AssuranceLevel::kAal1 : AssuranceLevel::kNone;
}

Assurance assurance_of(Proofs proofs, std::int64_t authenticated_ms) {
  Assurance assurance{.level = level_of(proofs),
                      .methods = {},
                      .authenticated_ms = authenticated_ms,
                      .proofs = proofs};
  const auto add = [&](std::string_view method, Proofs by) {
    if (proofs.contains_any(by)) assurance.methods.emplace_back(method);
  };
  // In the order of their names.
  add("hwk", {Proof::kHardwareKey, Proof::kVerifiedHardwareKey, Proof::kSmartcard});
  if (assurance.level >= AssuranceLevel::kAal2) assurance.methods.emplace_back("mfa");
  add("otp", {Proof::kOneTimeCode, Proof::kDeviceCode, Proof::kRecoveryCode});
  add("pin", {Proof::kPin, Proof::kSmartcard});
  add("pwd", {Proof::kPassword});
  add("sc", {Proof::kSmartcard});
  add("swk", {Proof::kKey, Proof::kVerifiedKey, Proof::kCertificate});
  add("user", {Proof::kKey, Proof::kVerifiedKey, Proof::kHardwareKey, Proof::kVerifiedHardwareKey});
  return assurance;
}

Assurance stepped_up(const Assurance& before, const Assurance& added) {
  Assurance both = assurance_of(before.proofs | added.proofs, before.authenticated_ms);
  both.level = std::max({both.level, before.level, added.level});
  // One proof of two that was shown anew does not make the other one fresh.
  const bool is_anew = added.level >= both.level || both.level > before.level;
  if (is_anew) both.authenticated_ms = std::max(before.authenticated_ms, added.authenticated_ms);
  both.methods = methods_of(method_bits(both.methods) | method_bits(before.methods) |
                            method_bits(added.methods));
  return both;
}

std::uint32_t method_bits(const std::vector<std::string>& methods) {
  std::uint32_t bits = 0;
  for (const std::string& method : methods) {
    const auto* const found = std::ranges::find(kMethods, method);
    if (found != kMethods.end()) bits |= 1U << static_cast<unsigned>(found - kMethods.begin());
  }
  return bits;
}

std::vector<std::string> methods_of(std::uint32_t bits) {
  std::vector<std::string> methods;
  for (std::size_t i = 0; i < kMethods.size(); ++i) {
    if ((bits >> i & 1U) != 0) methods.emplace_back(kMethods.at(i));
  }
  return methods;
}

}  // namespace wardlock::authn
