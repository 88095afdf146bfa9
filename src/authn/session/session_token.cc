#include "authn/session/session_token.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "codec/base64url.h"

namespace wardlock::authn {
namespace {

constexpr std::string_view kPrefix = "wls_";
constexpr std::size_t kIdBytes = 16;
constexpr std::size_t kFamilyBytes = 16;
constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kBytes = kIdBytes + kFamilyBytes + kSecretBytes;
constexpr std::size_t kLetters = 86;

/// The parts of a token; wiped when they go.
struct Parts {
  explicit Parts(std::string all) : bytes(std::move(all)) {}
  ~Parts() { wipe(bytes); }
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;

  std::string_view family() const { return std::string_view(bytes).substr(kIdBytes, kFamilyBytes); }
  std::string_view secret() const {
    return std::string_view(bytes).substr(kIdBytes + kFamilyBytes);
  }

  std::string bytes;
};

/// The bytes of the token's text; empty: it is none.
std::string bytes_of(std::string_view token) {
  if (token.size() != kPrefix.size() + kLetters || !token.starts_with(kPrefix)) return {};
  std::string bytes = codec::from_base64url(token.substr(kPrefix.size())).value_or("");
  if (bytes.size() != kBytes) bytes.clear();
  return bytes;
}

Secret text_of(std::string_view bytes) {
  std::string text(kPrefix);
  text.reserve(kPrefix.size() + kLetters);
  text += codec::to_base64url(
      std::span(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
  Secret secret(text);
  wipe(text);
  return secret;
}

std::span<std::uint8_t> span_of(std::string& bytes, std::size_t from) {
  return std::span(reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()).subspan(from);
}

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

std::optional<IdBytes> id_bytes(std::string_view uuid) {
  if (uuid.size() != 36) return std::nullopt;
  IdBytes bytes = {};
  std::size_t place = 0;
  for (std::size_t i = 0; i < uuid.size(); ++i) {
    const bool is_hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    if (is_hyphen) {
      if (uuid[i] != '-') return std::nullopt;
      continue;
    }
    const int digit = digit_of(uuid[i]);
    if (digit < 0) return std::nullopt;
    bytes.at(place / 2) = static_cast<std::uint8_t>(bytes.at(place / 2) << 4 | digit);
    ++place;
  }
  return bytes;
}

std::string id_text(const IdBytes& bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(36);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += kDigits[bytes.at(i) >> 4];
    text += kDigits[bytes.at(i) & 0xF];
  }
  return text;
}

std::optional<ReadToken> read_token(std::string_view token) {
  const Parts parts(bytes_of(token));
  if (parts.bytes.empty()) return std::nullopt;
  ReadToken read{
      .id = {}, .family = crypto::sha256(parts.family()), .secret = crypto::sha256(parts.secret())};
  std::ranges::copy_n(reinterpret_cast<const std::uint8_t*>(parts.bytes.data()), kIdBytes,
                      read.id.begin());
  return read;
}

Secret new_session_token(const IdBytes& id, const FillRandom& fill_random, TokenHashes& hashes) {
  Parts parts(std::string(kBytes, '\0'));
  std::ranges::copy(id, span_of(parts.bytes, 0).begin());
  fill_random(span_of(parts.bytes, kIdBytes));
  hashes = {.family = crypto::sha256(parts.family()),
            .current = crypto::sha256(parts.secret()),
            .before = {}};
  return text_of(parts.bytes);
}

Secret next_session_token(std::string_view token, const FillRandom& fill_random,
                          TokenHashes& hashes) {
  Parts parts(bytes_of(token));
  CHECK(!parts.bytes.empty());
  fill_random(span_of(parts.bytes, kIdBytes + kFamilyBytes));
  hashes.before = hashes.current;
  hashes.current = crypto::sha256(parts.secret());
  return text_of(parts.bytes);
}

}  // namespace wardlock::authn
