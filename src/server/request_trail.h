#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "net/http.h"
#include "server/place.h"

namespace wardlock::server {

/// What became known of a request on its way; for the counts and the log.
struct RequestTrail {
  Place place;
  std::string_view caller = "-";
  std::string_view tenant = {};
  std::string_view refusal = {};  ///< a word for machines
  std::int64_t decisions = 0;
  bool is_one_of_too_many = false;  ///< failures that nothing slows down: it is not recorded
};

/// `Retry-After`, in whole seconds (RFC 9110 §10.2.3).
void add_retry(std::chrono::nanoseconds wait, net::HttpResponse& response);

}  // namespace wardlock::server
