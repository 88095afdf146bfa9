#pragma once

#include <string_view>

#include "api/oidc/surroundings.h"
#include "net/http.h"

namespace wardlock::oidc {

/// Where clients register (RFC 7591, 3); what is below it is one of them (RFC 7592, 2).
inline constexpr std::string_view kRegistrationPath = "/oauth2/register";

/// A client describes itself, with an invitation as a bearer token, or without one.
void register_client(const net::HttpRequest& request, const Surroundings& with,
                     net::HttpResponse& response);

/// A client reads (GET) how it is registered, describes itself anew (PUT) or goes (DELETE), with
/// the token that it was given for that.
void manage_registration(const net::HttpRequest& request, const Surroundings& with,
                         net::HttpResponse& response);

}  // namespace wardlock::oidc
