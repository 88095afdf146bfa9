#include "pap/shadow_stages.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "directory/registry/read_from.h"
#include "pap/draft_rows.h"
#include "pap/drafts.h"
#include "pap/shadow_rows.h"

namespace wardlock::pap {
namespace {

using directory::Mandate;
using storage::Work;

constexpr std::size_t kMostListed = 500;
constexpr std::uint32_t kWhole = 1000;  // per mille

CountedStage counted(const ShadowStage& stage) {
  return {.is_canary = false, .place = stage.place, .number = stage.number};
}

Error not_found() { return {ErrorCode::kNotFound, "no trial of a draft has that number"}; }

}  // namespace

ShadowCount ShadowView::total() const {
  std::vector<ShadowCount> counts;
  std::ranges::transform(nodes, std::back_inserter(counts), &NodeShadowCount::count);
  return sum_of(counts);
}

Result<ShadowStage> ShadowStages::begin(const Mandate& mandate, std::string_view id,
                                        const DifferenceLimit& limit) {
  if (limit.permille > kWhole) return invalid("a share is at most 1000 per mille");
  ShadowStage stage;
  const auto written = surroundings_.store.write([&](Work& work) -> Result<void> {
    TRY_VOID(check_actor(work, mandate));
    const auto draft = TRY(find_draft(work, mandate.tenant, id));
    if (!draft) return fail(ErrorCode::kNotFound, fmt::format("there is no draft `{}`", id));
    if (draft->state == DraftState::kWithdrawn || draft->state == DraftState::kActivated) {
      return fail(ErrorCode::kFailedPrecondition,
                  fmt::format("the draft is {} and cannot be tried", to_string(draft->state)));
    }
    const std::string unpassed = TRY(unpassed_checks(work, *draft, surroundings_.rules.checks));
    if (!unpassed.empty()) {
      return fail(ErrorCode::kFailedPrecondition,
                  fmt::format("these checks have not passed: {}", unpassed));
    }
    if (auto before = TRY(find_running_shadow(work, draft->place))) {
      TRY_VOID(end(work, mandate, *std::move(before), ShadowEnd::kReplaced));
    }
    stage = {.place = draft->place,
             .draft = draft->id,
             .content = draft->content,
             .limit = limit,
             .person = mandate.actor_id,
             .reason = mandate.reason,
             .made_ms = surroundings_.directory.clock()};
    TRY_VOID(insert_shadow(work, stage));
    return tell_policy_change(work, surroundings_, mandate, *draft, "shadow_begin", draft->base,
                              draft->content);
  });
  TRY_VOID(written);
  return stage;
}

Result<void> ShadowStages::end(Work& work, const Mandate& mandate, ShadowStage stage,
                               ShadowEnd how) {
  stage.end = how;
  stage.ended_by = mandate.actor_id;
  stage.ended_ms = surroundings_.directory.clock();
  if (!TRY(end_shadow(work, stage))) return {};
  const PolicyDraft of{.id = stage.draft, .place = stage.place};
  return tell_policy_change(work, surroundings_, mandate, of,
                            fmt::format("shadow_{}", to_string(how)), stage.content, {});
}

Result<ShadowStage> ShadowStages::stop(const Mandate& mandate, std::string_view environment,
                                       std::uint64_t number) {
  const PolicyPlace place{.tenant = mandate.tenant, .environment = std::string(environment)};
  ShadowStage stopped;
  const auto written = surroundings_.store.write([&](Work& work) -> Result<void> {
    TRY_VOID(check_actor(work, mandate));
    const auto found = TRY(find_shadow(work, place, number));
    if (!found) return std::unexpected(not_found());
    if (found->end != ShadowEnd::kNot) {
      return fail(ErrorCode::kFailedPrecondition,
                  fmt::format("it has ended: {}", to_string(found->end)));
    }
    TRY_VOID(end(work, mandate, *found, ShadowEnd::kStopped));
    stopped = TRY(find_shadow(work, place, number)).value();
    return {};
  });
  TRY_VOID(written);
  return stopped;
}

Result<std::optional<ShadowStage>> ShadowStages::running(const PolicyPlace& place) const {
  using Found = std::optional<ShadowStage>;
  return directory::read_from<Found>(surroundings_.store, [&](Work& work) -> Result<Found> {
    return find_running_shadow(work, place);
  });
}

Result<ShadowView> ShadowStages::view(const PolicyPlace& place, std::uint64_t number) const {
  return directory::read_from<ShadowView>(
      surroundings_.store, [&](Work& work) -> Result<ShadowView> {
        auto stage = TRY(find_shadow(work, place, number));
        if (!stage) return std::unexpected(not_found());
        auto nodes = TRY(find_shadow_counts(work, counted(*stage)));
        return ShadowView{.stage = *std::move(stage), .nodes = std::move(nodes)};
      });
}

Result<std::vector<ShadowStage>> ShadowStages::history(const PolicyPlace& place,
                                                       std::uint64_t before,
                                                       std::size_t most) const {
  using Found = std::vector<ShadowStage>;
  return directory::read_from<Found>(surroundings_.store, [&](Work& work) -> Result<Found> {
    return find_shadows(work, place, before, std::min(most, kMostListed));
  });
}

Result<bool> ShadowStages::report(const Mandate& mandate, const ShadowStage& stage,
                                  std::string_view node, const ShadowCount& count) {
  bool goes_on = false;
  const auto written = surroundings_.store.write([&](Work& work) -> Result<void> {
    const auto now = TRY(find_shadow(work, stage.place, stage.number));
    goes_on = now && now->end == ShadowEnd::kNot;
    if (!now) return std::unexpected(not_found());
    TRY_VOID(put_shadow_count(
        work, counted(*now),
        {.node = std::string(node), .count = count, .at_ms = surroundings_.directory.clock()}));
    const ShadowView all{.stage = *now, .nodes = TRY(find_shadow_counts(work, counted(*now)))};
    if (!goes_on || !is_beyond(now->limit, all.total())) return {};
    goes_on = false;
    return end(work, mandate, *now, ShadowEnd::kLimit);
  });
  TRY_VOID(written);
  return goes_on;
}

Result<void> ShadowStages::end_in_force(const Mandate& mandate, const ShadowStage& stage) {
  return surroundings_.store.write(
      [&](Work& work) { return end(work, mandate, stage, ShadowEnd::kInForce); });
}

}  // namespace wardlock::pap
