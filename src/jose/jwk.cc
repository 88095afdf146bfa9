#include "jose/jwk.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "base/utf8.h"
#include "codec/base64url.h"
#include "crypto/sha256.h"

namespace wardlock::jose {
namespace {

using crypto::KeyType;
using crypto::PublicKey;
using Members = boost::json::object;

constexpr std::array kAlgorithms = {SignatureAlgorithm::kEs256, SignatureAlgorithm::kEs384,
                                    SignatureAlgorithm::kEs512, SignatureAlgorithm::kRs256,
                                    SignatureAlgorithm::kRs384, SignatureAlgorithm::kRs512,
                                    SignatureAlgorithm::kPs256, SignatureAlgorithm::kPs384,
                                    SignatureAlgorithm::kPs512, SignatureAlgorithm::kEdDsa};

constexpr std::size_t kMaxIdBytes = 256;

std::string encoded(std::string_view bytes) {
  return codec::to_base64url(
      std::span(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
}

Result<std::string_view> text_of(const Members& members, std::string_view name) {
  const codec::Json* value = members.if_contains(name);
  if (!value || !value->is_string()) return invalid(fmt::format("a key has no text `{}`", name));
  return std::string_view(value->get_string());
}

Result<std::string> bytes_of(const Members& members, std::string_view name) {
  auto bytes = codec::from_base64url(TRY(text_of(members, name)));
  if (!bytes) return invalid(fmt::format("`{}` of a key is not base64url", name));
  return *std::move(bytes);
}

std::optional<KeyType> curve_named(std::string_view name) {
  if (name == "P-256") return KeyType::kP256;
  if (name == "P-384") return KeyType::kP384;
  if (name == "P-521") return KeyType::kP521;
  return std::nullopt;
}

std::string_view name_of(KeyType curve) {
  switch (curve) {
    case KeyType::kP256: return "P-256";
    case KeyType::kP384: return "P-384";
    case KeyType::kP521: return "P-521";
    default: return "Ed25519";
  }
}

Result<PublicKey> read_key(const Members& members) {
  const std::string_view kind = TRY(text_of(members, "kty"));
  if (kind == "RSA") {
    const std::string modulus = TRY(bytes_of(members, "n"));
    const std::string exponent = TRY(bytes_of(members, "e"));
    return PublicKey::from_rsa(modulus, exponent);
  }
  if (kind == "EC") {
    const auto curve = curve_named(TRY(text_of(members, "crv")));
    if (!curve) return invalid("the curve of a key is none of P-256, P-384 and P-521");
    const std::string x = TRY(bytes_of(members, "x"));
    const std::string y = TRY(bytes_of(members, "y"));
    return PublicKey::from_point(*curve, x, y);
  }
  if (kind == "OKP") {
    if (TRY(text_of(members, "crv")) != "Ed25519") {
      return invalid("the curve of an OKP key is not Ed25519");
    }
    const std::string x = TRY(bytes_of(members, "x"));
    return PublicKey::from_ed25519(x);
  }
  return invalid(fmt::format("`kty` of a key is `{}`; RSA, EC and OKP are taken", printable(kind)));
}

/// RFC 7518, 6.3.2 and RFC 8037, 2: the members that only private keys have; `k` is a shared
/// secret.
bool is_secret(const Members& members) {
  constexpr std::array<std::string_view, 8> kNames = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"};
  return std::ranges::any_of(
      kNames, [&](std::string_view name) { return members.if_contains(name) != nullptr; });
}

/// Whether its owner gives it for verifying signatures (RFC 7517, 4.2 and 4.3).
bool is_for_signatures(const Members& members) {
  const codec::Json* use = members.if_contains("use");
  if (use && !(use->is_string() && use->get_string() == "sig")) return false;
  const codec::Json* operations = members.if_contains("key_ops");
  return !operations || (operations->is_array() &&
                         std::ranges::any_of(operations->get_array(), [](const auto& it) {
                           return it.is_string() && it.get_string() == "verify";
                         }));
}

Result<SignatureAlgorithm> algorithm_of(const Members& members, KeyType type,
                                        SignatureAlgorithm rsa_algorithm) {
  if (members.if_contains("alg")) {
    const std::string_view name = TRY(text_of(members, "alg"));
    const auto algorithm = signature_algorithm(name);
    if (!algorithm || !crypto::fits(type, *algorithm)) {
      return invalid(fmt::format("the algorithm `{}` is not one of this key", printable(name)));
    }
    return *algorithm;
  }
  if (type == KeyType::kRsa) return rsa_algorithm;
  const auto* found = std::ranges::find_if(
      kAlgorithms, [&](SignatureAlgorithm algorithm) { return crypto::fits(type, algorithm); });
  return *found;
}

/// Whether it is one that RFC 7517, 5 lets a set's reader pass over.
bool is_for_others(const Members& members) {
  if (!is_for_signatures(members)) return true;
  const codec::Json* algorithm = members.if_contains("alg");
  if (algorithm && algorithm->is_string() &&
      !signature_algorithm(std::string_view(algorithm->get_string()))) {
    return true;
  }
  const codec::Json* kind = members.if_contains("kty");
  const codec::Json* curve = members.if_contains("crv");
  if (!kind || !kind->is_string()) return false;
  const std::string_view name = kind->get_string();
  if (name == "RSA") return false;
  if (name != "EC" && name != "OKP") return true;
  if (!curve || !curve->is_string()) return false;
  const std::string_view curve_name = curve->get_string();
  return name == "EC" ? !curve_named(curve_name) : curve_name != "Ed25519";
}

/// The members that make the key what it is, in the order of RFC 7638, 3.3.
Members required_members(const PublicKey& key) {
  if (key.type() == KeyType::kRsa) {
    const PublicKey::Rsa rsa = key.rsa();
    return {{"e", encoded(rsa.exponent)}, {"kty", "RSA"}, {"n", encoded(rsa.modulus)}};
  }
  if (key.type() == KeyType::kEd25519) {
    return {{"crv", name_of(key.type())}, {"kty", "OKP"}, {"x", encoded(key.ed25519())}};
  }
  const PublicKey::Point point = key.point();
  return {{"crv", name_of(key.type())},
          {"kty", "EC"},
          {"x", encoded(point.x)},
          {"y", encoded(point.y)}};
}

}  // namespace

std::optional<SignatureAlgorithm> signature_algorithm(std::string_view name) {
  const auto* found = std::ranges::find_if(kAlgorithms, [&](SignatureAlgorithm algorithm) {
    return crypto::to_string(algorithm) == name;
  });
  return found == kAlgorithms.end() ? std::nullopt : std::optional(*found);
}

Result<VerificationKey> parse_jwk(const codec::Json& json, SignatureAlgorithm rsa_algorithm) {
  if (!json.is_object()) return invalid("a key is not a JSON object");
  const Members& members = json.get_object();
  if (is_secret(members)) {
    return invalid(
        "a secret key was given where a public one belongs; replace it, for it is known");
  }
  if (!is_for_signatures(members)) return invalid("a key is not for verifying signatures");
  PublicKey key = TRY(read_key(members));
  const SignatureAlgorithm algorithm = TRY(algorithm_of(members, key.type(), rsa_algorithm));
  std::string id;
  if (members.if_contains("kid")) id = TRY(text_of(members, "kid"));
  if (id.size() > kMaxIdBytes) return invalid("the `kid` of a key is longer than 256 bytes");
  return VerificationKey{.key = std::move(key), .algorithm = algorithm, .id = std::move(id)};
}

codec::Json to_jwk(const VerificationKey& key) {
  Members members = required_members(key.key);
  members["use"] = "sig";
  members["alg"] = crypto::to_string(key.algorithm);
  if (!key.id.empty()) members["kid"] = key.id;
  return members;
}

std::string thumbprint(const PublicKey& key) {
  const crypto::Sha256Digest hash =
      crypto::sha256(codec::to_json_text(codec::Json(required_members(key))));
  return codec::to_base64url(hash);
}

Result<KeySet> KeySet::parse(std::string_view text, SignatureAlgorithm rsa_algorithm) {
  constexpr std::size_t kMaxBytes = std::size_t{256} << 10;
  const codec::Json json =
      TRY(codec::parse_json(text, {.max_bytes = kMaxBytes, .max_depth = 16, .max_members = 64}));
  const codec::Json* list = json.is_object() ? json.get_object().if_contains("keys") : nullptr;
  if (!list || !list->is_array()) return invalid("a set of keys is an object with a list `keys`");
  if (list->get_array().size() > kMaxKeys) {
    return invalid(fmt::format("a set of keys has more than {} keys", kMaxKeys));
  }
  std::vector<VerificationKey> keys;
  for (const codec::Json& entry : list->get_array()) {
    if (entry.is_object() && !is_secret(entry.get_object()) && is_for_others(entry.get_object())) {
      continue;
    }
    VerificationKey key = TRY(parse_jwk(entry, rsa_algorithm));
    const bool is_known = std::ranges::any_of(
        keys, [&](const VerificationKey& other) { return !key.id.empty() && other.id == key.id; });
    if (is_known) {
      return invalid(fmt::format("two keys of a set have the `kid` `{}`", printable(key.id)));
    }
    keys.push_back(std::move(key));
  }
  return KeySet(std::move(keys));
}

codec::Json KeySet::to_json() const {
  boost::json::array list;
  for (const VerificationKey& key : keys_) list.push_back(to_jwk(key));
  return Members{{"keys", std::move(list)}};
}

const VerificationKey* KeySet::find(std::string_view id) const {
  if (id.empty()) return keys_.size() == 1 ? keys_.data() : nullptr;
  const auto found =
      std::ranges::find_if(keys_, [&](const VerificationKey& key) { return key.id == id; });
  return found == keys_.end() ? nullptr : &*found;
}

}  // namespace wardlock::jose
