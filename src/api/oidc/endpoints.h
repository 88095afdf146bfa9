#pragma once

#include <string_view>

#include "api/oidc/surroundings.h"
#include "net/http.h"

namespace wardlock::oidc {

/// Whether the path, without a tenant's base path, is one of ours: `/oauth2/…`, or a description
/// below `/.well-known/`.
bool is_path(std::string_view path);

/// Answers a request whose path is one of ours, without the tenant's base path. The response comes
/// as new. May wait for the database. Thread-safe.
void answer(const net::HttpRequest& request, const Surroundings& surroundings,
            net::HttpResponse& response);

}  // namespace wardlock::oidc
