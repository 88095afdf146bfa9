#include "cedar/format/display_width.h"

#include <algorithm>

#include "cedar/format/display_width_tables.h"

namespace wardlock::cedar {
namespace {

constexpr char32_t kJoiner = 0x200D;
constexpr char32_t kEmojiSelector = 0xFE0F;

bool is_in(std::span<const CodePointRange> ranges, char32_t c) {
  const auto it = std::ranges::lower_bound(ranges, c, {}, &CodePointRange::last);
  return it != ranges.end() && it->first <= c;
}

std::size_t width_of(char32_t c) {
  if (c < 0x80) return 1;
  if (is_in(zero_width_ranges(), c)) return 0;
  return is_in(wide_ranges(), c) ? 2 : 1;
}

/// Decodes the character that `text` begins with, and takes it away.
char32_t take_character(std::string_view& text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::size_t length = byte(0) < 0x80 ? 1 : byte(0) < 0xE0 ? 2 : byte(0) < 0xF0 ? 3 : 4;
  char32_t c = length == 1 ? byte(0) : byte(0) & (0xFF >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) c = c << 6 | (byte(i) & 0x3F);
  text.remove_prefix(length);
  return c;
}

bool is_emoji(char32_t c) { return c >= 0x1F000 || is_in(text_emoji_ranges(), c); }
bool is_skin_tone(char32_t c) { return c >= 0x1F3FB && c <= 0x1F3FF; }

}  // namespace

std::size_t display_width(std::string_view text) {
  if (std::ranges::all_of(text, [](unsigned char c) { return c < 0x80; })) return text.size();
  std::size_t width = 0;
  char32_t base = 0;  // the last character that was no joiner or selector
  char32_t previous = 0;
  while (!text.empty()) {
    const char32_t c = take_character(text);
    const bool joins = is_emoji(base) && is_emoji(c) && (previous == kJoiner || is_skin_tone(c));
    if (c == kEmojiSelector && is_in(text_emoji_ranges(), previous)) {
      ++width;
    } else if (!joins && !(previous == '\r' && c == '\n')) {
      width += width_of(c);
    }
    if (c != kJoiner && c != kEmojiSelector) base = c;
    previous = c;
  }
  return width;
}

}  // namespace wardlock::cedar
