#pragma once

#include <string_view>
#include <vector>

#include "base/error.h"
#include "codec/json.h"
#include "directory/feed/feed.h"
#include "directory/registry/thing.h"

namespace wardlock::administration {

/// What a tenant's policies see of its directory. One is made for each request and used by one
/// thread, which may wait.
class PolicyView {
 public:
  virtual ~PolicyView() = default;

  /// How they see the thing now, or why not. Errors: kNotFound; kUnavailable, the database cannot
  /// be asked.
  virtual Result<directory::SeenThing> of(std::string_view id) = 0;

  /// What sources tell of things, by their schema. Error: kUnavailable.
  virtual Result<std::vector<directory::ToldAttribute>> told_attributes() {
    return std::vector<directory::ToldAttribute>();
  }
  /// Whether the source may tell that of the thing. Errors: those of Feed::check_told.
  virtual Result<void> check_told(const directory::Thing& /*thing*/, std::string_view /*source*/,
                                  std::string_view /*attribute*/, const codec::Json& /*value*/) {
    return fail(ErrorCode::kInvalidArgument, "no source tells anything here");
  }
};

}  // namespace wardlock::administration
