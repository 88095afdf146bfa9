#pragma once

#include <cstddef>

#include "config/setting.h"

namespace wardlock::config {

// A part of the table in all_settings.cc: what `policies` has where it is no path.

inline constexpr std::size_t kManagedSettings = 1;
extern const Setting kManaged[kManagedSettings];

}  // namespace wardlock::config
