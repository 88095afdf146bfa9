#include "page/cookie.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"

namespace wardlock::page {
namespace {

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.';
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

std::string_view word(SameSite same_site) { return same_site == SameSite::kLax ? "Lax" : "Strict"; }

}  // namespace

Cookies::Cookies(const net::HttpRequest& request, std::string_view tenant)
    : request_(request), tenant_(tenant) {}

std::string Cookies::whole_name(std::string_view name) const {
  return fmt::format("{}wardlock-{}{}{}", request_.is_secure ? "__Host-" : "", name,
                     tenant_.empty() ? "" : ".", tenant_);
}

std::optional<std::string_view> Cookies::find(std::string_view name) const {
  const std::string wanted = whole_name(name);
  std::optional<std::string_view> found;
  for (const net::HttpHeader& header : request_.headers) {
    if (!net::equal_ignoring_case(header.name, "Cookie")) continue;
    std::string_view rest = header.value;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find(';'), rest.size());
      const std::string_view pair = trimmed(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      const std::size_t equals = pair.find('=');
      if (equals == std::string_view::npos || pair.substr(0, equals) != wanted) continue;
      if (found) return std::nullopt;
      found = pair.substr(equals + 1);
    }
  }
  if (found && !std::ranges::all_of(*found, is_plain)) return std::nullopt;
  return found;
}

void Cookies::set(std::string_view name, std::string_view value, SameSite same_site,
                  std::optional<std::chrono::seconds> age, net::HttpResponse& response) const {
  CHECK(std::ranges::all_of(value, is_plain));
  std::string text =
      fmt::format("{}={}; Path=/; HttpOnly; SameSite={}", whole_name(name), value, word(same_site));
  if (request_.is_secure) text += "; Secure";
  if (age) text += fmt::format("; Max-Age={}", age->count());
  response.headers.add("Set-Cookie", text);
}

void Cookies::remove(std::string_view name, net::HttpResponse& response) const {
  set(name, "", SameSite::kLax, std::chrono::seconds(0), response);
}

}  // namespace wardlock::page
