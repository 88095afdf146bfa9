#pragma once

#include <cstdint>
#include <string_view>

#include "net/http.h"

namespace wardlock::page {

/// What a page is allowed to do in a browser: its own script, style and pictures, forms to this
/// host; no frames, no plug-ins, no inline script or style, nothing of others (CSP Level 3).
inline constexpr std::string_view kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// Makes the response a page that no cache keeps, no other page frames or opens as its own, and
/// that tells no other site where somebody came from. Browsers say `Origin: null` where there is no
/// referrer at all, hence `same-origin`.
void protect(net::HttpResponse& response);

/// The same, with HTML.
void write_page(int status, std::string html, net::HttpResponse& response);

/// Has the browser ask for another page with GET (303). `path` is one of this house, on this host:
/// it begins with a single `/`. Whatever else came in would lead elsewhere, and aborts.
void go_to(std::string_view path, net::HttpResponse& response);

}  // namespace wardlock::page
