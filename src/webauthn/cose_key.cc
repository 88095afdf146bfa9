#include "webauthn/cose_key.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace wardlock::webauthn {
namespace {

using codec::Cbor;
using crypto::KeyType;
using crypto::PublicKey;

struct Numbered {
  std::int64_t number;
  SignatureAlgorithm algorithm;
};
constexpr std::array kAlgorithms = {
    Numbered{.number = -7, .algorithm = SignatureAlgorithm::kEs256},
    Numbered{.number = -8, .algorithm = SignatureAlgorithm::kEdDsa},
    Numbered{.number = -35, .algorithm = SignatureAlgorithm::kEs384},
    Numbered{.number = -36, .algorithm = SignatureAlgorithm::kEs512},
    Numbered{.number = -37, .algorithm = SignatureAlgorithm::kPs256},
    Numbered{.number = -38, .algorithm = SignatureAlgorithm::kPs384},
    Numbered{.number = -39, .algorithm = SignatureAlgorithm::kPs512},
    Numbered{.number = -257, .algorithm = SignatureAlgorithm::kRs256},
    Numbered{.number = -258, .algorithm = SignatureAlgorithm::kRs384},
    Numbered{.number = -259, .algorithm = SignatureAlgorithm::kRs512},
};

// RFC 9052, 7.1 and RFC 9053, 7: labels of a key's parameters.
constexpr std::int64_t kKeyType = 1;
constexpr std::int64_t kAlgorithm = 3;
constexpr std::int64_t kFirst = -1;  // the curve, or RSA's modulus
constexpr std::int64_t kSecond = -2;
constexpr std::int64_t kThird = -3;

Result<std::int64_t> integer(const Cbor& key, std::int64_t label) {
  const Cbor* value = key.find(label);
  const auto found = value ? value->integer() : std::nullopt;
  if (!found) return invalid(fmt::format("a credential's key has no integer {}", label));
  return *found;
}

Result<std::string_view> bytes(const Cbor& key, std::int64_t label) {
  const Cbor* value = key.find(label);
  const auto found = value ? value->bytes() : std::nullopt;
  if (!found) return invalid(fmt::format("a credential's key has no byte string {}", label));
  return *found;
}

/// RFC 9053, 7.1.
std::optional<KeyType> curve_of(std::int64_t number) {
  switch (number) {
    case 1: return KeyType::kP256;
    case 2: return KeyType::kP384;
    case 3: return KeyType::kP521;
    default: return std::nullopt;
  }
}

Result<PublicKey> read_point(const Cbor& key) {
  const auto curve = curve_of(TRY(integer(key, kFirst)));
  if (!curve) return invalid("the curve of a credential's key is none of P-256, P-384, P-521");
  const std::string_view x = TRY(bytes(key, kSecond));
  const std::string_view y = TRY(bytes(key, kThird));
  return PublicKey::from_point(*curve, x, y);
}

Result<PublicKey> read_ed25519(const Cbor& key) {
  constexpr std::int64_t kEd25519 = 6;
  if (TRY(integer(key, kFirst)) != kEd25519) {
    return invalid("the curve of a credential's OKP key is not Ed25519");
  }
  return PublicKey::from_ed25519(TRY(bytes(key, kSecond)));
}

Result<PublicKey> read_rsa(const Cbor& key) {
  const std::string_view modulus = TRY(bytes(key, kFirst));
  const std::string_view exponent = TRY(bytes(key, kSecond));
  return PublicKey::from_rsa(modulus, exponent);
}

Result<PublicKey> read_key(const Cbor& key) {
  constexpr std::int64_t kOkp = 1;
  constexpr std::int64_t kEc2 = 2;
  constexpr std::int64_t kRsa = 3;
  const std::int64_t type = TRY(integer(key, kKeyType));
  const std::size_t members = type == kEc2 ? 5 : 4;
  if (key.map()->size() != members) {
    return invalid("a credential's key has parameters that do not belong there");
  }
  switch (type) {
    case kOkp: return read_ed25519(key);
    case kEc2: return read_point(key);
    case kRsa: return read_rsa(key);
    default: return invalid("a credential's key is none of OKP, EC2 and RSA");
  }
}

}  // namespace

std::optional<SignatureAlgorithm> cose_algorithm(std::int64_t number) {
  const auto* found = std::ranges::find(kAlgorithms, number, &Numbered::number);
  return found == kAlgorithms.end() ? std::nullopt : std::optional(found->algorithm);
}

std::int64_t cose_number(SignatureAlgorithm algorithm) {
  return std::ranges::find(kAlgorithms, algorithm, &Numbered::algorithm)->number;
}

Result<CredentialKey> read_cose_key(const Cbor& key) {
  if (!key.map()) return invalid("a credential's key is not a map");
  const std::int64_t number = TRY(integer(key, kAlgorithm));
  const auto algorithm = cose_algorithm(number);
  if (!algorithm) {
    return invalid(fmt::format("the algorithm {} of a credential's key is not taken", number));
  }
  PublicKey read = TRY(read_key(key));
  if (!crypto::fits(read.type(), *algorithm)) {
    return invalid("a credential's key is not one of its algorithm");
  }
  return CredentialKey{.key = std::move(read), .algorithm = *algorithm};
}

}  // namespace wardlock::webauthn
