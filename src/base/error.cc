#include "base/error.h"

#include <array>

namespace wardlock {

std::string_view to_string(ErrorCode code) {
  static constexpr std::array<std::string_view, 16> kNames = {
      "cancelled",
      "unknown",
      "invalid_argument",
      "deadline_exceeded",
      "not_found",
      "already_exists",
      "permission_denied",
      "resource_exhausted",
      "failed_precondition",
      "aborted",
      "out_of_range",
      "unimplemented",
      "internal",
      "unavailable",
      "data_loss",
      "unauthenticated",
  };
  return kNames[static_cast<std::size_t>(code)];
}

Error Error::in(std::string_view context) const {
  return {code, std::string(context) + ": " + message};
}

}  // namespace wardlock
