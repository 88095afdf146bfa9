#include "page/forgery.h"

#include "codec/base64url.h"
#include "crypto/digest.h"

namespace wardlock::page {

std::string_view origin_of(std::string_view base_url) {
  const std::size_t scheme = base_url.find("://");
  if (scheme == std::string_view::npos) return {};
  return base_url.substr(0, base_url.find('/', scheme + 3));
}

std::optional<Forgery> refuse_other_site(const net::HttpRequest& request,
                                         std::string_view base_url) {
  const auto origin = request.header("Origin");
  const auto site = request.header("Sec-Fetch-Site");
  if (!origin && !site) return Forgery::kOtherSite;
  const std::string_view own = origin_of(base_url);
  if (origin && (own.empty() || !net::equal_ignoring_case(*origin, own))) {
    return Forgery::kOtherSite;
  }
  if (site && *site != "same-origin") return Forgery::kOtherSite;
  return std::nullopt;
}

std::string FormTokens::make(std::string_view kind, std::string_view id) const {
  return codec::to_base64url(key_.sign({"form\n", kind, "\n", id}));
}

bool FormTokens::is_right(std::string_view token, std::string_view kind,
                          std::string_view id) const {
  return !id.empty() && crypto::equal_in_constant_time(token, make(kind, id));
}

}  // namespace wardlock::page
