#pragma once

#include <cstddef>

#include "config/setting.h"

namespace wardlock::config {

/// The settings of `limits`.
inline constexpr std::size_t kLimitSettings = 7;
extern const Setting kLimits[kLimitSettings];

/// The settings of `timeouts`.
inline constexpr std::size_t kTimeoutSettings = 7;
extern const Setting kTimeouts[kTimeoutSettings];

}  // namespace wardlock::config
