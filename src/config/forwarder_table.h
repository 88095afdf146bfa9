#pragma once

#include <cstddef>

#include "config/setting.h"

namespace wardlock::config {

/// The settings of a forwarder: `audit.forward.NAME`.
inline constexpr std::size_t kForwarderSettings = 20;
extern const Setting kForwarder[kForwarderSettings];

}  // namespace wardlock::config
