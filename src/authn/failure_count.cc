#include "authn/failure_count.h"

#include <algorithm>

namespace wardlock::authn {

bool FailureCount::may_try(Familiarity who) const {
  return !is_disabled() && (who == Familiarity::kFamiliar || strange < kLimit);
}

void FailureCount::fail(Familiarity who) {
  std::uint32_t& count = who == Familiarity::kFamiliar ? familiar : strange;
  count = std::min(count + 1, kLimit);
}

}  // namespace wardlock::authn
