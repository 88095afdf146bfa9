#pragma once

#include <cstddef>

#include "config/setting.h"

namespace wardlock::config {

/// The settings of `authentication`.
inline constexpr std::size_t kAuthenticationSettings = 12;
extern const Setting kAuthentication[kAuthenticationSettings];

}  // namespace wardlock::config
