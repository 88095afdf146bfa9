#pragma once

#include <cstddef>

#include "config/setting.h"

namespace wardlock::config {

/// The settings of `messages`.
inline constexpr std::size_t kMessageSettings = 6;
extern const Setting kMessages[kMessageSettings];

}  // namespace wardlock::config
