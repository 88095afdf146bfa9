#pragma once

#include <string_view>

#include "administration/errand.h"
#include "net/http.h"

namespace wardlock::scim {

/// Where SCIM is, below a tenant's base path.
inline constexpr std::string_view kBasePath = "/scim/v2";

/// What one request may ask for, in bytes of its body. More is refused with 413.
inline constexpr std::size_t kMaxBodyBytes = std::size_t{1} << 20;

/// Answers what is below `kBasePath` as RFC 7643, 7644 and 9865 have it, whatever the method: 404
/// for what is not there, errors as SCIM writes them. The path is without the tenant's base path.
/// The response comes as new. May wait for the database. Thread-safe, as far as the errand is.
void answer(const net::HttpRequest& request, const administration::Errand& errand,
            net::HttpResponse& response);

}  // namespace wardlock::scim
