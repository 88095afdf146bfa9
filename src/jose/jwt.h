#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "codec/json.h"
#include "jose/jws.h"

namespace wardlock::jose {

/// What a token must say (RFC 8725, 3.8 to 3.11). What is empty demands nothing.
struct JwtExpectations {
  /// `typ`, compared without case and without `application/`: `at+jwt`. Empty: there is none, or
  /// it is `JWT`, so that no token of one kind is taken for another.
  std::string_view type;
  std::string_view issuer;    ///< `iss`, to the letter
  std::string_view audience;  ///< one of `aud`
  std::chrono::sys_seconds now;
  /// So much may clocks differ.
  std::chrono::seconds leeway = std::chrono::seconds(30);
  /// From `iat` to `exp`; `iat` must then be there. Zero: without limit.
  std::chrono::seconds max_lifetime = std::chrono::seconds(0);
};

/// A token whose signature, kind, issuer, audience and times were checked.
class VerifiedJwt {
 public:
  const boost::json::object& claims() const { return claims_; }
  /// A claim that is text; empty where it is absent or something else.
  std::string_view text(std::string_view claim) const;
  std::chrono::sys_seconds expires() const { return expires_; }
  std::string_view key_id() const { return key_id_; }

 private:
  friend Result<VerifiedJwt> verify_jwt(const UnverifiedJws& jws, const KeySet& keys,
                                        const JwtExpectations& expectations);
  VerifiedJwt() = default;

  boost::json::object claims_;
  std::chrono::sys_seconds expires_;
  std::string key_id_;
};

/// Verifies a JSON Web Token (RFC 7519). `exp` must be there. Errors are `kUnauthenticated` and say
/// which check failed; none repeats what the token holds. Thread-safe.
Result<VerifiedJwt> verify_jwt(const UnverifiedJws& jws, const KeySet& keys,
                               const JwtExpectations& expectations);

/// A token that holds these claims.
std::string sign_jwt(const SigningKey& key, std::string_view type,
                     const boost::json::object& claims);

}  // namespace wardlock::jose
