#pragma once

#include <cstddef>

#include "config/setting.h"

namespace wardlock::config {

/// The settings of `audit`.
inline constexpr std::size_t kAuditSettings = 16;
extern const Setting kAudit[kAuditSettings];

}  // namespace wardlock::config
