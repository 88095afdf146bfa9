#include "authn/federation/provider_settings.h"

#include <fmt/format.h>

#include <algorithm>

#include "net/egress.h"

namespace wardlock::authn {
namespace {

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

/// RFC 6749, appendix A.1: what can be sent unchanged.
bool is_client_id(std::string_view text) {
  return !text.empty() && text.size() <= 512 &&
         std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

/// RFC 6749, 3.3.
bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return c > ' ' && c <= '~' && c != '"' && c != '\\';
  });
}

bool is_here(std::string_view origin) {
  for (const std::string_view here : {"http://127.0.0.1", "http://[::1]", "http://localhost"}) {
    if (origin == here) return true;
    if (origin.starts_with(here) && origin[here.size()] == ':') return true;
  }
  return false;
}

Result<void> check_url(std::string_view url, std::string_view what) {
  const net::EgressUrl parsed = TRY(net::EgressUrl::parse(url));
  if (url.starts_with("https://") || is_here(parsed.origin)) return {};
  return invalid(fmt::format("the {} `{}` must begin with `https://`", what, url));
}

}  // namespace

AssuranceLevel level_by(const AssuranceTable& table, std::string_view acr,
                        const std::vector<std::string>& methods) {
  AssuranceLevel level = AssuranceLevel::kAal1;
  if (const auto found = table.by_acr.find(acr); found != table.by_acr.end()) {
    level = std::max(level, found->second);
  }
  for (const AssuranceTable::ByMethods& each : table.by_methods) {
    const bool has_all = std::ranges::all_of(each.methods, [&](const std::string& method) {
      return std::ranges::find(methods, method) != methods.end();
    });
    if (!each.methods.empty() && has_all) level = std::max(level, each.level);
  }
  return level;
}

Result<void> check_provider(const ProviderSettings& settings) {
  if (!is_name(settings.name)) {
    return invalid(fmt::format("`{}` is no name of a provider: a-z, 0-9 and `-`", settings.name));
  }
  TRY_VOID(check_url(settings.issuer, "issuer"));
  TRY_VOID(check_url(settings.redirect_uri, "redirect address"));
  if (settings.issuer.find('?') != std::string::npos) {
    return invalid(fmt::format("the issuer `{}` has a query", settings.issuer));
  }
  if (!is_client_id(settings.client_id)) return invalid("the client id is empty or malformed");
  if (std::ranges::find(settings.scopes, "openid") == settings.scopes.end() ||
      !std::ranges::all_of(settings.scopes, is_token)) {
    return invalid("the scopes must have `openid`, and none may have a blank");
  }
  if (!std::ranges::all_of(settings.acr_values, is_token)) {
    return invalid("an `acr` that is asked for may have no blank");
  }
  return {};
}

Result<void> check_proof(const ProviderSettings& settings) {
  const auto* secret = std::get_if<Secret>(&settings.proof);
  if (secret == nullptr || !secret->empty()) return {};
  return invalid(fmt::format("the provider `{}` knows us by no secret and no key", settings.name));
}

}  // namespace wardlock::authn
