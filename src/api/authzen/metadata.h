#pragma once

#include <string>
#include <string_view>

#include "api/authzen/surroundings.h"
#include "base/error.h"
#include "net/http.h"

namespace wardlock::authzen {

/// Whether the text is what a `Host` field may hold (RFC 9110 §7.2): a name or an IP address, with
/// or without a port. Escapes are refused: no host has them.
bool is_host(std::string_view text);

/// What a tenant's callers know it by: the public URL, where one is configured, else `http(s)://`
/// and the request's `Host`; then its base path. Error (kInvalidArgument): that `Host` is none.
Result<std::string> base_url(const net::HttpRequest& request, std::string_view public_url,
                             std::string_view base_path);

/// The decision point's metadata (AuthZEN §9) as JSON text: where its endpoints are, for the tenant
/// of `surroundings.base_path`. `https` when the request came so. Error (kInvalidArgument): the
/// request's `Host` is none, and no public URL is known.
Result<std::string> describe_endpoints(const net::HttpRequest& request,
                                       const Surroundings& surroundings);

}  // namespace wardlock::authzen
