#include "cedar/schema/schema_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

namespace wardlock::cedar {
namespace {

bool is_identifier_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_identifier_part(char c) { return is_identifier_start(c) || (c >= '0' && c <= '9'); }

/// The bytes of the UTF-8 character that `text` begins with, so that a message shows all of it.
std::size_t character_length(std::string_view text) {
  std::size_t length = std::min<std::size_t>(1, text.size());
  while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80) {
    ++length;
  }
  return length;
}

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

void append_utf8(std::string& out, std::uint32_t code_point) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xC0 | code_point >> 6);
    put(0x80 | (code_point & 0x3F));
  } else if (code_point < 0x10000) {
    put(0xE0 | code_point >> 12);
    put(0x80 | (code_point >> 6 & 0x3F));
    put(0x80 | (code_point & 0x3F));
  } else {
    put(0xF0 | code_point >> 18);
    put(0x80 | (code_point >> 12 & 0x3F));
    put(0x80 | (code_point >> 6 & 0x3F));
    put(0x80 | (code_point & 0x3F));
  }
}

/// `\xhh`: `text` begins after the x. Returns the bytes used; 0 if malformed.
std::size_t unescape_hex(std::string_view text, std::string& out) {
  if (text.size() < 2) return 0;
  const auto high = hex_digit(text[0]), low = hex_digit(text[1]);
  if (!high || !low || *high > 7) return 0;
  out += static_cast<char>(*high << 4 | *low);
  return 2;
}

/// `\u{…}`: `text` begins after the u. One to six digits, with underscores after the first.
std::size_t unescape_unicode(std::string_view text, std::string& out) {
  const std::size_t close = text.find('}');
  if (!text.starts_with('{') || close == std::string_view::npos) return 0;
  std::uint32_t code_point = 0;
  std::size_t digits = 0;
  for (const char c : text.substr(1, close - 1)) {
    if (c == '_' && digits > 0) continue;
    const auto digit = hex_digit(c);
    if (!digit || ++digits > 6) return 0;
    code_point = code_point << 4 | *digit;
  }
  const bool is_surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
  if (digits == 0 || code_point > 0x10FFFF || is_surrogate) return 0;
  append_utf8(out, code_point);
  return close + 1;
}

/// The escape after a backslash. Returns the bytes used; 0 if there is no such escape.
std::size_t unescape_one(std::string_view text, std::string& out) {
  if (text.empty()) return 0;
  switch (text[0]) {
    case 'n': out += '\n'; return 1;
    case 'r': out += '\r'; return 1;
    case 't': out += '\t'; return 1;
    case '0': out += '\0'; return 1;
    case '\\': out += '\\'; return 1;
    case '\'': out += '\''; return 1;
    case '"': out += '"'; return 1;
    case 'x':
    case 'u': {
      const auto rest = text.substr(1);
      const std::size_t used =
          text[0] == 'x' ? unescape_hex(rest, out) : unescape_unicode(rest, out);
      return used == 0 ? 0 : used + 1;
    }
    default: return 0;
  }
}

/// Whether every component of the path satisfies `is_good`; false for an empty component.
template <typename Predicate>
bool all_components(std::string_view path, Predicate is_good) {
  for (;;) {
    const std::size_t separator = path.find("::");
    if (!is_good(path.substr(0, separator))) return false;
    if (separator == std::string_view::npos) return true;
    path.remove_prefix(separator + 2);
  }
}

}  // namespace

Result<std::string> unescape_schema_string(std::string_view inner) {
  std::string out;
  for (std::size_t i = 0; i < inner.size();) {
    if (inner[i] == '\r') {
      return invalid("a string cannot hold a carriage return as such; write `\\r`");
    }
    if (inner[i] != '\\') {
      out += inner[i++];
      continue;
    }
    const std::size_t used = unescape_one(inner.substr(i + 1), out);
    if (used == 0) {
      return invalid(fmt::format("`{}` begins no valid escape",
                                 inner.substr(i, 1 + character_length(inner.substr(i + 1)))));
    }
    i += 1 + used;
  }
  return out;
}

bool is_reserved_word(std::string_view word) {
  static constexpr std::array<std::string_view, 9> kReserved = {
      "true", "false", "if", "then", "else", "in", "is", "like", "has"};
  return std::ranges::find(kReserved, word) != kReserved.end();
}

bool is_schema_identifier(std::string_view text) {
  return !text.empty() && is_identifier_start(text[0]) &&
         std::ranges::all_of(text, is_identifier_part) && !is_reserved_word(text);
}

bool is_schema_path(std::string_view text) { return all_components(text, is_schema_identifier); }

bool has_reserved_namespace(std::string_view path) {
  return !all_components(path, [](std::string_view component) { return component != "__cedar"; });
}

bool is_declarable_path(std::string_view text) {
  return is_schema_path(text) && !has_reserved_namespace(text);
}

}  // namespace wardlock::cedar
