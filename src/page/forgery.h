#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/hmac.h"
#include "net/http.h"

namespace wardlock::page {

/// Why what a browser sent is not taken for what its user wanted.
enum class Forgery : std::uint8_t {
  kOtherSite,  ///< the browser says that a page of another site made it ask, or does not say
  kNoToken,    ///< the form is none that this session or browser was shown
};

/// Whether a browser was made to send this by a page of another origin. A browser names the origin
/// in `Origin` and its relation in `Sec-Fetch-Site` (W3C Fetch Metadata); a request that changes
/// something must have one of the two, and both must be right where both are there. `base_url`: of
/// the tenant, whose scheme and authority are the origin.
std::optional<Forgery> refuse_other_site(const net::HttpRequest& request,
                                         std::string_view base_url);

/// The scheme and authority of a URL, e.g. `https://host:8443`.
std::string_view origin_of(std::string_view base_url);

/// Tokens in forms that show that they are ours: an HMAC over whom the form was made for, a
/// session's id or a browser's mark. Nothing is kept. Thread-safe.
class FormTokens {
 public:
  /// The key is this house's own for that, the same on each node.
  explicit FormTokens(const crypto::HmacKey& key) : key_(key) {}

  /// For whom: `session` and its id, or `browser` and its mark.
  std::string make(std::string_view kind, std::string_view id) const;
  bool is_right(std::string_view token, std::string_view kind, std::string_view id) const;

 private:
  crypto::HmacKey key_;
};

}  // namespace wardlock::page
