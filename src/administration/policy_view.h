#pragma once

#include <string_view>

#include "base/error.h"
#include "directory/feed/feed.h"

namespace wardlock::administration {

/// What a tenant's policies see of its directory. One is made for each request and used by one
/// thread, which may wait.
class PolicyView {
 public:
  virtual ~PolicyView() = default;

  /// How they see the thing now, or why not. Errors: kNotFound; kUnavailable, the database cannot
  /// be asked.
  virtual Result<directory::SeenThing> of(std::string_view id) = 0;
};

}  // namespace wardlock::administration
