#include "pap/activations.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "bundle/policy_bundle.h"
#include "directory/registry/read_from.h"
#include "pap/activation_rows.h"
#include "pap/draft_rows.h"
#include "pap/drafts.h"

namespace wardlock::pap {
namespace {

using directory::Mandate;
using storage::Work;

constexpr std::size_t kMostListed = 500;

std::chrono::sys_seconds seconds_of(std::int64_t ms) {
  return std::chrono::sys_seconds(std::chrono::seconds(ms / 1000));
}

}  // namespace

/// A serial that this node has seen, no other may have: not even where a backup forgot it.
Result<std::uint64_t> Activations::next_serial(Work& work, const PolicyPlace& place) const {
  const auto last = TRY(find_last(work, place));
  const std::uint64_t seen =
      surroundings_.highest_serial ? surroundings_.highest_serial(place) : std::uint64_t{0};
  return std::max(last ? last->serial : 0, seen) + 1;
}

Result<Activation> Activations::put(Work& work, const Mandate& mandate, Activation activation,
                                    std::string_view before) {
  activation.serial = TRY(next_serial(work, activation.place));
  activation.person = mandate.actor_id;
  activation.reason = mandate.reason;
  activation.expires_ms = activation.starts_ms + surroundings_.rules.lifetime_ms;
  const auto content = TRY(find_content(work, mandate.tenant, activation.content));
  auto made = TRY(bundle::UnverifiedBundle::make({.tenant = activation.place.tenant,
                                                  .environment = activation.place.environment,
                                                  .serial = activation.serial,
                                                  .created = seconds_of(activation.made_ms),
                                                  .expires = seconds_of(activation.expires_ms)},
                                                 content));
  const bundle::Signer signer = TRY(surroundings_.signer(activation.place));
  TRY_VOID(made.sign(signer));
  const std::string bytes = made.bytes();
  activation.envelope = TRY(bundle::split_bundle(bytes)).envelope;
  TRY_VOID(insert_activation(work, activation));
  const PolicyDraft of{.id = activation.draft.empty() ? activation.content : activation.draft,
                       .place = activation.place};
  TRY_VOID(tell_policy_change(work, surroundings_, mandate, of,
                              fmt::format("activate_{}", to_string(activation.cause)), before,
                              activation.content));
  return activation;
}

Result<void> Activations::check_wish(Work& work, const Mandate& mandate, const PolicyDraft& draft,
                                     const ApprovalStanding& standing,
                                     ActivationCause cause) const {
  const PolicyRules& rules = surroundings_.rules;
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
      !TRY(surroundings_.is_alone(work, mandate.tenant, mandate.actor_id))) {
    return fail(ErrorCode::kFailedPrecondition,
                "others administer policies: have one of them approve it");
  }
  return {};
}

Result<Activation> Activations::activate(const Mandate& mandate, std::string_view id,
                                         const Wish& wish) {
  const bool is_one_of_these = wish.cause == ActivationCause::kApproved ||
                               wish.cause == ActivationCause::kSingleHanded ||
                               wish.cause == ActivationCause::kEmergency;
  if (!is_one_of_these) return invalid("a draft is activated as approved, alone, or in emergency");
  // Which approvals are needed follows from content and base, and may take its time.
  const PolicyDraft judged = TRY(drafts_.view(mandate.tenant, id)).draft;
  const auto needs = TRY(surroundings_.needs(judged));
  Activation activation;
  const auto written = surroundings_.store.write([&](Work& work) -> Result<void> {
    TRY_VOID(check_actor(work, mandate));
    auto draft = TRY(find_draft(work, mandate.tenant, id));
    if (!draft || draft->content != judged.content || draft->base != judged.base) {
      return fail(ErrorCode::kAborted, "the draft was written anew; look at it again");
    }
    const auto signatures = TRY(find_signatures(work, mandate.tenant, id));
    const auto writers = TRY(find_writers(work, mandate.tenant, id));
    const ApprovalStanding standing =
        standing_of(needs, signatures, draft->content, writers, [&](std::string_view person) {
          return surroundings_.natural_person(mandate.tenant, person);
        });
    TRY_VOID(check_wish(work, mandate, *draft, standing, wish.cause));
    const std::int64_t now = TRY(time_at(work, draft->place, surroundings_.directory.clock()));
    const auto in_force = TRY(find_in_force(work, draft->place, now));
    if ((in_force ? in_force->content : "") != draft->base) {
      return fail(ErrorCode::kAborted,
                  "other policies came into force since the draft was compared with them; write it "
                  "anew");
    }
    activation = {.place = draft->place,
                  .content = draft->content,
                  .draft = draft->id,
                  .cause = wish.cause,
                  .person = {},
                  .made_ms = now,
                  .starts_ms = std::max(now, wish.starts_ms.value_or(now))};
    if (wish.cause == ActivationCause::kEmergency) {
      activation.approve_by_ms = now + surroundings_.rules.approve_within_ms;
    }
    activation = TRY(put(work, mandate, activation, draft->base));
    draft->state = DraftState::kActivated;
    draft->edition += 1;
    draft->changed_ms = now;
    TRY_VOID(replace_draft(work, *draft));
    return add_step(work, *draft, DraftStep::kActivate, mandate.actor_id, mandate.reason);
  });
  TRY_VOID(written);
  await_effect(activation);
  return activation;
}

/// What came in an emergency and nobody approved would come back without a word of it.
Result<void> Activations::check_was_approved(const PolicyPlace& place, std::uint64_t serial) const {
  const auto found = TRY(history(place, serial + 1, 1));
  if (found.empty() || found.front().serial != serial || !found.front().approve_by_ms) return {};
  const auto view = TRY(drafts_.view(place.tenant, found.front().draft));
  if (TRY(drafts_.standing(view)).is_complete()) return {};
  return fail(ErrorCode::kFailedPrecondition,
              fmt::format("the activation {} was an emergency change that nobody has approved yet: "
                          "have it approved first",
                          serial));
}

void Activations::await_effect(const Activation& activation) const {
  const bool is_planned = activation.starts_ms > activation.made_ms;
  if (surroundings_.await_effect && !is_planned) surroundings_.await_effect(activation);
}

Result<Activation> Activations::roll_back(const Mandate& mandate, std::string_view environment,
                                          std::uint64_t serial) {
  const PolicyPlace place{.tenant = mandate.tenant, .environment = std::string(environment)};
  TRY_VOID(check_was_approved(place, serial));
  Activation activation;
  const auto written = surroundings_.store.write([&](Work& work) -> Result<void> {
    TRY_VOID(check_actor(work, mandate));
    const auto earlier = TRY(find_activation(work, place, serial));
    if (!earlier) {
      return fail(ErrorCode::kNotFound, fmt::format("no activation has the serial {}", serial));
    }
    const auto last = TRY(find_last(work, place));
    const std::int64_t now = TRY(time_at(work, place, surroundings_.directory.clock()));
    const auto in_force = TRY(find_in_force(work, place, now));
    if (earlier->starts_ms > now || !in_force || in_force->serial < serial) {
      return fail(ErrorCode::kFailedPrecondition,
                  fmt::format("the activation {} never came into force", serial));
    }
    if (in_force->content == earlier->content && last->serial == in_force->serial) {
      return fail(ErrorCode::kFailedPrecondition, "it is in force");
    }
    activation = {.place = place,
                  .content = earlier->content,
                  .draft = {},
                  .cause = ActivationCause::kRollback,
                  .person = {},
                  .made_ms = now,
                  .starts_ms = now};
    activation = TRY(put(work, mandate, activation, in_force->content));
    return {};
  });
  TRY_VOID(written);
  await_effect(activation);
  return activation;
}

Result<std::optional<Activation>> Activations::renew(const Mandate& mandate,
                                                     std::string_view environment,
                                                     const KnownInForce& known) {
  const PolicyPlace place{.tenant = mandate.tenant, .environment = std::string(environment)};
  std::optional<Activation> renewed;
  const auto written = surroundings_.store.write([&](Work& work) -> Result<void> {
    renewed.reset();
    const auto last = TRY(find_last(work, place));
    const std::int64_t now = TRY(time_at(work, place, surroundings_.directory.clock()));
    const auto in_force = TRY(find_in_force(work, place, now));
    // A higher serial than one whose time has yet to come would keep it from coming.
    if (!in_force || in_force->serial != last->serial) return {};
    // What stands in the database without a signature that counts gets none here.
    if (in_force->serial != known.serial || in_force->content != known.content) return {};
    Activation activation{.place = place,
                          .content = in_force->content,
                          .draft = in_force->draft,
                          .cause = ActivationCause::kRenewal,
                          .person = {},
                          .made_ms = now,
                          .starts_ms = now};
    activation.approve_by_ms = in_force->approve_by_ms;
    renewed = TRY(put(work, mandate, activation, in_force->content));
    return {};
  });
  TRY_VOID(written);
  return renewed;
}

Result<std::optional<Activation>> Activations::begin(const Mandate& mandate,
                                                     std::string_view environment,
                                                     const bundle::Content& content) {
  const PolicyPlace place{.tenant = mandate.tenant, .environment = std::string(environment)};
  std::optional<Activation> begun;
  const auto written = surroundings_.store.write([&](Work& work) -> Result<void> {
    begun.reset();
    if (TRY(find_last(work, place))) return {};
    const std::int64_t now = surroundings_.directory.clock();
    TRY_VOID(put_content(work, place.tenant, content, now));
    const Activation activation{.place = place,
                                .content = content.name(),
                                .draft = {},
                                .cause = ActivationCause::kInitial,
                                .person = {},
                                .made_ms = now,
                                .starts_ms = now};
    begun = TRY(put(work, mandate, activation, {}));
    return {};
  });
  TRY_VOID(written);
  return begun;
}

Result<std::optional<Activation>> Activations::in_force(const PolicyPlace& place) const {
  using Found = std::optional<Activation>;
  return directory::read_from<Found>(surroundings_.store, [&](Work& work) -> Result<Found> {
    const std::int64_t now = TRY(time_at(work, place, surroundings_.directory.clock()));
    return find_in_force(work, place, now);
  });
}

Result<std::vector<Activation>> Activations::history(const PolicyPlace& place, std::uint64_t before,
                                                     std::size_t most) const {
  using Found = std::vector<Activation>;
  return directory::read_from<Found>(surroundings_.store, [&](Work& work) -> Result<Found> {
    return find_activations(work, place, before, std::min(most, kMostListed));
  });
}

Result<std::string> Activations::bundle(const Activation& activation) const {
  const auto content = TRY(drafts_.content(activation.place.tenant, activation.content));
  return fmt::format("{}\n{}", activation.envelope, content.bytes());
}

Result<bool> Activations::is_overdue(const Activation& activation) const {
  if (!activation.approve_by_ms || *activation.approve_by_ms > surroundings_.directory.clock()) {
    return false;
  }
  const auto view = TRY(drafts_.view(activation.place.tenant, activation.draft));
  return !TRY(drafts_.standing(view)).is_complete();
}

Result<bool> Activations::note_overdue(const Mandate& mandate, const Activation& activation) {
  if (!TRY(is_overdue(activation))) return false;
  bool is_new = false;
  const auto written = surroundings_.store.write([&](Work& work) -> Result<void> {
    is_new = false;
    const auto steps = TRY(find_steps(work, activation.place.tenant, activation.draft));
    const std::string_view name = to_string(DraftStep::kOverdue);
    if (std::ranges::find(steps, name, &KeptStep::step) != steps.end()) return {};
    auto draft = TRY(find_draft(work, activation.place.tenant, activation.draft));
    if (!draft) return fail(ErrorCode::kNotFound, "the draft of an activation is gone");
    is_new = true;
    draft->changed_ms = surroundings_.directory.clock();
    TRY_VOID(add_step(work, *draft, DraftStep::kOverdue, mandate.actor_id, mandate.reason));
    return tell_policy_change(work, surroundings_, mandate, *draft, "approval_overdue", draft->base,
                              activation.content);
  });
  TRY_VOID(written);
  return is_new;
}

}  // namespace wardlock::pap
