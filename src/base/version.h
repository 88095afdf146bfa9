#pragma once

#include <string_view>

namespace wardlock {

/// Wardlock's own version (semantic versioning), set by CMake from `project(VERSION)`.
inline constexpr std::string_view kVersion = WARDLOCK_VERSION;

/// The version of the Cedar language that the engine speaks.
inline constexpr std::string_view kCedarLanguageVersion = "4.5";

}  // namespace wardlock
