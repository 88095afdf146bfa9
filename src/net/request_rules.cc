#include "net/request_rules.h"

#include <algorithm>

namespace wardlock::net {
namespace {

bool is_alnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_http_scheme(std::string_view scheme) {
  return equal_ignoring_case(scheme, "http") || equal_ignoring_case(scheme, "https");
}

}  // namespace

bool is_token_char(char c) {
  constexpr std::string_view kPunctuation = "!#$%&'*+-.^_`|~";
  return is_alnum(c) || kPunctuation.contains(c);
}

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_token_char);
}

bool is_target(std::string_view target) {
  return std::ranges::all_of(target, [](char c) { return c > ' ' && c < '\x7f' && c != '#'; });
}

bool is_host(std::string_view host) {
  constexpr std::string_view kPunctuation = "-._~:[]%";
  return std::ranges::all_of(host, [&](char c) { return is_alnum(c) || kPunctuation.contains(c); });
}

bool is_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_field_value(std::string_view value) {
  return std::ranges::none_of(value, [](char c) {
    return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == '\x7f';
  });
}

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
