#include "net/loopback_guard.h"

#include <algorithm>
#include <array>

namespace wardlock::net {
namespace {

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_host(std::string_view host, std::string_view name) {
  if (!equal_ignoring_case(host.substr(0, name.size()), name)) return false;
  const std::string_view rest = host.substr(name.size());
  return rest.empty() || (rest.front() == ':' && is_port(rest.substr(1)));
}

bool is_loopback_host(std::string_view host) {
  constexpr std::array<std::string_view, 3> kNames = {"127.0.0.1", "[::1]", "localhost"};
  return std::ranges::any_of(kNames, [&](std::string_view name) { return is_host(host, name); });
}

}  // namespace

bool is_host_among(const HttpRequest& request, std::span<const std::string> names) {
  const std::string_view host = request.header("Host").value_or("");
  return std::ranges::any_of(names, [&](std::string_view name) { return is_host(host, name); });
}

std::optional<Refusal> refuse_foreign_host(const HttpRequest& request,
                                           std::span<const std::string> allowed_hosts) {
  if (is_loopback_host(request.header("Host").value_or(""))) return std::nullopt;
  if (is_host_among(request, allowed_hosts)) return std::nullopt;
  return Refusal{421, allowed_hosts.empty()
                          ? "`Host` must be 127.0.0.1, [::1] or localhost here"
                          : "`Host` is none of those that this server is configured for"};
}

std::optional<Refusal> refuse_foreign_site(const HttpRequest& request,
                                           std::span<const std::string> allowed_hosts) {
  if (auto refusal = refuse_foreign_host(request, allowed_hosts)) return refusal;
  const auto origin = request.header("Origin");
  if (!origin) return std::nullopt;
  const std::string_view host = request.header("Host").value_or("");
  constexpr std::string_view kScheme = "http://";
  if (origin->starts_with(kScheme) && equal_ignoring_case(origin->substr(kScheme.size()), host)) {
    return std::nullopt;
  }
  return Refusal{403, "requests of other sites are not answered; `Origin` is one"};
}

}  // namespace wardlock::net
