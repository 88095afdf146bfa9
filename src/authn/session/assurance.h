#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wardlock::authn {

/// How surely a claimant is who they say (NIST SP 800-63B-4, 2). In order.
enum class AssuranceLevel : std::uint8_t { kNone, kAal1, kAal2, kAal3 };

/// 0 to 3, as policies see it (`context.authentication.level`).
constexpr std::int64_t number_of(AssuranceLevel level) { return static_cast<std::int64_t>(level); }

/// As an `acr` value: `http://idmanagement.gov/ns/assurance/aal/2`; empty for none.
std::string_view acr_of(AssuranceLevel level);
std::optional<AssuranceLevel> find_acr(std::string_view acr);

/// What somebody has shown here, one fact each.
enum class Proof : std::uint8_t {
  kPassword,             ///< known
  kPin,                  ///< known; too short to count by itself, and good for unlocking alone
  kBadge,                ///< carried; can be copied, and counts for nothing by itself
  kOneTimeCode,          ///< TOTP or HOTP: a thing that is carried
  kDeviceCode,           ///< a code that was sent to a registered device
  kRecoveryCode,         ///< printed and carried; good once
  kKey,                  ///< a security key or passkey, somebody present
  kVerifiedKey,          ///< the same, and it knows who: two factors in one
  kHardwareKey,          ///< its key cannot leave it (not backup eligible), by trusted attestation
  kVerifiedHardwareKey,  ///< the same, and it knows who
  kCertificate,          ///< of a client, over mutual TLS
  kSmartcard,            ///< the same, its key in a card that opens with a PIN (PIV)
};
inline constexpr std::size_t kProofs = 12;

/// Several of them. A value.
class Proofs {
 public:
  constexpr Proofs() = default;
  constexpr Proofs(std::initializer_list<Proof> proofs) {
    for (const Proof proof : proofs) add(proof);
  }
  static constexpr Proofs from_bits(std::uint16_t bits) {
    Proofs proofs;
    proofs.bits_ = bits & ((1U << kProofs) - 1);
    return proofs;
  }

  constexpr void add(Proof proof) { bits_ |= static_cast<std::uint16_t>(1U << index(proof)); }
  constexpr bool contains(Proof proof) const { return (bits_ >> index(proof) & 1U) != 0; }
  constexpr bool contains_any(Proofs others) const { return (bits_ & others.bits_) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr std::uint16_t bits() const { return bits_; }
  constexpr Proofs operator|(Proofs other) const { return from_bits(bits_ | other.bits_); }
  bool operator==(const Proofs&) const = default;

 private:
  static constexpr unsigned index(Proof proof) { return static_cast<unsigned>(proof); }

  std::uint16_t bits_ = 0;
};

/// How surely somebody was recognised, and by what.
struct Assurance {
  AssuranceLevel level = AssuranceLevel::kNone;
  std::vector<std::string> methods = {};  ///< `amr` values of RFC 8176, sorted
  std::int64_t authenticated_ms = 0;      ///< when factors were last shown, since the epoch
  /// What was shown here. Empty where another identity provider says how sure it is.
  Proofs proofs = {};

  bool operator==(const Assurance&) const = default;
};

/// The level that these reach together (SP 800-63B-4, 2.1 to 2.3): AAL1 with one factor; AAL2 with
/// two of different kinds, or one that is two; AAL3 where one of them is a key in hardware.
AssuranceLevel level_of(Proofs proofs);

/// The same with its methods: `pwd`, `pin`, `otp`, `swk`, `hwk`, `sc`, `user`, `mfa` (RFC 8176, 2).
Assurance assurance_of(Proofs proofs, std::int64_t authenticated_ms);

/// What is known after somebody who had signed in with the one has shown the other besides.
Assurance stepped_up(const Assurance& before, const Assurance& added);

/// Methods as bits, and back: those that RFC 8176 registers; others are left out.
std::uint32_t method_bits(const std::vector<std::string>& methods);
std::vector<std::string> methods_of(std::uint32_t bits);

}  // namespace wardlock::authn
