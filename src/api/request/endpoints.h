#pragma once

#include <string_view>

#include "administration/errand.h"
#include "net/http.h"

namespace wardlock::request_api {

/// Below which everything is.
inline constexpr std::string_view kPrefix = "/requests/v1/";

/// Answers a request whose path begins with `kPrefix`, the tenant's base path taken off
/// (docs/access-requests.md). Refusals are problems as RFC 9457 has them. May wait for the
/// database, and until decisions see what was given or ended. The response comes as new.
/// Thread-safe, as far as the errand is.
void answer(const net::HttpRequest& request, const administration::Errand& errand,
            net::HttpResponse& response);

}  // namespace wardlock::request_api
