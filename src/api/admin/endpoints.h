#pragma once

#include <string_view>

#include "administration/errand.h"
#include "net/http.h"

namespace wardlock::admin {

/// Below which everything is.
inline constexpr std::string_view kPrefix = "/admin/v1/";

/// Answers a request whose path begins with `kPrefix`, the tenant's base path taken off; what there
/// is to ask is in operations.h, and described by `/admin/v1/openapi.json`. Refusals are problems
/// as RFC 9457 has them. May wait for the database. The response comes as new. Thread-safe, as far
/// as the errand is.
void answer(const net::HttpRequest& request, const administration::Errand& errand,
            net::HttpResponse& response);

}  // namespace wardlock::admin
