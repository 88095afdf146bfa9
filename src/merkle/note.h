#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "merkle/note_key.h"

namespace wardlock::merkle {

/// C2SP signed-note. All functions are pure and thread-safe; any input may be hostile.

inline constexpr std::size_t kMaxNoteBytes = 1U << 20;
inline constexpr std::size_t kMaxNoteSignatures = 100;

/// A note as it came: nothing in it is to be believed before `verify_note`.
struct UnverifiedNote {
  std::string text;  ///< ends with a newline
  std::vector<NoteSignature> signatures;

  bool operator==(const UnverifiedNote&) const = default;
};

/// Errors: invalid_argument where it is not exactly a note, says where; resource_exhausted above
/// the limits.
Result<UnverifiedNote> parse_note(std::string_view bytes);

/// The note's bytes, which `parse_note` reads as the same note. Errors: as there.
Result<std::string> format_note(const UnverifiedNote& note);

/// One signature's line, with its newline.
std::string format_signature(const NoteSignature& signature);
/// Signature lines alone, as witnesses return them. Errors: as `parse_note`.
Result<std::vector<NoteSignature>> parse_signatures(std::string_view lines);

/// A signature that was checked.
struct VerifiedSignature {
  VerifierKey key;
  std::optional<std::uint64_t> unix_seconds;  ///< a cosignature's time
};

/// A text that at least one known key has signed. Only `verify_note` makes it.
class VerifiedNote {
 public:
  const std::string& text() const { return text_; }
  /// In the note's order, each key once: its first signature.
  const std::vector<VerifiedSignature>& signatures() const { return signatures_; }

 private:
  friend Result<VerifiedNote> verify_note(const UnverifiedNote&, std::span<const VerifierKey>);
  VerifiedNote() = default;

  std::string text_;
  std::vector<VerifiedSignature> signatures_;
};

/// Checks each signature that says it is of one of the keys; the others are ignored. Errors:
/// unauthenticated where a known key's signature is wrong, or there is none of a known key.
Result<VerifiedNote> verify_note(const UnverifiedNote& note, std::span<const VerifierKey> keys);

}  // namespace wardlock::merkle
