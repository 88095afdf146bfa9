#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.h"
#include "codec/json.h"
#include "jose/jwk.h"

namespace wardlock::jose {

/// Nobody reads a longer one, so that a stranger's costs little.
inline constexpr std::size_t kMaxJwsBytes = std::size_t{16} << 10;

/// A signed text (RFC 7515, compact), read and believed in nothing yet.
class UnverifiedJws {
 public:
  /// Refuses what is too long or not canonical base64url, headers with a key twice, with `crit`
  /// (there is no extension that is understood here), without `alg` or with one that is not taken.
  static Result<UnverifiedJws> parse(std::string_view text);

  /// What the header says, for choosing the key; empty where it says nothing.
  std::string_view key_id() const { return key_id_; }
  /// `typ`, empty where there is none.
  std::string_view type() const { return type_; }
  SignatureAlgorithm algorithm() const { return algorithm_; }
  /// All of it, for protocols that put more there, as DPoP does.
  const boost::json::object& header() const { return header_; }
  /// Unverified: only to find out whose key is to be asked for.
  std::string_view payload() const { return payload_; }

  /// Whether the key signed this, by the key's own algorithm.
  bool is_signed_by(const VerificationKey& key) const;

 private:
  UnverifiedJws() = default;

  boost::json::object header_;
  SignatureAlgorithm algorithm_ = SignatureAlgorithm::kEs256;
  std::string key_id_;
  std::string type_;
  std::string signed_text_;
  std::string payload_;
  std::string signature_;
};

/// Signs a payload, compact. `type` goes into the header as `typ`, where it is not empty.
std::string sign_jws(const SigningKey& key, std::string_view type, std::string_view payload);

}  // namespace wardlock::jose
