#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace wardlock::administration {

/// Whether the decisions of this node see a break-glass grant. For one tenant and request, on one
/// thread that may wait.
class GlassView {
 public:
  virtual ~GlassView() = default;

  /// Waits until decisions follow the directory up to that revision. Nothing: what they see of the
  /// grant is as of then or later, and it opens something. Else why it opens nothing. Error
  /// kUnavailable: they do not follow it in time.
  virtual Result<std::optional<std::string>> await(std::string_view grant,
                                                   std::uint64_t revision) = 0;
};

}  // namespace wardlock::administration
