#include "server/request_trail.h"

#include <fmt/format.h>

namespace wardlock::server {

void add_retry(std::chrono::nanoseconds wait, net::HttpResponse& response) {
  const fmt::format_int seconds(std::chrono::ceil<std::chrono::seconds>(wait).count());
  response.headers.add("Retry-After", {seconds.data(), seconds.size()});
}

}  // namespace wardlock::server
