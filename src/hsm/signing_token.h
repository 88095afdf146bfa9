#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "crypto/public_key.h"
#include "hsm/token_key.h"

namespace wardlock::hsm {

/// A key in a token that signs (PKCS#11 v3.0): ECDSA with P-256 and SHA-256, or Ed25519. It never
/// leaves the token. For one thread.
///
/// Errors: as those of `TokenKey`; kNotFound also where its public key is not beside it, under the
/// same label.
class SigningToken {
 public:
  static Result<SigningToken> open(const TokenKeyName& name, std::string_view pin);
  ~SigningToken();
  SigningToken(SigningToken&&) noexcept;
  SigningToken& operator=(SigningToken&&) = delete;

  const crypto::PublicKey& public_key() const { return public_key_; }
  /// As `crypto::PrivateKey::sign`: ECDSA's signatures are DER.
  Result<std::string> sign(std::string_view message) const;

 private:
  struct State;
  SigningToken(std::unique_ptr<State> state, crypto::PublicKey public_key);

  std::unique_ptr<State> state_;
  crypto::PublicKey public_key_;
};

/// A key in a token as a PKCS#11 URI (RFC 7512) names it.
struct TokenAddress {
  TokenKeyName name;
  std::string pin_file;  ///< its first line is the user's PIN
};

/// Reads `pkcs11:token=LABEL;object=LABEL?module-path=FILE&pin-source=FILE`, all four; also
/// `type=private`, and `file:` in front of a path. Error kInvalidArgument: something is missing,
/// not known or given twice; `pin-value`, since a PIN is no part of a command line.
Result<TokenAddress> parse_token_address(std::string_view uri);

}  // namespace wardlock::hsm
