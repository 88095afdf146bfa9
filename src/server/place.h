#pragma once

#include <string_view>

#include "server/metrics.h"

namespace wardlock::server {

/// Where a request goes by its path, and the tenant's base path in it: empty, or `/name`. Borrows
/// from the path.
struct Place {
  Route route = Route::kOther;
  std::string_view base_path = {};
};

Place find_place(std::string_view path);

/// AuthZEN's endpoints report errors as JSON strings, all others as RFC 9457 problems.
bool is_of_authzen(Route route);

}  // namespace wardlock::server
