#include "pap/activating.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "bundle/policy_bundle.h"
#include "directory/registry/natural_persons.h"
#include "pap/activation_rows.h"
#include "pap/canary_rows.h"
#include "pap/draft_rows.h"
#include "pap/drafts.h"

namespace wardlock::pap {
namespace {

using directory::Mandate;
using storage::Work;

Result<void> check_wish(Work& work, const PolicySurroundings& surroundings, const Mandate& mandate,
                        const PolicyDraft& draft, const ApprovalStanding& standing,
                        ActivationCause cause) {
  const PolicyRules& rules = surroundings.rules;
  const bool is_emergency = cause == ActivationCause::kEmergency;
  const bool is_open = draft.state == DraftState::kOpen || draft.state == DraftState::kRejected;
  if (draft.state != DraftState::kInReview && !(is_emergency && is_open)) {
    return fail(ErrorCode::kFailedPrecondition,
                fmt::format("the draft is {} and cannot be activated", to_string(draft.state)));
  }
  const std::string unpassed =
      TRY(unpassed_checks(work, draft, is_emergency ? rules.emergency_checks : rules.checks));
  if (!unpassed.empty()) {
    return fail(ErrorCode::kFailedPrecondition,
                fmt::format("these checks have not passed: {}", unpassed));
  }
  if (cause == ActivationCause::kApproved && !standing.is_complete()) {
    return fail(ErrorCode::kFailedPrecondition,
                fmt::format("these approvals are missing: {}", standing.missing()));
  }
  if (is_emergency && mandate.reason.empty()) return invalid("say what the emergency is");
  if (cause == ActivationCause::kSingleHanded &&
      !TRY(surroundings.is_alone(work, mandate.tenant, mandate.actor_id))) {
    return fail(ErrorCode::kFailedPrecondition,
                "others administer policies: have one of them approve it");
  }
  return {};
}

}  // namespace

std::chrono::sys_seconds bundle_seconds(std::int64_t ms) {
  return std::chrono::sys_seconds(std::chrono::seconds(ms / 1000));
}

Result<ReadyDraft> check_is_ready(Work& work, const PolicySurroundings& surroundings,
                                  const Mandate& mandate, const PolicyDraft& judged,
                                  const std::vector<ApprovalNeed>& needs, ActivationCause cause) {
  TRY_VOID(check_actor(work, mandate));
  const auto draft = TRY(find_draft(work, mandate.tenant, judged.id));
  if (!draft || draft->content != judged.content || draft->base != judged.base) {
    return fail(ErrorCode::kAborted, "the draft was written anew; look at it again");
  }
  const auto signatures = TRY(find_signatures(work, mandate.tenant, draft->id));
  const auto writers = TRY(find_writers(work, mandate.tenant, draft->id));
  const auto persons =
      TRY(directory::NaturalPersons::read(work, mandate.tenant, surroundings.directory.clock()));
  const ApprovalStanding standing =
      standing_of(needs, signatures, draft->content, writers,
                  [&](std::string_view person) { return std::string(persons.of(person)); });
  TRY_VOID(check_wish(work, surroundings, mandate, *draft, standing, cause));
  const std::int64_t now = TRY(time_at(work, draft->place, surroundings.directory.clock()));
  const auto in_force = TRY(find_in_force(work, draft->place, now));
  if ((in_force ? in_force->content : "") != draft->base) {
    return fail(ErrorCode::kAborted,
                "other policies came into force since the draft was compared with them; write it "
                "anew");
  }
  return ReadyDraft{.draft = *draft, .now_ms = now};
}

Result<std::uint64_t> next_serial(Work& work, const PolicySurroundings& surroundings,
                                  const PolicyPlace& place) {
  const auto last = TRY(find_last(work, place));
  const std::uint64_t seen =
      surroundings.highest_serial ? surroundings.highest_serial(place) : std::uint64_t{0};
  const std::uint64_t of_canaries = TRY(last_canary_serial(work, place));
  return std::max({last ? last->serial : 0, seen, of_canaries}) + 1;
}

Result<std::string> sign_content(Work& work, const PolicySurroundings& surroundings,
                                 bundle::Statement statement, std::string_view content) {
  const PolicyPlace place{.tenant = statement.tenant, .environment = statement.environment};
  auto kept = TRY(find_content(work, place.tenant, content));
  auto made = TRY(bundle::UnverifiedBundle::make(std::move(statement), std::move(kept)));
  const bundle::Signer signer = TRY(surroundings.signer(place));
  TRY_VOID(made.sign(signer));
  const std::string bytes = made.bytes();
  return std::string(TRY(bundle::split_bundle(bytes)).envelope);
}

}  // namespace wardlock::pap
