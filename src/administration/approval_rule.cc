#include "administration/approval_rule.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <boost/json/object.hpp>
#include <string>
#include <utility>

#include "administration/question.h"
#include "base/arena.h"
#include "pdp/access.h"

namespace wardlock::administration {
namespace {

/// What policies say of an approval by so many people.
struct ApprovalAnswer {
  bool is_needed = false;
  std::string why;
};

Result<ApprovalAnswer> ask(const pdp::Snapshot& policies, std::string_view approval,
                           const boost::json::object& change, std::size_t people,
                           std::int64_t now_ms) {
  const boost::json::object context{{"people", people}};
  const pdp::Caller caller = pdp::Caller::unrestricted("wardlock");
  const pdp::AccessRequest question{
      .principal = {.type = kApprovalType, .id = approval},
      .action = kNeedApproval,
      .resource = {.type = kPolicyChangeType, .id = "change", .properties = &change},
      .context = &context,
      .grant = {},
      .caller = &caller};
  Arena arena;
  const pdp::AccessDecision decision = TRY(pdp::decide(policies, question, now_ms, arena));
  return ApprovalAnswer{.is_needed = decision.is_allowed,
                        .why = fmt::format("{}", fmt::join(decision.reasons, " "))};
}

}  // namespace

Result<std::vector<pap::ApprovalNeed>> needed_approvals(const pdp::Snapshot& policies,
                                                        const pap::ChangeReach& reach,
                                                        bool by_program, std::int64_t now_ms) {
  const boost::json::object change = change_values(reach, by_program);
  std::vector<pap::ApprovalNeed> needs;
  for (const std::string_view approval : kApprovals) {
    pap::ApprovalNeed need{.meaning = std::string(approval), .people = 0};
    while (need.people < kMostApprovers) {
      const ApprovalAnswer answered = TRY(ask(policies, approval, change, need.people + 1, now_ms));
      if (!answered.is_needed) break;
      need.people += 1;
      if (!answered.why.empty()) need.why += (need.why.empty() ? "" : " ") + answered.why;
    }
    const bool is_first = approval == kApprovals.front();
    if (is_first && need.people == 0) {
      need.people = 1;
      need.why = "Somebody else than its author always approves a change.";
    }
    if (need.people > 0) needs.push_back(std::move(need));
  }
  return needs;
}

std::vector<pap::ApprovalNeed> all_approvals(std::string_view why) {
  std::vector<pap::ApprovalNeed> needs;
  for (const std::string_view approval : kApprovals) {
    needs.push_back({.meaning = std::string(approval), .why = std::string(why)});
  }
  return needs;
}

}  // namespace wardlock::administration
