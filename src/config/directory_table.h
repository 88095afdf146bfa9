#pragma once

#include <cstddef>

#include "config/setting.h"

namespace wardlock::config {

/// The settings of a key for secrets: an item of `directory.secret_keys`.
inline constexpr std::size_t kSecretKeySettings = 6;
extern const Setting kSecretKey[kSecretKeySettings];

}  // namespace wardlock::config
