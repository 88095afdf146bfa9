#include "audit/forward/backoff.h"

#include <algorithm>

namespace wardlock::audit {

std::chrono::milliseconds Backoff::next(std::uint64_t random) {
  const auto whole = std::min(step_, longest_);
  step_ = std::min(2 * step_, longest_);
  const auto half = static_cast<std::uint64_t>(whole.count()) / 2;
  return std::chrono::milliseconds(static_cast<std::int64_t>(half + random % (half + 1)));
}

}  // namespace wardlock::audit
