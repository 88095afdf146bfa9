#include "base/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace wardlock {
namespace {

std::uint8_t byte_at(std::string_view text, std::size_t i) {
  return i < text.size() ? static_cast<std::uint8_t>(text[i]) : 0;
}

/// The length of the well-formed sequence at the beginning of `text`, or 0 (RFC 3629 §4).
std::size_t sequence_length(std::string_view text) {
  const std::uint8_t first = byte_at(text, 0), second = byte_at(text, 1);
  const auto continues = [&](std::size_t i) { return (byte_at(text, i) & 0xC0) == 0x80; };
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return continues(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const bool second_fits = (first != 0xE0 || second >= 0xA0) && (first != 0xED || second < 0xA0);
    return continues(1) && second_fits && continues(2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const bool second_fits = (first != 0xF0 || second >= 0x90) && (first != 0xF4 || second < 0x90);
    return continues(1) && second_fits && continues(2) && continues(3) ? 4 : 0;
  }
  return 0;
}

/// The length of the deceptive character that `text` begins with, or 0.
std::size_t deceptive_length(std::string_view text) {
  // Unicode's Bidi_Control characters (UAX #9).
  static constexpr std::array<std::string_view, 12> kBidiControls = {
      "\u061C", "\u200E", "\u200F", "\u202A", "\u202B", "\u202C",
      "\u202D", "\u202E", "\u2066", "\u2067", "\u2068", "\u2069"};
  const std::uint8_t first = byte_at(text, 0), second = byte_at(text, 1);
  if (first < 0x20 || first == 0x7F) return 1;
  if (first == 0xC2 && second < 0xA0) return 2;  // C1: U+0080 to U+009F
  for (const std::string_view control : kBidiControls) {
    if (text.starts_with(control)) return control.size();
  }
  return 0;
}

/// Of one well-formed sequence.
std::uint32_t code_point(std::string_view sequence) {
  if (sequence.size() == 1) return byte_at(sequence, 0);
  std::uint32_t out = byte_at(sequence, 0) & (0x7FU >> sequence.size());
  for (const char c : sequence.substr(1)) out = out << 6 | (static_cast<std::uint8_t>(c) & 0x3FU);
  return out;
}

}  // namespace

bool is_continuation_byte(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

std::uint32_t count_code_points(std::string_view text) {
  return static_cast<std::uint32_t>(
      std::ranges::count_if(text, [](char c) { return !is_continuation_byte(c); }));
}

std::optional<std::size_t> find_invalid_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    if (byte_at(text, i) < 0x80) {  // most are
      ++i;
      continue;
    }
    const std::size_t length = sequence_length(text.substr(i, 4));
    if (length == 0) return i;
    i += length;
  }
  return std::nullopt;
}

std::optional<std::size_t> find_deceptive_character(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_plain = text[i] >= ' ' && text[i] <= '~';
    if (!is_plain && deceptive_length(text.substr(i)) > 0) return i;
  }
  return std::nullopt;
}

std::string printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = sequence_length(text.substr(0, 4));
    const bool is_blank = text.front() == '\n' || text.front() == '\t';
    if (length == 0) {
      out += "\\u{fffd}";
    } else if (!is_blank && deceptive_length(text) > 0) {
      out += fmt::format("\\u{{{:x}}}", code_point(text.substr(0, length)));
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

void append_utf8(std::string& out, std::uint32_t code_point) {
  const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
  const auto put_rest = [&](int shift) { put(0x80 | ((code_point >> shift) & 0x3F)); };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xC0 | code_point >> 6);
    put_rest(0);
  } else if (code_point < 0x10000) {
    put(0xE0 | code_point >> 12);
    put_rest(6);
    put_rest(0);
  } else {
    put(0xF0 | code_point >> 18);
    put_rest(12);
    put_rest(6);
    put_rest(0);
  }
}

}  // namespace wardlock
