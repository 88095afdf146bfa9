#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string_view>

#include "base/error.h"
#include "x509/certificate.h"
#include "x509/revocation.h"

namespace wardlock::x509 {

/// A certificate revocation list (RFC 5280, 5) that was read, and believed in nothing yet. Cheap to
/// copy. Thread-safe.
class Crl {
 public:
  struct State;

  static constexpr std::size_t kMaxBytes = std::size_t{32} << 20;

  /// From DER, with nothing after it. Refused: version 1; one that does not say when it is renewed;
  /// delta CRLs and indirect ones; critical extensions, of it or of an entry, that are not
  /// understood here; lists for some reasons alone.
  static Result<Crl> from_der(std::string_view der);

  std::chrono::sys_seconds this_update() const;
  std::chrono::sys_seconds next_update() const;

  const State& state() const { return *state_; }

 private:
  explicit Crl(std::shared_ptr<const State> state) : state_(std::move(state)) {}

  std::shared_ptr<const State> state_;
};

/// A list that its issuer has signed. Cheap to copy. Thread-safe.
class VerifiedCrl {
 public:
  /// What the list says of a certificate. Unknown: it is of another issuer, the list is not for
  /// such certificates (RFC 5280, 6.3.3 (b)), or is not of this time.
  RevocationStatus status_of(const Certificate& certificate, std::chrono::sys_seconds now,
                             const StatusTolerance& tolerance = {}) const;

  const Crl& crl() const { return crl_; }

 private:
  friend Result<VerifiedCrl> verify_crl(const Crl& crl, const Certificate& issuer);
  VerifiedCrl(Crl crl, Certificate issuer) : crl_(std::move(crl)), issuer_(std::move(issuer)) {}

  Crl crl_;
  Certificate issuer_;
};

/// Whether the list is this authority's (RFC 5280, 6.3.3 (f) and (g)): by its name, by the id of
/// its key where the two say one, by the right to sign lists, and by the signature. Whether the
/// authority itself is to be trusted, `verify_chain` says. Thread-safe.
Result<VerifiedCrl> verify_crl(const Crl& crl, const Certificate& issuer);

}  // namespace wardlock::x509
