#include "authn/oauth/redirect_uri.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "base/utf8.h"

namespace wardlock::oauth {
namespace {

constexpr std::size_t kMostBytes = 1024;
constexpr std::array<std::string_view, 2> kLoopback = {"http://127.0.0.1", "http://[::1]"};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// RFC 3986, 3.1, in small letters.
bool is_scheme(std::string_view text) {
  return !text.empty() && is_letter(text[0]) && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || is_digit(c) || c == '+' || c == '-' || c == '.';
  });
}

/// What no two readers of URIs agree on.
std::optional<std::string_view> find_fault(std::string_view uri) {
  if (uri.empty() || uri.size() > kMostBytes) return "is empty or too long";
  const auto is_odd = [](char c) {
    return c <= 0x20 || c >= 0x7f || std::string_view("\"<>\\^`{|}*").contains(c);
  };
  if (std::ranges::any_of(uri, is_odd)) return "has characters that no URI has, or a wildcard";
  if (uri.contains('#')) return "has a fragment";
  const std::string_view path = uri.substr(0, uri.find('?'));
  if (path.contains("/../") || path.contains("/./") || path.ends_with("/..") ||
      path.ends_with("/.")) {
    return "has dot segments";
  }
  return std::nullopt;
}

/// The port behind a host: `:1` to `:65535`, or nothing of it.
bool is_port(std::string_view text) {
  if (text.empty()) return true;
  if (text[0] != ':' || text.size() < 2 || text[1] == '0') return false;
  std::uint32_t port = 0;
  const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port <= 65535;
}

/// What stands before path and query, and what follows.
struct Parts {
  std::string_view authority;
  std::string_view rest;
};
Parts split_authority(std::string_view behind_slashes) {
  const std::size_t end = std::min(behind_slashes.find_first_of("/?"), behind_slashes.size());
  return {behind_slashes.substr(0, end), behind_slashes.substr(end)};
}

bool is_https(std::string_view uri) {
  constexpr std::string_view kPrefix = "https://";
  if (!uri.starts_with(kPrefix)) return false;
  const std::string_view authority = split_authority(uri.substr(kPrefix.size())).authority;
  const std::size_t colon =
      authority.starts_with('[') ? authority.find(']') + 1 : authority.find(':');
  const std::string_view host = authority.substr(0, colon);
  const bool is_host = !host.empty() && std::ranges::all_of(host, [](char c) {
    return is_letter(c) || is_digit(c) || std::string_view("-.[]:").contains(c);
  });
  return is_host && is_port(authority.substr(host.size()));
}

/// What follows the port of a loopback address; nothing, where it is none.
std::optional<Parts> loopback(std::string_view uri) {
  for (const std::string_view host : kLoopback) {
    if (!uri.starts_with(host)) continue;
    const auto [port, rest] = split_authority(uri.substr(host.size()));
    if (is_port(port)) return Parts{.authority = host, .rest = rest};
  }
  return std::nullopt;
}

bool is_own_scheme(std::string_view uri) {
  const std::string_view scheme = uri.substr(0, uri.find(':'));
  return scheme.size() < uri.size() && is_scheme(scheme) && scheme.contains('.') &&
         uri.substr(scheme.size()).starts_with(":/") &&
         !uri.substr(scheme.size()).starts_with("://");
}

std::unexpected<Error> refuse_uri(std::string_view uri, std::string_view why) {
  return invalid(fmt::format("the URI `{}` {}", printable(uri), why));
}

}  // namespace

Result<void> check_redirect_uri(std::string_view uri, bool is_native) {
  if (const auto fault = find_fault(uri)) return refuse_uri(uri, *fault);
  if (is_https(uri)) return {};
  if (is_native && (loopback(uri) || is_own_scheme(uri))) return {};
  return refuse_uri(uri, is_native
                             ? "must begin with https://, http://127.0.0.1, http://[::1] or a "
                               "scheme of the application's own, as in com.example.app:/signed-in"
                             : "must begin with https:// and a host");
}

bool is_registered_uri(std::string_view uri, std::string_view registered, bool is_native) {
  if (uri == registered) return true;
  if (!is_native) return false;
  const auto asked = loopback(uri);
  const auto known = loopback(registered);
  return asked && known && asked->authority == known->authority && asked->rest == known->rest;
}

Result<void> check_web_uri(std::string_view uri, bool may_be_loopback) {
  if (const auto fault = find_fault(uri)) return refuse_uri(uri, *fault);
  if (is_https(uri) || (may_be_loopback && loopback(uri))) return {};
  return refuse_uri(uri, "must begin with https:// and a host");
}

}  // namespace wardlock::oauth
