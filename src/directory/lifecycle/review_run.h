#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "directory/lifecycle/review.h"

namespace wardlock::directory {

/// What a review led to.
struct ReviewOutcome {
  FindingCounts counts;
  std::uint64_t suspended = 0;
  std::uint64_t left = 0;
  /// Who would have been suspended or have left, and must not by itself: see `act_on_findings`.
  std::uint64_t spared = 0;
};

/// Does what the rules say is done without being asked, each person in a transaction of their own,
/// with an event that says why; then counts what is left to be looked at.
///
/// Nothing happens to an account kept for emergencies (`isEmergencyAccount`), nor to the last
/// administrator or security officer: another one must be active and have a credential. For being
/// dormant only those are suspended who have a role of administration and stand to nothing else:
/// only of them the use of credentials tells all that they do.
///
/// `go_on`, asked before each person: false ends it, with kCancelled. Errors besides: those of the
/// store.
Result<ReviewOutcome> act_on_findings(Registry& registry, std::string_view tenant,
                                      const ReviewRules& rules, std::int64_t now,
                                      const std::function<bool()>& go_on);

}  // namespace wardlock::directory
