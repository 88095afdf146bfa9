#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/error.h"
#include "x509/certificate.h"
#include "x509/revocation.h"

namespace wardlock::x509 {

/// A question about one certificate to its issuer's responder (RFC 6960, 4.1), in DER. The nonce
/// (RFC 9654: 1 to 128 bytes, 32 are right) may be empty: there is none then. The certificate is
/// named by SHA-1, which all responders know (RFC 5019, 2.1.1); nothing rests on it: what counts is
/// the issuer's signature.
std::string ocsp_request(const Certificate& certificate, const Certificate& issuer,
                         std::string_view nonce);

/// What a response to it is held against.
struct OcspExpectations {
  std::string_view nonce;  ///< that was sent; empty: none was
  /// Whether a response must repeat it. Responders that prepare their responses do not; then only
  /// the times tell an old one.
  bool is_nonce_required = true;
  std::chrono::sys_seconds now;
  StatusTolerance tolerance = {};
  /// How long a response counts that does not say when it is renewed.
  std::chrono::seconds longest = std::chrono::hours(24);
};

/// What a responder says (RFC 6960, 4.2), verified (3.2): signed by the certificate's issuer, or by
/// one whom the issuer itself appointed (`id-kp-OCSPSigning`). Whether the responder's certificate
/// is revoked is not looked up. Unknown: the responder knows nothing, or speaks of another time.
/// Error kInvalidArgument: malformed, not so signed, of another certificate or question, or with a
/// critical extension that is not understood; kUnavailable: the responder has no answer now.
/// Thread-safe.
Result<RevocationStatus> read_ocsp_response(std::string_view der, const Certificate& certificate,
                                            const Certificate& issuer,
                                            const OcspExpectations& expectations);

}  // namespace wardlock::x509
