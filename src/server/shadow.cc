#include "server/shadow.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "codec/json.h"

namespace wardlock::server {
namespace {

constexpr std::size_t kMostExamples = 20;

}  // namespace

ShadowTally::ShadowTally(pap::ShadowCount before, const authn::Quota& most)
    : before_(std::move(before)), limit_(most), examples_(before_.examples) {}

bool ShadowTally::admit() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
  if (!limit_.take(1, now)) return true;
  skip();
  return false;
}

void ShadowTally::differed(const pdp::AccessRequest& request, const pdp::AccessDecision& was,
                           bool would_be_allowed, std::string_view cause,
                           std::string_view decision_id) {
  (would_be_allowed ? gained_ : lost_).fetch_add(1, std::memory_order_relaxed);
  same();  // it was compared
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock.owns_lock() || examples_.size() >= kMostExamples) return;
  std::string kind = fmt::format("{} {} {} {}", request.action, request.principal.type,
                                 request.resource.type, would_be_allowed);
  if (std::ranges::find(kinds_, kind) != kinds_.end()) return;
  kinds_.push_back(std::move(kind));
  boost::json::array policies;
  for (const std::string_view id : was.policies) policies.emplace_back(id);
  examples_.push_back(
      codec::to_json_text(boost::json::object{{"decision_id", decision_id},
                                              {"action", request.action},
                                              {"principal_type", request.principal.type},
                                              {"resource_type", request.resource.type},
                                              {"was", was.is_allowed ? "allow" : "deny"},
                                              {"would_be", would_be_allowed ? "allow" : "deny"},
                                              {"policies", std::move(policies)},
                                              {"cause", cause}}));
}

pap::ShadowCount ShadowTally::count() const {
  pap::ShadowCount out{.compared = before_.compared + compared_.load(std::memory_order_relaxed),
                       .skipped = before_.skipped + skipped_.load(std::memory_order_relaxed),
                       .gained = before_.gained + gained_.load(std::memory_order_relaxed),
                       .lost = before_.lost + lost_.load(std::memory_order_relaxed)};
  const std::scoped_lock lock(mutex_);
  out.examples = examples_;
  return out;
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
  tally->differed(request, decided, would_be_allowed, other ? to_string(other->cause) : "refused",
                  decision_id);
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
