#include "merkle/note_key.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/check.h"
#include "base/utf8.h"
#include "codec/base64.h"
#include "crypto/sha256.h"
#include "merkle/cosignature.h"

namespace wardlock::merkle {
namespace {

constexpr std::size_t kKeyIdDigits = 8;
constexpr std::string_view kPrivateKey = "PRIVATE+KEY+";

/// What Unicode calls White_Space, but for ASCII.
constexpr std::array<std::string_view, 19> kUnicodeSpaces = {
    "\u0085", "\u00a0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003",
    "\u2004", "\u2005", "\u2006", "\u2007", "\u2008", "\u2009", "\u200a",
    "\u2028", "\u2029", "\u202f", "\u205f", "\u3000"};

bool is_ed25519(SignatureType type) {
  return type == SignatureType::kEd25519 || type == SignatureType::kEd25519Cosignature;
}

Result<void> check_key(std::string_view name, SignatureType type) {
  if (!is_key_name(name)) {
    return invalid(fmt::format(
        "`{}` cannot name a key: a name has no spaces, no `+` and is not empty", printable(name)));
  }
  if (!is_ed25519(type)) {
    return fail(ErrorCode::kUnimplemented,
                fmt::format("the key of `{}` is for signatures of type {} ({}), which are not "
                            "supported; use one for Ed25519 (1, or 4 for cosignatures)",
                            printable(name), static_cast<int>(type), to_string(type)));
  }
  return {};
}

/// The first four bytes of SHA-256 over name, newline, type and key.
std::uint32_t key_id(std::string_view name, SignatureType type,
                     const crypto::Ed25519PublicKey& key) {
  std::string message = fmt::format("{}\n{}", name, static_cast<char>(type));
  message.append(key.begin(), key.end());
  const crypto::Sha256Digest digest = crypto::sha256(message);
  std::uint32_t id = 0;
  for (std::size_t i = 0; i < sizeof id; ++i) id = id << 8 | digest[i];
  return id;
}

/// `name+id+base64(type and 32 bytes)`, which public and private keys are written as.
struct KeyText {
  std::string name;
  std::uint32_t id = 0;
  SignatureType type = SignatureType::kEd25519;
  std::array<std::uint8_t, 32> key{};
};

std::string write_key_text(std::string_view name, std::uint32_t id, SignatureType type,
                           std::span<const std::uint8_t, 32> key) {
  std::array<std::uint8_t, 33> typed;
  typed[0] = static_cast<std::uint8_t>(type);
  std::ranges::copy(key, typed.begin() + 1);
  return fmt::format("{}+{:08x}+{}", name, id, codec::to_base64(typed));
}

std::optional<std::uint32_t> parse_key_id(std::string_view text) {
  if (text.size() != kKeyIdDigits) return std::nullopt;
  std::uint32_t id = 0;
  for (const char digit : text) {
    const std::size_t value = std::string_view("0123456789abcdef").find(digit);
    if (value == std::string_view::npos) return std::nullopt;
    id = id << 4 | static_cast<std::uint32_t>(value);
  }
  return id;
}

Result<KeyText> parse_key_text(std::string_view text) {
  const auto malformed = [] {
    return invalid("a key is written as `name+id+base64`, the id as eight hexadecimal digits");
  };
  // The name has no `+`; what comes last may.
  const std::size_t name_end = text.find('+');
  if (name_end == std::string_view::npos) return malformed();
  const std::size_t id_end = text.find('+', name_end + 1);
  if (id_end == std::string_view::npos) return malformed();
  const auto id = parse_key_id(text.substr(name_end + 1, id_end - name_end - 1));
  const auto key = codec::from_base64(text.substr(id_end + 1));
  if (!id || !key || key->empty()) return malformed();
  KeyText parsed{
      std::string(text.substr(0, name_end)), *id, static_cast<SignatureType>(key->front()), {}};
  TRY_VOID(check_key(parsed.name, parsed.type));
  if (key->size() != 1 + parsed.key.size()) return malformed();
  std::ranges::copy(std::string_view(*key).substr(1), parsed.key.begin());
  return parsed;
}

std::unexpected<Error> wrong_id(std::string_view name) {
  return invalid(
      fmt::format("the key of `{}` has another id than is written; copy it again", name));
}

}  // namespace

std::string_view to_string(SignatureType type) {
  switch (type) {
    case SignatureType::kEd25519: return "Ed25519";
    case SignatureType::kEcdsa: return "ECDSA";
    case SignatureType::kEd25519Cosignature: return "Ed25519 cosignature";
    case SignatureType::kTreeHeadSignature: return "RFC 6962 tree head";
    case SignatureType::kMlDsa44Cosignature: return "ML-DSA-44 cosignature";
  }
  return "unknown";
}

bool is_key_name(std::string_view name) {
  if (name.empty() || find_invalid_utf8(name)) return false;
  const auto forbidden = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= 0x20 || byte == '+';
  };
  if (std::ranges::any_of(name, forbidden)) return false;
  return std::ranges::none_of(kUnicodeSpaces,
                              [&](std::string_view space) { return name.contains(space); });
}

VerifierKey::VerifierKey(std::string_view name, SignatureType type,
                         const crypto::Ed25519PublicKey& key)
    : name_(name), id_(key_id(name, type, key)), type_(type), key_(key) {}

Result<VerifierKey> VerifierKey::make(std::string_view name, SignatureType type,
                                      const crypto::Ed25519PublicKey& key) {
  TRY_VOID(check_key(name, type));
  return VerifierKey(name, type, key);
}

Result<VerifierKey> VerifierKey::parse(std::string_view text) {
  const KeyText parsed = TRY(parse_key_text(text));
  VerifierKey key(parsed.name, parsed.type, parsed.key);
  if (key.id() != parsed.id) return wrong_id(printable(parsed.name));
  return key;
}

std::string VerifierKey::text() const { return write_key_text(name_, id_, type_, key_); }

bool VerifierKey::claims(const NoteSignature& signature) const {
  return signature.key_id == id_ && signature.key_name == name_;
}

bool VerifierKey::verifies(std::string_view note_text, const NoteSignature& signature) const {
  if (!claims(signature)) return false;
  if (type_ == SignatureType::kEd25519Cosignature) {
    const auto cosignature = timestamped_signature(signature.bytes);
    return cosignature &&
           crypto::ed25519_verify(key_, cosigned_message(cosignature->unix_seconds, note_text),
                                  cosignature->signature);
  }
  crypto::Ed25519Signature bytes;
  if (signature.bytes.size() != bytes.size()) return false;
  std::ranges::copy(signature.bytes, bytes.begin());
  return crypto::ed25519_verify(key_, note_text, bytes);
}

Result<SignerKey> SignerKey::generate(std::string_view name, SignatureType type) {
  return from_seed(name, type, crypto::Ed25519SigningKey::generate().seed());
}

Result<SignerKey> SignerKey::from_seed(
    std::string_view name, SignatureType type,
    std::span<const std::uint8_t, crypto::kEd25519SeedBytes> seed) {
  const crypto::Ed25519SigningKey key(seed);
  VerifierKey verifier = TRY(VerifierKey::make(name, type, key.public_key()));
  return SignerKey(std::move(verifier), key);
}

Result<SignerKey> SignerKey::parse(std::string_view text) {
  if (!text.starts_with(kPrivateKey)) {
    return invalid(fmt::format("a signing key begins with `{}`", kPrivateKey));
  }
  const KeyText parsed = TRY(parse_key_text(text.substr(kPrivateKey.size())));
  SignerKey key = TRY(from_seed(parsed.name, parsed.type, parsed.key));
  if (key.verifier().id() != parsed.id) return wrong_id(printable(parsed.name));
  return key;
}

std::string SignerKey::secret_text() const {
  return std::string(kPrivateKey) + write_key_text(name(), verifier_.id(), type(), key_.seed());
}

NoteSignature SignerKey::sign(std::string_view note_text, std::uint64_t unix_seconds) const {
  NoteSignature signature{name(), verifier_.id(), {}};
  if (type() == SignatureType::kEd25519Cosignature) {
    CHECK(unix_seconds <= kMaxCosignatureTime);
    signature.bytes =
        to_bytes({unix_seconds, key_.sign(cosigned_message(unix_seconds, note_text))});
  } else {
    const crypto::Ed25519Signature bytes = key_.sign(note_text);
    signature.bytes.assign(bytes.begin(), bytes.end());
  }
  return signature;
}

}  // namespace wardlock::merkle
