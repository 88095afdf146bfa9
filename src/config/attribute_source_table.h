#pragma once

#include <cstddef>

#include "config/setting.h"

namespace wardlock::config {

/// The settings of a source that is asked: `directory.attribute_sources.NAME`.
inline constexpr std::size_t kAttributeSourceSettings = 12;
extern const Setting kAttributeSource[kAttributeSourceSettings];

}  // namespace wardlock::config
