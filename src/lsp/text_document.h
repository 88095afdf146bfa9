#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"

namespace wardlock::lsp {

/// How a client counts characters in a line.
enum class PositionEncoding : std::uint8_t { kUtf8, kUtf16 };

/// A position as the protocol has it: both from 0, `character` in units of the encoding.
struct Place {
  std::uint32_t line = 0;
  std::uint32_t character = 0;

  friend bool operator==(const Place&, const Place&) = default;
};

/// A text and its lines, which end with LF, CRLF or CR. The text is meant to be UTF-8; in what is
/// not, each stray byte counts as a character.
class TextDocument {
 public:
  explicit TextDocument(std::string text);

  std::string_view text() const { return text_; }

  /// An offset beyond the end counts as the end.
  Place place_at(std::uint32_t offset, PositionEncoding encoding) const;

  /// A place beyond a line's end is that end, and one beyond the last line the text's; within a
  /// character it is the character's beginning.
  std::uint32_t offset_at(const Place& place, PositionEncoding encoding) const;

  void replace(Span span, std::string_view replacement);

 private:
  void index_lines();
  /// The line without what ends it.
  std::string_view line_text(std::size_t line) const;

  std::string text_;
  std::vector<std::uint32_t> lines_;  ///< where each begins; at least one
};

}  // namespace wardlock::lsp
