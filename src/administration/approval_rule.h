#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "pap/approval.h"
#include "pap/change_reach.h"
#include "pdp/snapshot.h"

namespace wardlock::administration {

/// What a change of policies may need: the entities `Wardlock::Approval` of policies/wardlock. The
/// first is needed by every change, whatever policies say.
inline constexpr std::array<std::string_view, 4> kApprovals = {"policy", "clinical_safety",
                                                               "privacy", "security"};

/// No more people are asked for than that.
inline constexpr std::size_t kMostApprovers = 5;

/// Which approvals a change needs, and of how many people: policies are asked `needApproval` for
/// each. At least one. `by_program`: no person has written any of it. Thread-safe. Errors:
/// pdp::decide's.
Result<std::vector<pap::ApprovalNeed>> needed_approvals(const pdp::Snapshot& policies,
                                                        const pap::ChangeReach& reach,
                                                        bool by_program, std::int64_t now_ms);

/// All there are, of one person each: for a change of which nobody can say what it touches.
std::vector<pap::ApprovalNeed> all_approvals(std::string_view why);

}  // namespace wardlock::administration
