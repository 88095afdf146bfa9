#pragma once

#include <string_view>

namespace wardlock {

/// Wardlock's own version (semantic versioning), from `project(VERSION)`.
std::string_view version();

/// The version of the Cedar language that the engine speaks.
inline constexpr std::string_view kCedarLanguageVersion = "4.5";

}  // namespace wardlock
