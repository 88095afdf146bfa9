#include "server/meter.h"

#include <fmt/format.h>

#include "crypto/random.h"

namespace wardlock::server {
namespace {

/// Until what a caller had recorded too fast may be on disk.
constexpr std::chrono::seconds kShareWait{1};

}  // namespace

std::string_view new_id(Arena& arena) {
  const crypto::UuidText id = crypto::random_uuid();
  return arena.copy(std::string_view(id.data(), id.size()));
}

Result<void> Meter::admit(std::size_t count) {
  if (caller_.limit == nullptr) return {};
  wait_ = caller_.limit->take(static_cast<std::uint32_t>(count),
                              std::chrono::steady_clock::now().time_since_epoch().count());
  if (!wait_) return {};
  books_.shard.quota_refusals.add();
  return fail(ErrorCode::kResourceExhausted,
              fmt::format("that is more than the {} evaluations a second this caller may ask",
                          caller_.quota->rate));
}

Result<void> Meter::decided(const pdp::AccessRequest& request, const pdp::AccessDecision& decision,
                            std::string_view id) {
  books_.shard.count_decision(decision.cause);
  if (!decision.stale.empty()) books_.shard.stale_decisions.add();
  ++books_.trail.decisions;
  const pdp::Snapshot& by = tenant_.deciding(request, arena_);
  if (tenant_.shadow != nullptr) {
    tenant_.shadow->compare(by, request, decision, id, occasion_.now, arena_);
  }
  if (&by != tenant_.snapshot.get()) {
    tenant_.canary->compare(request, decision, id, occasion_.now, arena_);
  }
  if (!is_recording()) return {};
  return record(decision_event(occasion_, by, request, decision, id));
}

Result<void> Meter::searched(const pdp::AccessRequest& request, std::size_t decisions,
                             std::size_t found) {
  books_.shard.count_search(decisions, found);
  books_.trail.decisions += static_cast<std::int64_t>(decisions);
  if (!is_recording()) return {};
  return record(search_event(occasion_, *tenant_.snapshot, request, found, new_id(arena_), arena_));
}

void Meter::refused(const pdp::AccessRequest& request, ErrorCode why) {
  const pdp::Snapshot& by = tenant_.deciding(request, arena_);
  if (&by != tenant_.snapshot.get())
    tenant_.canary->compare_refused(request, occasion_.now, arena_);
  if (!is_recording()) return;
  books_.recorder->record_refusal(
      refused_question_event(occasion_, by, request, why, new_id(arena_), arena_));
}

Result<void> Meter::record(const event::Event& event) {
  auto recorded = books_.recorder->record(event);
  if (!recorded) {
    if (recorded.error().code == ErrorCode::kResourceExhausted) {
      wait_ = kShareWait;
      refusal_ = "share";
    }
    return std::unexpected(std::move(recorded.error()));
  }
  books_.tickets.add(*recorded);
  return {};
}

}  // namespace wardlock::server
