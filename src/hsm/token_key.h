#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

namespace wardlock::hsm {

/// Which key of which token.
struct TokenKeyName {
  std::string module;  ///< the path of the vendor's PKCS#11 library
  std::string token;   ///< the token's label
  std::string key;     ///< the label of a key in it
};

/// An AES key in a token (PKCS#11 v2.40), which never leaves it. For one thread. A library is
/// loaded for as long as one of its keys is open.
///
/// Errors: kNotFound, there is no such library, token or key; kPermissionDenied, the PIN is wrong
/// or locked; kFailedPrecondition, the key may not be used so; kUnavailable, the token does not
/// answer. Messages name the token, never the PIN.
class TokenKey {
 public:
  static Result<TokenKey> open(const TokenKeyName& name, std::string_view pin);
  ~TokenKey();
  TokenKey(TokenKey&&) noexcept;
  TokenKey& operator=(TokenKey&&) = delete;

  /// CKM_AES_GCM with a random nonce, which comes first; then the text, sealed, and its tag.
  Result<std::string> seal(std::string_view text, std::string_view belongs_to) const;

  /// Error kDataLoss: this key did not seal it, or not for this, or it was changed.
  Result<std::string> unseal(std::string_view sealed, std::string_view belongs_to) const;

 private:
  struct Session;
  explicit TokenKey(std::unique_ptr<Session> session);

  std::unique_ptr<Session> session_;
};

}  // namespace wardlock::hsm
