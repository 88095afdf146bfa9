#include "merkle/note.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.h"
#include "codec/base64.h"
#include "merkle/cosignature.h"
#include "merkle/lines.h"

namespace wardlock::merkle {
namespace {

constexpr std::string_view kSignatureStart = "\u2014 ";  // an em dash
constexpr std::string_view kSeparator = "\n\n";
constexpr std::size_t kKeyIdBytes = 4;

Result<void> check_bytes(std::string_view bytes) {
  if (bytes.size() > kMaxNoteBytes) {
    return fail(ErrorCode::kResourceExhausted,
                fmt::format("a note of {} bytes is larger than {}", bytes.size(), kMaxNoteBytes));
  }
  if (find_invalid_utf8(bytes)) return invalid("a note must be valid UTF-8");
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\n'; };
  if (std::ranges::any_of(bytes, control)) {
    return invalid("a note must have no control characters but newlines");
  }
  return {};
}

Result<NoteSignature> parse_signature(std::string_view line, std::size_t number) {
  const auto malformed = [&](std::string_view why) {
    return invalid(fmt::format("signature {} of the note is none: {}", number, why));
  };
  if (!line.starts_with(kSignatureStart)) {
    return malformed("it must begin with an em dash and a space");
  }
  const std::string_view rest = line.substr(kSignatureStart.size());
  const std::size_t space = rest.find(' ');
  if (space == std::string_view::npos) return malformed("it must have a key name and base64");
  const std::string_view name = rest.substr(0, space);
  if (!is_key_name(name)) return malformed("its first word cannot name a key");
  const auto bytes = codec::from_base64(rest.substr(space + 1));
  if (!bytes || bytes->size() <= kKeyIdBytes) {
    return malformed("its last word must be the base64 of a key id and a signature");
  }
  NoteSignature signature{std::string(name), 0, bytes->substr(kKeyIdBytes)};
  for (const char byte : bytes->substr(0, kKeyIdBytes)) {
    signature.key_id = signature.key_id << 8 | static_cast<unsigned char>(byte);
  }
  return signature;
}

}  // namespace

Result<UnverifiedNote> parse_note(std::string_view bytes) {
  TRY_VOID(check_bytes(bytes));
  const std::size_t split = bytes.rfind(kSeparator);
  if (split == std::string_view::npos) {
    return invalid("a note needs an empty line between its text and its signatures");
  }
  UnverifiedNote note;
  note.text = bytes.substr(0, split + 1);
  note.signatures = TRY(parse_signatures(bytes.substr(split + kSeparator.size())));
  if (note.signatures.empty()) return invalid("a note needs at least one signature");
  return note;
}

Result<std::string> format_note(const UnverifiedNote& note) {
  std::string bytes = note.text + "\n";
  for (const NoteSignature& signature : note.signatures) bytes += format_signature(signature);
  const UnverifiedNote again = TRY(parse_note(bytes));
  if (again != note) return invalid("the text of a note must end with a newline");
  return bytes;
}

std::string format_signature(const NoteSignature& signature) {
  std::string bytes;
  for (std::size_t i = 0; i < kKeyIdBytes; ++i) {
    bytes += static_cast<char>(signature.key_id >> (8 * (kKeyIdBytes - 1 - i)) & 0xFF);
  }
  bytes += signature.bytes;
  return fmt::format(
      "{}{} {}\n", kSignatureStart, signature.key_name,
      codec::to_base64({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}));
}

Result<std::vector<NoteSignature>> parse_signatures(std::string_view text) {
  TRY_VOID(check_bytes(text));
  std::vector<NoteSignature> signatures;
  Lines lines(text);
  while (const auto line = lines.next()) {
    if (signatures.size() == kMaxNoteSignatures) {
      return fail(ErrorCode::kResourceExhausted,
                  fmt::format("a note has {} signatures at most", kMaxNoteSignatures));
    }
    signatures.push_back(TRY(parse_signature(*line, lines.number())));
  }
  if (!lines.rest().empty()) return invalid("the last signature of a note must end with a newline");
  return signatures;
}

Result<VerifiedNote> verify_note(const UnverifiedNote& note, std::span<const VerifierKey> keys) {
  VerifiedNote verified;
  for (const NoteSignature& signature : note.signatures) {
    const auto key = std::ranges::find_if(
        keys, [&](const VerifierKey& known) { return known.claims(signature); });
    if (key == keys.end()) continue;
    if (!key->verifies(note.text, signature)) {
      return fail(ErrorCode::kUnauthenticated,
                  fmt::format("the signature of `{}` is wrong", printable(key->name())));
    }
    const bool seen = std::ranges::any_of(
        verified.signatures_, [&](const VerifiedSignature& other) { return other.key == *key; });
    if (seen) continue;
    std::optional<std::uint64_t> time;
    if (key->type() == SignatureType::kEd25519Cosignature) {
      time = timestamped_signature(signature.bytes)->unix_seconds;
    }
    verified.signatures_.push_back({*key, time});
  }
  if (verified.signatures_.empty()) {
    return fail(ErrorCode::kUnauthenticated, "no key that is trusted has signed the note");
  }
  verified.text_ = note.text;
  return verified;
}

}  // namespace wardlock::merkle
