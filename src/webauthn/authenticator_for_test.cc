#include "webauthn/authenticator_for_test.h"

#include <fmt/format.h>

#include <charconv>
#include <span>

#include "base/check.h"
#include "codec/base64url.h"
#include "crypto/digest.h"

namespace wardlock::webauthn {
namespace {

std::string head(int major, std::uint64_t argument) {
  const auto first = [&](std::uint64_t low) { return static_cast<char>(major << 5 | low); };
  std::string out;
  int bytes = 0;
  if (argument < 24) return {first(argument)};
  if (argument <= 0xFF) {
    out += first(24);
    bytes = 1;
  } else if (argument <= 0xFFFF) {
    out += first(25);
    bytes = 2;
  } else {
    out += first(26);
    bytes = 4;
  }
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    out += static_cast<char>(argument >> shift & 0xFF);
  }
  return out;
}

}  // namespace

std::string cbor_integer(std::int64_t value) {
  return value < 0 ? head(1, static_cast<std::uint64_t>(-1 - value))
                   : head(0, static_cast<std::uint64_t>(value));
}
std::string cbor_bytes(std::string_view bytes) { return head(2, bytes.size()).append(bytes); }
std::string cbor_text(std::string_view text) { return head(3, text.size()).append(text); }
std::string cbor_map(const std::vector<std::pair<std::string, std::string>>& members) {
  std::string out = head(5, members.size());
  for (const auto& [key, value] : members) out += key + value;
  return out;
}

std::string from_hex(std::string_view hex) {
  CHECK(hex.size() % 2 == 0);
  std::string out;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(hex.data() + i, hex.data() + i + 2, value, 16);
    CHECK(error == std::errc() && end == hex.data() + i + 2);
    out += static_cast<char>(value);
  }
  return out;
}

TestAuthenticator::TestAuthenticator(crypto::KeyType type, SignatureAlgorithm algorithm)
    : key_(crypto::PrivateKey::generate(type)), algorithm_(algorithm) {}

std::string TestAuthenticator::cose_key() const {
  const crypto::PublicKey& key = key_.public_key();
  std::vector<std::pair<std::string, std::string>> members;
  const auto add = [&](std::int64_t label, std::string value) {
    members.emplace_back(cbor_integer(label), std::move(value));
  };
  const std::string algorithm = cbor_integer(cose_number(algorithm_));
  if (key.type() == crypto::KeyType::kEd25519) {
    add(1, cbor_integer(1));
    add(3, algorithm);
    add(-1, cbor_integer(6));
    add(-2, cbor_bytes(key.ed25519()));
  } else if (key.type() == crypto::KeyType::kRsa) {
    add(1, cbor_integer(3));
    add(3, algorithm);
    add(-1, cbor_bytes(key.rsa().modulus));
    add(-2, cbor_bytes(key.rsa().exponent));
  } else {
    add(1, cbor_integer(2));
    add(3, algorithm);
    add(-1, cbor_integer(1 + static_cast<int>(key.type())));
    add(-2, cbor_bytes(key.point().x));
    add(-3, cbor_bytes(key.point().y));
  }
  return cbor_map(members);
}

std::string TestAuthenticator::authenticator_data(bool with_credential) const {
  std::string out = crypto::digest(crypto::HashAlgorithm::kSha256, rp_id);
  out += static_cast<char>(flags | (with_credential ? 0x40 : 0));
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(sign_count >> shift & 0xFF);
  if (with_credential) {
    out += "a model's name!!";
    out += static_cast<char>(credential_id.size() >> 8);
    out += static_cast<char>(credential_id.size() & 0xFF);
    out += credential_id + cose_key();
  }
  return out + after;
}

std::string client_data(std::string_view type, std::string_view challenge, std::string_view origin,
                        std::string_view more) {
  const std::string coded = codec::to_base64url(
      std::span(reinterpret_cast<const std::uint8_t*>(challenge.data()), challenge.size()));
  return fmt::format(R"({{"type":"{}","challenge":"{}","origin":"{}"{}}})", type, coded, origin,
                     more);
}

}  // namespace wardlock::webauthn
