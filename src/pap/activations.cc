#include "pap/activations.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "directory/registry/read_from.h"
#include "pap/activating.h"
#include "pap/activation_rows.h"
#include "pap/canary_rows.h"
#include "pap/draft_rows.h"
#include "pap/drafts.h"

namespace wardlock::pap {
namespace {

using directory::Mandate;
using storage::Work;

constexpr std::size_t kMostListed = 500;

}  // namespace

Result<Activation> Activations::put(Work& work, const Mandate& mandate, Activation activation,
                                    std::string_view before) {
  activation.serial = TRY(next_serial(work, surroundings_, activation.place));
  activation.person = mandate.actor_id;
  activation.reason = mandate.reason;
  activation.expires_ms = activation.starts_ms + surroundings_.rules.lifetime_ms;
  activation.envelope = TRY(sign_content(work, surroundings_,
                                         {.tenant = activation.place.tenant,
                                          .environment = activation.place.environment,
                                          .serial = activation.serial,
                                          .created = bundle_seconds(activation.made_ms),
                                          .expires = bundle_seconds(activation.expires_ms)},
                                         activation.content));
  TRY_VOID(insert_activation(work, activation));
  const PolicyDraft of{.id = activation.draft.empty() ? activation.content : activation.draft,
                       .place = activation.place};
  TRY_VOID(tell_policy_change(work, surroundings_, mandate, of,
                              fmt::format("activate_{}", to_string(activation.cause)), before,
                              activation.content));
  if (activation.starts_ms <= activation.made_ms)
    TRY_VOID(end_canary_for(work, mandate, activation));
  return activation;
}

/// Nothing stands beside what is no longer in force. What is planned ends it when its time comes.
Result<void> Activations::end_canary_for(Work& work, const Mandate& mandate,
                                         const Activation& activation) {
  const auto canary = TRY(find_running_canary(work, activation.place));
  if (!canary) return {};
  const bool is_its = canary->content == activation.content;
  TRY(end_canary(work, surroundings_, mandate, *canary,
                 is_its ? CanaryEnd::kInForce : CanaryEnd::kSuperseded));
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
    auto ready = TRY(check_is_ready(work, surroundings_, mandate, judged, needs, wish.cause));
    PolicyDraft& draft = ready.draft;
    const std::int64_t now = ready.now_ms;
    activation = {.place = draft.place,
                  .content = draft.content,
                  .draft = draft.id,
                  .cause = wish.cause,
                  .person = {},
                  .made_ms = now,
                  .starts_ms = std::max(now, wish.starts_ms.value_or(now))};
    if (wish.cause == ActivationCause::kEmergency) {
      activation.approve_by_ms = now + surroundings_.rules.approve_within_ms;
    }
    activation = TRY(put(work, mandate, activation, draft.base));
    draft.state = DraftState::kActivated;
    draft.edition += 1;
    draft.changed_ms = now;
    TRY_VOID(replace_draft(work, draft));
    return add_step(work, draft, DraftStep::kActivate, mandate.actor_id, mandate.reason);
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
    // Where a canary runs, even what is in force is somewhere to go back to.
    const bool is_whole = !TRY(find_running_canary(work, place)).has_value();
    if (is_whole && in_force->content == earlier->content && last->serial == in_force->serial) {
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
