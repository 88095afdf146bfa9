#include "pap/canary_stages.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "cedar/parser/parser.h"
#include "directory/registry/read_from.h"
#include "pap/activating.h"
#include "pap/activation_rows.h"
#include "pap/canary_rows.h"
#include "pap/drafts.h"
#include "pap/shadow_rows.h"

namespace wardlock::pap {
namespace {

using directory::Mandate;
using storage::Work;

constexpr std::size_t kMostListed = 500;
constexpr std::uint32_t kWhole = 1000;  // per mille

Error not_found() { return {ErrorCode::kNotFound, "no canary has that number"}; }

CountedStage counted(const CanaryStage& stage) {
  return {.is_canary = true, .place = stage.place, .number = stage.number};
}

void sort_once(std::vector<std::string>& names) {
  std::ranges::sort(names);
  const auto again = std::ranges::unique(names);
  names.erase(again.begin(), again.end());
}

/// As it is signed: places as Cedar writes them, all sorted.
Result<bundle::CanaryPart> normal(bundle::CanaryPart part) {
  for (std::string& location : part.locations) {
    Arena arena;
    const auto uid = cedar::parse_entity_uid(location, arena);
    if (!uid) {
      return invalid(fmt::format("`{}` is no place: it is written `Ward::\"3\"`", location));
    }
    location = to_text(**uid);
  }
  sort_once(part.actions);
  sort_once(part.callers);
  sort_once(part.locations);
  return part;
}

/// Nothing: it may be.
std::string_view fault_of(const CanaryStages::Wish& wish) {
  const bool is_one_of_these =
      wish.cause == ActivationCause::kApproved || wish.cause == ActivationCause::kSingleHanded;
  if (!is_one_of_these) return "a canary begins as approved, or alone";
  return wish.limit.permille > kWhole ? "a share is at most 1000 per mille" : "";
}

/// Nothing: it may be. Bundles count seconds.
std::string_view fault_of_end(std::int64_t ends_ms, std::int64_t now_ms) {
  constexpr std::int64_t kSecond = 1000;
  if (ends_ms < now_ms + kSecond) return "a canary ends after it begins";
  return ends_ms > now_ms + kLongestCanary ? "a canary ends within 30 days" : "";
}

}  // namespace

ShadowCount CanaryView::total() const {
  std::vector<ShadowCount> counts;
  std::ranges::transform(nodes, std::back_inserter(counts), &NodeShadowCount::count);
  return sum_of(counts);
}

Result<CanaryStage> CanaryStages::begin(const Mandate& mandate, std::string_view id,
                                        const Wish& wish) {
  if (const auto fault = fault_of(wish); !fault.empty()) return invalid(std::string(fault));
  bundle::CanaryPart part = TRY(normal(wish.part));
  // Which approvals are needed follows from content and base, and may take its time.
  const PolicyDraft judged = TRY(drafts_.view(mandate.tenant, id)).draft;
  const auto needs = TRY(surroundings_.needs(judged));
  CanaryStage stage;
  const auto written = surroundings_.store.write([&](Work& work) -> Result<void> {
    const auto ready = TRY(check_is_ready(work, surroundings_, mandate, judged, needs, wish.cause));
    if (const auto fault = fault_of_end(wish.ends_ms, ready.now_ms); !fault.empty()) {
      return invalid(std::string(fault));
    }
    if (ready.draft.base.empty() || ready.draft.base == ready.draft.content) {
      return fail(ErrorCode::kFailedPrecondition,
                  "a canary stands beside other policies that are in force");
    }
    part.beside = ready.draft.base;
    stage = {.place = ready.draft.place,
             .draft = ready.draft.id,
             .content = ready.draft.content,
             .part = part,
             .cause = wish.cause,
             .limit = wish.limit,
             .person = mandate.actor_id,
             .reason = mandate.reason,
             .made_ms = ready.now_ms,
             .ends_ms = wish.ends_ms};
    return put(work, mandate, stage);
  });
  TRY_VOID(written);
  await_look(stage.place);
  return stage;
}

Result<void> CanaryStages::put(Work& work, const Mandate& mandate, CanaryStage& stage) {
  TRY_VOID(end_running_canary(work, surroundings_, mandate, stage.place, CanaryEnd::kReplaced));
  stage.serial = TRY(next_serial(work, surroundings_, stage.place));
  stage.envelope = TRY(sign_content(work, surroundings_,
                                    {.tenant = stage.place.tenant,
                                     .environment = stage.place.environment,
                                     .serial = stage.serial,
                                     .created = bundle_seconds(stage.made_ms),
                                     .expires = bundle_seconds(stage.ends_ms),
                                     .part = stage.part},
                                    stage.content));
  TRY_VOID(insert_canary(work, stage));
  const PolicyDraft of{.id = stage.draft, .place = stage.place};
  const bool is_alone = stage.cause == ActivationCause::kSingleHanded;
  return tell_policy_change(work, surroundings_, mandate, of,
                            is_alone ? "canary_begin_single_handed" : "canary_begin",
                            stage.part.beside, stage.content);
}

void CanaryStages::await_look(const PolicyPlace& place) const {
  if (surroundings_.await_look) surroundings_.await_look(place);
}

Result<CanaryStage> CanaryStages::stop(const Mandate& mandate, std::string_view environment,
                                       std::uint64_t number) {
  const PolicyPlace place{.tenant = mandate.tenant, .environment = std::string(environment)};
  CanaryStage stopped;
  const auto written = surroundings_.store.write([&](Work& work) -> Result<void> {
    TRY_VOID(check_actor(work, mandate));
    const auto found = TRY(find_canary(work, place, number));
    if (!found) return std::unexpected(not_found());
    if (found->end != CanaryEnd::kNot) {
      return fail(ErrorCode::kFailedPrecondition,
                  fmt::format("it has ended: {}", to_string(found->end)));
    }
    TRY(end_canary(work, surroundings_, mandate, *found, CanaryEnd::kStopped));
    stopped = TRY(find_canary(work, place, number)).value();
    return {};
  });
  TRY_VOID(written);
  await_look(place);
  return stopped;
}

Result<std::optional<CanaryStage>> CanaryStages::running(const PolicyPlace& place) const {
  using Found = std::optional<CanaryStage>;
  return directory::read_from<Found>(surroundings_.store, [&](Work& work) -> Result<Found> {
    return find_running_canary(work, place);
  });
}

Result<CanaryView> CanaryStages::view(const PolicyPlace& place, std::uint64_t number) const {
  return directory::read_from<CanaryView>(
      surroundings_.store, [&](Work& work) -> Result<CanaryView> {
        auto stage = TRY(find_canary(work, place, number));
        if (!stage) return std::unexpected(not_found());
        auto nodes = TRY(find_shadow_counts(work, counted(*stage)));
        return CanaryView{.stage = *std::move(stage), .nodes = std::move(nodes)};
      });
}

Result<std::vector<CanaryStage>> CanaryStages::history(const PolicyPlace& place,
                                                       std::uint64_t before,
                                                       std::size_t most) const {
  using Found = std::vector<CanaryStage>;
  return directory::read_from<Found>(surroundings_.store, [&](Work& work) -> Result<Found> {
    return find_canaries(work, place, before, std::min(most, kMostListed));
  });
}

Result<CanaryEnd> CanaryStages::due_end(const CanaryStage& stage) const {
  return directory::read_from<CanaryEnd>(surroundings_.store, [&](Work& work) -> Result<CanaryEnd> {
    const std::int64_t now = TRY(time_at(work, stage.place, surroundings_.directory.clock()));
    const auto in_force = TRY(find_in_force(work, stage.place, now));
    if (!in_force) return CanaryEnd::kSuperseded;
    if (in_force->content == stage.content) return CanaryEnd::kInForce;
    if (stage.part.beside.empty()) return CanaryEnd::kNot;  // nobody knows, and no node uses it
    const bool is_beside =
        in_force->content == stage.part.beside && in_force->serial < stage.serial;
    return is_beside ? CanaryEnd::kNot : CanaryEnd::kSuperseded;
  });
}

Result<std::string> CanaryStages::bundle(const CanaryStage& stage) const {
  const auto content = TRY(drafts_.content(stage.place.tenant, stage.content));
  return fmt::format("{}\n{}", stage.envelope, content.bytes());
}

Result<bool> CanaryStages::report(const Mandate& mandate, const CanaryStage& stage,
                                  std::string_view node, const ShadowCount& count) {
  bool goes_on = false;
  const auto written = surroundings_.store.write([&](Work& work) -> Result<void> {
    const auto now = TRY(find_canary(work, stage.place, stage.number));
    if (!now) return std::unexpected(not_found());
    goes_on = now->end == CanaryEnd::kNot;
    TRY_VOID(put_shadow_count(
        work, counted(*now),
        {.node = std::string(node), .count = count, .at_ms = surroundings_.directory.clock()}));
    const CanaryView all{.stage = *now, .nodes = TRY(find_shadow_counts(work, counted(*now)))};
    if (!goes_on || !is_beyond(now->limit, all.total())) return {};
    goes_on = false;
    TRY(end_canary(work, surroundings_, mandate, *now, CanaryEnd::kLimit));
    return {};
  });
  TRY_VOID(written);
  return goes_on;
}

Result<void> CanaryStages::end(const Mandate& mandate, const CanaryStage& stage, CanaryEnd how) {
  return surroundings_.store.write([&](Work& work) -> Result<void> {
    TRY(end_canary(work, surroundings_, mandate, stage, how));
    return {};
  });
}

}  // namespace wardlock::pap
