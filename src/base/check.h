#pragma once

namespace wardlock {

/// Prints the broken invariant and aborts.
[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace wardlock

/// Aborts when an invariant of our own code is broken. Input must never be able to reach it.
#define CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::wardlock::check_failed(#condition, __FILE__, __LINE__))
