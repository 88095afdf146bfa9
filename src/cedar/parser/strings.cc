#include "cedar/parser/strings.h"

#include <fmt/format.h>

#include <charconv>
#include <functional>
#include <optional>

#include "base/utf8.h"

namespace wardlock::cedar {
namespace {

std::optional<std::uint32_t> parse_hex(std::string_view digits) {
  std::uint32_t value = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

bool is_scalar_value(std::uint32_t code_point) {
  return code_point <= 0x10FFFF && (code_point < 0xD800 || code_point > 0xDFFF);
}

std::optional<char> simple_escape(char c) {
  switch (c) {
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case '0': return '\0';
    case '\\':
    case '\'':
    case '"': return c;
    default: return std::nullopt;
  }
}

/// Reads one escape sequence; `inner` begins behind the backslash. Returns its length without the
/// backslash, or 0 if it is none.
std::size_t append_escape(std::string& out, std::string_view inner) {
  if (inner.empty()) return 0;
  if (const auto plain = simple_escape(inner.front())) {
    out += *plain;
    return 1;
  }
  if (inner.front() == 'x') {
    const std::string_view digits = inner.substr(1, 2);
    const auto code = digits.size() == 2 ? parse_hex(digits) : std::nullopt;
    if (!code || *code > 0x7F) return 0;
    out += static_cast<char>(*code);
    return 3;
  }
  if (!inner.starts_with("u{")) return 0;
  const std::size_t close = inner.find('}');
  if (close == std::string_view::npos) return 0;
  std::string digits;
  for (const char c : inner.substr(2, close - 2)) {
    if (c == '_' && digits.empty()) return 0;
    if (c != '_') digits += c;
  }
  const auto code = digits.size() <= 6 ? parse_hex(digits) : std::nullopt;
  if (!code || !is_scalar_value(*code)) return 0;
  append_utf8(out, *code);
  return close + 1;
}

std::string shown_escape(std::string_view rest) {
  std::size_t length = 2;
  while (length < rest.size() && (static_cast<unsigned char>(rest[length]) & 0xC0) == 0x80) {
    ++length;
  }
  return std::string(rest.substr(0, length));
}

constexpr std::string_view kEscapes = "\\n \\r \\t \\\\ \\0 \\' \\\" \\x41 \\u{1F600}";

/// Appends the meaning of `inner` to `out`. In a pattern, `on_star` takes each wildcard and
/// `\*` is a literal star; in a string both are absent (null).
Result<void> unescape(std::string_view inner, std::string& out,
                      const std::function<void()>& on_star) {
  const auto put = [&](char c) { c == '*' && on_star ? on_star() : out.push_back(c); };
  for (std::size_t i = 0; i < inner.size();) {
    const std::string_view rest = inner.substr(i);
    if (rest.front() == '\r') {
      return invalid(
          "a carriage return must be written `\\r` in a string; save the file with plain newlines");
    }
    if (rest.front() != '\\') {
      put(rest.front());
      ++i;
    } else if (on_star && rest.starts_with("\\*")) {
      out += '*';
      i += 2;
    } else {
      std::string meaning;
      const std::size_t length = append_escape(meaning, rest.substr(1));
      if (length == 0) {
        return invalid(
            fmt::format("`{}` is not a valid escape; there are {}", shown_escape(rest), kEscapes));
      }
      // An escape that means `*` (`\x2a`) is a wildcard, as in the reference.
      for (const char c : meaning) put(c);
      i += 1 + length;
    }
  }
  return {};
}

}  // namespace

Result<std::string> unescape_string(std::string_view inner) {
  std::string out;
  TRY_VOID(unescape(inner, out, nullptr));
  return out;
}

Result<std::vector<std::string>> unescape_pattern(std::string_view inner) {
  std::vector<std::string> segments;
  std::string current;
  TRY_VOID(unescape(inner, current, [&] {
    segments.push_back(std::move(current));
    current.clear();
  }));
  segments.push_back(std::move(current));
  return segments;
}

}  // namespace wardlock::cedar
