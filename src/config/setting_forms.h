#pragma once

#include <cstdint>

namespace wardlock::config {

// What several parts of the table of settings have in common.

inline constexpr std::int64_t kSecond = 1000;  ///< of a duration
inline constexpr std::int64_t kHour = 3600 * kSecond;
inline constexpr std::int64_t kDay = 24 * kHour;
inline constexpr std::int64_t kKib = 1024;  ///< of a size
inline constexpr std::int64_t kMib = 1024 * kKib;

inline constexpr char kNamePattern[] = "[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?";
inline constexpr char kNameForm[] =
    "lowercase letters, digits and inner hyphens, at most 64, e.g. `st-mary`";
inline constexpr char kIdPattern[] = "[A-Za-z0-9._:@/-]{1,128}";
inline constexpr char kIdForm[] = "letters, digits and `._:@/-`, at most 128, e.g. `ward-gateway`";

}  // namespace wardlock::config
