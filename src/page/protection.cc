#include "page/protection.h"

#include <utility>

#include "base/check.h"

namespace wardlock::page {

void protect(net::HttpResponse& response) {
  response.headers.add("Content-Security-Policy", kContentSecurityPolicy);
  response.headers.add("Cache-Control", "no-store");
  response.headers.add("Referrer-Policy", "same-origin");
  response.headers.add("Cross-Origin-Opener-Policy", "same-origin");
  response.headers.add("Cross-Origin-Resource-Policy", "same-origin");
  response.headers.add("X-Frame-Options", "DENY");
  response.headers.add("Permissions-Policy",
                       "publickey-credentials-get=(self), publickey-credentials-create=(self), "
                       "camera=(), microphone=(), geolocation=()");
}

void write_page(int status, std::string html, net::HttpResponse& response) {
  response.status = status;
  response.content_type = "text/html; charset=utf-8";
  response.body = std::move(html);
  protect(response);
}

void go_to(std::string_view path, net::HttpResponse& response) {
  CHECK(path.starts_with('/') && !path.starts_with("//") && !path.starts_with("/\\"));
  response.status = 303;
  response.headers.add("Location", path);
  protect(response);
}

}  // namespace wardlock::page
