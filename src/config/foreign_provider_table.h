#pragma once

#include <cstddef>

#include "config/setting.h"

namespace wardlock::config {

/// The settings of each of `authentication.providers`.
inline constexpr std::size_t kForeignProviderSettings = 12;
extern const Setting kForeignProvider[kForeignProviderSettings];

}  // namespace wardlock::config
