#pragma once

#include <chrono>
#include <cstdint>

namespace wardlock::audit {

/// How long to wait after failures in a row: twice as long each time, up to a limit, and of that a
/// random part between half and all, so that many do not come back at once. Not thread-safe.
class Backoff {
 public:
  explicit Backoff(std::chrono::milliseconds longest) : longest_(longest) {}

  /// After one more failure. `random` is any number.
  std::chrono::milliseconds next(std::uint64_t random);
  void reset() { step_ = kFirst; }

 private:
  static constexpr std::chrono::milliseconds kFirst{200};

  const std::chrono::milliseconds longest_;
  std::chrono::milliseconds step_ = kFirst;
};

}  // namespace wardlock::audit
