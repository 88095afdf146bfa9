#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace wardlock::x509 {

/// Why a certificate was revoked (RFC 5280, 5.3.1). `kRemoveFromCrl` is a matter of delta CRLs,
/// which are not taken.
enum class RevocationReason : std::uint8_t {
  kUnspecified = 0,
  kKeyCompromise = 1,
  kCaCompromise = 2,
  kAffiliationChanged = 3,
  kSuperseded = 4,
  kCessationOfOperation = 5,
  kCertificateHold = 6,
  kPrivilegeWithdrawn = 9,
  kAaCompromise = 10,
};

/// As RFC 5280 names it: `keyCompromise`.
std::string_view to_string(RevocationReason reason);

/// What is known about a certificate's revocation.
struct RevocationStatus {
  enum class Kind : std::uint8_t { kGood, kRevoked, kUnknown };

  Kind kind = Kind::kUnknown;
  std::chrono::sys_seconds since = {};                       ///< revoked
  RevocationReason reason = RevocationReason::kUnspecified;  ///< revoked
  std::string why;                                           ///< unknown

  static RevocationStatus good();
  static RevocationStatus unknown(std::string why);

  bool is_good() const { return kind == Kind::kGood; }
  bool is_revoked() const { return kind == Kind::kRevoked; }
};

/// How far from its time what says a status still counts.
struct StatusTolerance {
  /// So much may clocks differ; at most an hour counts.
  std::chrono::seconds skew = std::chrono::minutes(5);
  /// So long after its `nextUpdate` it still counts, where nothing newer is to be had.
  std::chrono::seconds grace = std::chrono::seconds(0);
};

}  // namespace wardlock::x509
