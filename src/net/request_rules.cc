#include "net/request_rules.h"

#include <array>

namespace wardlock::net {
namespace {

/// Sets that a character may belong to.
enum CharSet : std::uint8_t { kToken = 1, kTarget = 2, kHost = 4, kDigit = 8, kValue = 16 };

consteval std::array<std::uint8_t, 256> sort_characters() {
  std::array<std::uint8_t, 256> sets{};
  for (unsigned c = 0; c < 256; ++c) {
    const bool is_digit = c >= '0' && c <= '9';
    const bool is_alnum = is_digit || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const auto is_in = [c](std::string_view some) {
      return some.find(static_cast<char>(c)) != std::string_view::npos;
    };
    unsigned set = 0;
    if (is_alnum || is_in("!#$%&'*+-.^_`|~")) set |= kToken;
    if (c > ' ' && c < 0x7f && c != '#') set |= kTarget;
    if (is_alnum || is_in("-._~:[]%")) set |= kHost;
    if (is_digit) set |= kDigit;
    if ((c >= ' ' || c == '\t') && c != 0x7f) set |= kValue;
    sets[c] = static_cast<std::uint8_t>(set);
  }
  return sets;
}

constexpr std::array<std::uint8_t, 256> kCharacters = sort_characters();

bool are_all(std::string_view text, CharSet set) {
  unsigned common = set;
  for (const char c : text) common &= kCharacters[static_cast<unsigned char>(c)];
  return common != 0;
}

bool is_http_scheme(std::string_view scheme) {
  return equal_ignoring_case(scheme, "http") || equal_ignoring_case(scheme, "https");
}

}  // namespace

bool is_token_char(char c) { return are_all({&c, 1}, kToken); }
bool is_token(std::string_view text) { return !text.empty() && are_all(text, kToken); }
bool is_target(std::string_view target) { return are_all(target, kTarget); }
bool is_host(std::string_view host) { return are_all(host, kHost); }
bool is_digits(std::string_view text) { return !text.empty() && are_all(text, kDigit); }
bool is_field_value(std::string_view value) { return are_all(value, kValue); }

std::optional<Refusal> UniqueFields::add(Field field) {
  if (has(field)) return Refusal{400, "a header that may come only once comes twice"};
  seen_ |= field;
  return std::nullopt;
}

std::optional<Refusal> split_target(HttpRequest& request, std::string_view host) {
  std::string_view rest = request.target;
  if (request.method == "CONNECT") return Refusal{501, "this server is no proxy"};
  if (rest == "*" && request.method == "OPTIONS") {
    request.path = rest;
    return std::nullopt;
  }
  if (!rest.starts_with('/')) {
    const std::size_t scheme = rest.find("://");
    if (scheme == std::string_view::npos || !is_http_scheme(rest.substr(0, scheme))) {
      return Refusal{400, "malformed target: expected a path that begins with `/`"};
    }
    rest.remove_prefix(scheme + 3);
    const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
    // One of the two would have to win; whoever guards on the other would be fooled.
    if (!equal_ignoring_case(authority, host)) return Refusal{400, "target and `Host` differ"};
    rest.remove_prefix(authority.size());
  }
  const std::size_t mark = rest.find('?');
  request.path = rest.substr(0, mark);
  request.query = mark == std::string_view::npos ? std::string_view{} : rest.substr(mark + 1);
  if (request.path.empty()) request.path = "/";
  return std::nullopt;
}

}  // namespace wardlock::net
