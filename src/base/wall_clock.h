#pragma once

#include <cstdint>

namespace wardlock {

/// The system's time in milliseconds since the epoch. Decisions are given it as a parameter.
std::int64_t wall_clock_ms();

}  // namespace wardlock
