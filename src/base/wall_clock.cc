#include "base/wall_clock.h"

#include <chrono>

namespace wardlock {

std::int64_t wall_clock_ms() {
  using std::chrono::milliseconds;
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<milliseconds>(since_epoch).count();
}

}  // namespace wardlock
