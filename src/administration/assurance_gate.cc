#include "administration/assurance_gate.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <vector>

#include "administration/question.h"
#include "base/arena.h"
#include "pdp/access.h"

namespace wardlock::administration {
namespace {

constexpr std::string_view kAction = "signIn";
constexpr std::string_view kPurposeType = "Wardlock::Purpose";
constexpr std::string_view kAnyApplication = "application";
constexpr std::int64_t kLevels = 3;

}  // namespace

Result<std::int64_t> required_level(const pdp::Snapshot& policies, const SigningIn& who,
                                    std::int64_t now_ms) {
  const boost::json::object person{{"kind", "person"}, {"roles", role_values(who.roles)}};
  const boost::json::object context{{"environment", who.environment}};
  const bool is_known = std::ranges::find(kPurposes, who.purpose) != kPurposes.end();
  const pdp::Caller caller = pdp::Caller::unrestricted("wardlock");
  std::vector<std::string> reasons;
  for (std::int64_t level = 1; level <= kLevels; ++level) {
    const pdp::AccessRequest question{
        .principal = {.type = kThingType, .id = who.person, .properties = &person},
        .action = kAction,
        .resource = {.type = kPurposeType, .id = is_known ? who.purpose : kAnyApplication},
        .context = &context,
        .grant = {},
        .caller = &caller,
        .authentication = pdp::Authentication{.level = level, .methods = {}}};
    Arena arena;
    const pdp::AccessDecision decision = TRY(pdp::decide(policies, question, now_ms, arena));
    if (decision.is_allowed) return level;
    reasons.assign(decision.reasons.begin(), decision.reasons.end());
  }
  return fail(ErrorCode::kPermissionDenied, reasons.empty()
                                                ? "no policy lets them sign in"
                                                : fmt::format("{}", fmt::join(reasons, " ")));
}

}  // namespace wardlock::administration
