#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crypto/private_key.h"
#include "webauthn/assertion.h"
#include "webauthn/registration.h"

namespace wardlock::webauthn {

/// CBOR as it is written, for tests.
std::string cbor_integer(std::int64_t value);
std::string cbor_bytes(std::string_view bytes);
std::string cbor_text(std::string_view text);
std::string cbor_map(const std::vector<std::pair<std::string, std::string>>& members);

std::string from_hex(std::string_view hex);

/// An authenticator with one credential, each of whose answers can be made wrong in one place.
class TestAuthenticator {
 public:
  explicit TestAuthenticator(crypto::KeyType type = crypto::KeyType::kP256,
                             SignatureAlgorithm algorithm = SignatureAlgorithm::kEs256);

  // What it says; public, so that a test says what it changes.
  std::string rp_id = "example.org";
  std::string credential_id = "a credential's id";
  std::uint8_t flags = 0x05;  ///< present, verified
  std::uint32_t sign_count = 7;
  std::string after;  ///< follows the authenticator's data

  std::string cose_key() const;
  /// With the credential where `with_credential`.
  std::string authenticator_data(bool with_credential) const;
  std::string sign(std::string_view text) const { return key_.sign(algorithm_, text); }
  const crypto::PrivateKey& key() const { return key_; }

 private:
  crypto::PrivateKey key_;
  SignatureAlgorithm algorithm_;
};

/// The browser's part: `{"type":…,"challenge":…,"origin":…}` with more members behind.
std::string client_data(std::string_view type, std::string_view challenge,
                        std::string_view origin = "https://example.org",
                        std::string_view more = "");

}  // namespace wardlock::webauthn
