#include "net/query_string.h"

#include <fmt/format.h>

#include <optional>
#include <string>

#include "base/utf8.h"

namespace wardlock::net {
namespace {

constexpr std::size_t kMostTerms = 64;

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

Result<std::string> decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    const auto high = i + 2 < text.size() ? hex_digit(text[i + 1]) : std::nullopt;
    const auto low = i + 2 < text.size() ? hex_digit(text[i + 2]) : std::nullopt;
    if (!high || !low) return invalid("a `%` in the query is not followed by two hex digits");
    out += static_cast<char>(*high * 16 + *low);
    i += 2;
  }
  if (find_invalid_utf8(out) || find_deceptive_character(out)) {
    return invalid("a text in the query is not UTF-8, or has control characters");
  }
  return out;
}

}  // namespace

Result<std::vector<QueryParameter>> read_query_string(std::string_view query) {
  std::vector<QueryParameter> terms;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (pair.empty()) continue;
    if (terms.size() == kMostTerms) return invalid("the query asks for too much at once");
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) {
      return invalid(fmt::format("`{}` in the query has no `=` and value", printable(pair)));
    }
    std::string name = TRY(decode(pair.substr(0, equals)));
    std::string value = TRY(decode(pair.substr(equals + 1)));
    terms.push_back({.name = std::move(name), .value = std::move(value)});
  }
  return terms;
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || std::string_view("-._~").contains(c);
    if (is_plain) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

}  // namespace wardlock::net
