#include "server/canary.h"

#include <utility>

#include "server/world.h"

namespace wardlock::server {

void ServedCanary::compare(const pdp::AccessRequest& request, const pdp::AccessDecision& decided,
                           std::string_view cause, std::string_view decision_id, std::int64_t now,
                           Arena& arena) const {
  if (!tally->admit()) return;
  const auto other = pdp::decide(*policies->of(), request, now, arena);
  // A question that what is in force knows nothing of is one that it does not allow.
  const bool was_allowed = other && other->is_allowed;
  if (was_allowed == decided.is_allowed) return tally->same();
  tally->differed({.in_use = *policies->of(),
                   .tried = *policies->tried(),
                   .request = request,
                   .was = decided,
                   .would_be_allowed = decided.is_allowed,
                   .cause = cause,
                   .decision_id = decision_id});
}

void ServedCanary::compare(const pdp::AccessRequest& request, const pdp::AccessDecision& decided,
                           std::string_view decision_id, std::int64_t now, Arena& arena) const {
  compare(request, decided, to_string(decided.cause), decision_id, now, arena);
}

void ServedCanary::compare_refused(const pdp::AccessRequest& request, std::int64_t now,
                                   Arena& arena) const {
  compare(request, pdp::AccessDecision(), "refused", {}, now, arena);
}

std::shared_ptr<const ServedCanary> ServedCanary::over(
    const config::Config& config, std::shared_ptr<const pdp::Snapshot> next) const {
  const pdp::Snapshot& before = *policies->tried();
  auto made = next->entities.is_of_one_row_with(before.entities)
                  ? pdp::make_snapshot(before.rulebook, next->entities, next->types, next->revision)
                  : build_over(config, *sources, next->entities, next->revision);
  if (!made) return nullptr;
  (*made)->index.make_like(next->index);
  auto beside = pdp::Canary::make(std::move(next), *std::move(made), policies->part());
  if (!beside) return nullptr;
  return std::make_shared<const ServedCanary>(ServedCanary{.stage = stage,
                                                           .signers = signers,
                                                           .sources = sources,
                                                           .policies = *std::move(beside),
                                                           .tally = tally});
}

bool is_of_one(const std::shared_ptr<const ServedCanary>& one,
               const std::shared_ptr<const ServedCanary>& other) {
  return one != nullptr && other != nullptr && one->stage.number == other->stage.number;
}

}  // namespace wardlock::server
