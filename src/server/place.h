#pragma once

#include <string_view>

#include "net/http.h"
#include "server/metrics.h"

namespace wardlock::server {

/// Where a request goes by its path, and the tenant's base path in it: empty, or `/name`. Borrows
/// from the path.
struct Place {
  Route route = Route::kOther;
  std::string_view base_path = {};
};

Place find_place(std::string_view path);

/// Says what went wrong as is the custom there: AuthZEN's endpoints with a JSON string, SCIM's with
/// its error message, all others with a problem (RFC 9457). Fields that were added stay.
void write_error(Route route, int status, std::string_view detail, net::HttpResponse& response);

}  // namespace wardlock::server
