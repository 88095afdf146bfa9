#include "server/shadow.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "compare/decisions/roles.h"

namespace wardlock::server {
namespace {

/// The groups that policies of either set give rights to, and that whoever asks is in.
std::string who_asks(const SeenDifference& seen) {
  compare::Roles roles(seen.in_use, seen.tried, seen.in_use.entities);
  const auto place = roles.find(seen.request.principal.type, seen.request.principal.id);
  return roles.name(place);
}

}  // namespace

ShadowTally::ShadowTally(pap::ShadowCount before, const authn::Quota& most)
    : before_(std::move(before)), limit_(most), kinds_(before_.kinds) {}

bool ShadowTally::admit() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
  if (!limit_.take(1, now)) return true;
  skip();
  return false;
}

void ShadowTally::differed(const SeenDifference& seen) {
  (seen.would_be_allowed ? gained_ : lost_).fetch_add(1, std::memory_order_relaxed);
  same();  // it was compared
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock.owns_lock()) return;
  pap::ShadowDifference kind{.who = who_asks(seen),
                             .action = std::string(seen.request.action),
                             .resource_type = std::string(seen.request.resource.type),
                             .is_gain = seen.would_be_allowed,
                             .count = 1};
  const auto known = std::ranges::find_if(
      kinds_, [&](const pap::ShadowDifference& each) { return each.is_like(kind); });
  if (known != kinds_.end()) {
    ++known->count;
    return;
  }
  if (kinds_.size() >= pap::kMostShadowKinds) return;
  kind.decision_id = seen.decision_id;
  kind.policies.assign(seen.was.policies.begin(), seen.was.policies.end());
  kind.cause = seen.cause;
  kinds_.push_back(std::move(kind));
}

pap::ShadowCount ShadowTally::count() const {
  pap::ShadowCount out{.compared = before_.compared + compared_.load(std::memory_order_relaxed),
                       .skipped = before_.skipped + skipped_.load(std::memory_order_relaxed),
                       .gained = before_.gained + gained_.load(std::memory_order_relaxed),
                       .lost = before_.lost + lost_.load(std::memory_order_relaxed)};
  const std::scoped_lock lock(mutex_);
  out.kinds = kinds_;
  return pap::sum_of({out});  // which sorts the kinds
}

void Shadow::compare(const pdp::Snapshot& in_use, const pdp::AccessRequest& request,
                     const pdp::AccessDecision& decided, std::string_view decision_id,
                     std::int64_t now, Arena& arena) const {
  // Data that changed between the two would look like a difference of policies.
  if (&in_use != of.get()) return tally->skip();
  if (!tally->admit()) return;
  const auto other = pdp::decide(*snapshot, request, now, arena);
  // A question that these policies know nothing of is one that they do not allow.
  const bool would_be_allowed = other && other->is_allowed;
  if (would_be_allowed == decided.is_allowed) return tally->same();
  tally->differed({.in_use = in_use,
                   .tried = *snapshot,
                   .request = request,
                   .was = decided,
                   .would_be_allowed = would_be_allowed,
                   .cause = other ? to_string(other->cause) : "refused",
                   .decision_id = decision_id});
}

std::shared_ptr<const Shadow> Shadow::over(std::shared_ptr<const pdp::Snapshot> next) const {
  if (!next->entities.is_of_one_row_with(snapshot->entities)) return nullptr;
  auto made = pdp::make_snapshot(snapshot->rulebook, next->entities, next->types, next->revision);
  if (!made) return nullptr;
  (*made)->index.make_like(next->index);
  return std::make_shared<const Shadow>(
      Shadow{.stage = stage, .of = std::move(next), .snapshot = *std::move(made), .tally = tally});
}

}  // namespace wardlock::server
