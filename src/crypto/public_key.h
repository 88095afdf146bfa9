#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace wardlock::crypto {

/// How a signature is made; the names are those of JOSE (RFC 7518, RFC 8037) and COSE (RFC 9053).
/// Closed: nothing else is ever verified or made.
enum class SignatureAlgorithm : std::uint8_t {
  kEs256,  ///< ECDSA with P-256 and SHA-256
  kEs384,
  kEs512,  ///< ECDSA with P-521 and SHA-512
  kRs256,  ///< RSASSA-PKCS1-v1_5 with SHA-256
  kRs384,
  kRs512,
  kPs256,  ///< RSASSA-PSS with SHA-256 and a salt as long as the hash
  kPs384,
  kPs512,
  kEdDsa,  ///< Ed25519
};

/// `ES256` and so on.
std::string_view to_string(SignatureAlgorithm algorithm);

enum class KeyType : std::uint8_t { kP256, kP384, kP521, kRsa, kEd25519 };

/// Whether a key of that type makes such signatures: a P-256 key makes ES256 alone.
bool fits(KeyType type, SignatureAlgorithm algorithm);

/// A key that verifies signatures. RSA keys have 2048 to 4096 bits; points lie on their curve.
/// Cheap to copy. Thread-safe.
class PublicKey {
 public:
  struct State;

  /// Coordinates as big-endian numbers of the curve's full size.
  static Result<PublicKey> from_point(KeyType curve, std::string_view x, std::string_view y);
  static Result<PublicKey> from_ed25519(std::string_view key);
  /// Modulus and exponent as big-endian numbers without leading zeros.
  static Result<PublicKey> from_rsa(std::string_view modulus, std::string_view exponent);
  /// RFC 5280's SubjectPublicKeyInfo in DER, and nothing after it.
  static Result<PublicKey> from_spki(std::string_view der);
  /// Private to this room.
  static Result<PublicKey> from_state(std::shared_ptr<const State> state);

  KeyType type() const { return type_; }
  std::string spki() const;
  /// Coordinates of a curve's point, of the curve's full size.
  struct Point {
    std::string x, y;
  };
  /// Requires a key of P-256, P-384 or P-521.
  Point point() const;
  struct Rsa {
    std::string modulus, exponent;
  };
  /// Requires an RSA key.
  Rsa rsa() const;
  /// Requires an Ed25519 key.
  std::string ed25519() const;

  /// False also where the algorithm is not of this key. ECDSA's signatures are DER.
  bool verify(SignatureAlgorithm algorithm, std::string_view message,
              std::string_view signature) const;

  bool operator==(const PublicKey& other) const;

 private:
  PublicKey(std::shared_ptr<const State> state, KeyType type)
      : state_(std::move(state)), type_(type) {}

  std::shared_ptr<const State> state_;
  KeyType type_;
};

/// ECDSA's signature as JOSE writes it (r and s, each of the curve's full size) from DER, and back;
/// nothing where it cannot be one of that algorithm's.
std::optional<std::string> ecdsa_from_der(SignatureAlgorithm algorithm, std::string_view der);
std::optional<std::string> ecdsa_to_der(SignatureAlgorithm algorithm, std::string_view signature);

}  // namespace wardlock::crypto
