#pragma once

#include <array>
#include <span>

#include "net/http.h"

namespace wardlock::net {

/// Header fields that every answer carries so that a browser that is shown it does nothing with it:
/// no guessing of types, no scripts, no frames; and, from a TLS port only, no plain HTTP hereafter
/// (RFC 6797). Names are in lowercase.
inline constexpr std::array<HttpHeader, 3> kProtectiveFields = {{
    {"x-content-type-options", "nosniff"},
    {"content-security-policy", "default-src 'none'; frame-ancestors 'none'"},
    {"strict-transport-security", "max-age=31536000"},
}};

/// Those that an answer is to carry.
inline std::span<const HttpHeader> protective_fields(bool is_secure) {
  return std::span(kProtectiveFields).first(is_secure ? 3 : 2);
}

/// Whether the response sets the field itself; then its own value stands.
bool sets_field(const HttpResponse& response, std::string_view name);

}  // namespace wardlock::net
