#include "server/policy_follower.h"

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/wall_clock.h"
#include "event/event.h"
#include "pap/tables.h"
#include "server/taken_policies.h"

namespace wardlock::server {
namespace {

/// So long nothing may be heard before it is looked whether that is so; what is planned begins so
/// exactly.
constexpr std::chrono::milliseconds kLookInterval{1000};
/// What could not be used is tried again so much later: what it needs may be there then.
constexpr std::int64_t kRetryPause = 10'000;
/// How often others may publish a snapshot while one is built.
constexpr int kAttempts = 5;

}  // namespace

PolicyFollower::PolicyFollower(PolicyFollowerParts parts)
    : parts_(parts), standing_(parts_.in_force.size()) {
  for (std::size_t i = 0; i < standing_.size(); ++i) {
    if (parts_.in_force[i] == nullptr) continue;
    const ServedTenant served = parts_.world.tenant(i);
    standing_[i] = {.serial = served.bundle->serial, .told = served.refused};
    look_at_trials(i);  // before anybody asks
  }
  thread_ = std::thread([this] { run(); });
}

PolicyFollower::~PolicyFollower() {
  {
    const std::scoped_lock lock(mutex_);
    is_stopping_ = true;
  }
  woken_.notify_one();
  looked_.notify_all();
  thread_.join();
}

void PolicyFollower::run() {
  pthread_setname_np(pthread_self(), "policies");
  do {
    listen();
    for (std::size_t i = 0; i < parts_.in_force.size(); ++i) {
      if (parts_.in_force[i] != nullptr) follow(i);
    }
    looked_.notify_all();
  } while (wait());
  listening_.reset();
}

/// Until it can be listened, it is looked every second.
void PolicyFollower::listen() {
  if (listening_ != nullptr) return;
  auto listening = parts_.store.listen(std::string(pap::kActivationChannel), [this] { wake(); });
  if (listening) listening_ = *std::move(listening);
}

void PolicyFollower::wake() {
  {
    const std::scoped_lock lock(mutex_);
    is_woken_ = true;
  }
  woken_.notify_one();
}

/// False: it is time to stop.
bool PolicyFollower::wait() {
  std::unique_lock lock(mutex_);
  woken_.wait_for(lock, kLookInterval, [this] { return is_woken_ || is_stopping_; });
  is_woken_ = false;
  return !is_stopping_;
}

bool PolicyFollower::wait_for(const pap::PolicyPlace& place, std::uint64_t serial,
                              std::chrono::milliseconds time) {
  const auto found = std::ranges::find_if(
      parts_.in_force, [&](const auto& each) { return each != nullptr && each->place() == place; });
  if (found == parts_.in_force.end()) return false;
  const Standing& standing = standing_[static_cast<std::size_t>(found - parts_.in_force.begin())];
  wake();
  std::unique_lock lock(mutex_);
  // The round that is going on may have looked before.
  const std::uint64_t last_round = standing.rounds + 2;
  looked_.wait_for(lock, time, [&] {
    const bool is_refused = !standing.told.empty() && standing.rounds >= last_round;
    return standing.serial >= serial || is_refused || is_stopping_;
  });
  return standing.serial >= serial;
}

bool PolicyFollower::wait_for_look(const pap::PolicyPlace& place, std::chrono::milliseconds time) {
  const auto found = std::ranges::find_if(
      parts_.in_force, [&](const auto& each) { return each != nullptr && each->place() == place; });
  if (found == parts_.in_force.end()) return false;
  const Standing& standing = standing_[static_cast<std::size_t>(found - parts_.in_force.begin())];
  wake();
  std::unique_lock lock(mutex_);
  // The round that is going on may have looked before.
  const std::uint64_t last_round = standing.rounds + 2;
  return looked_.wait_for(lock, time, [&] {
    if (standing.rounds >= last_round || is_stopping_) return true;
    is_woken_ = true;
    woken_.notify_one();
    return false;
  });
}

void PolicyFollower::follow(std::size_t tenant) {
  const auto next = parts_.in_force[tenant]->next();
  if (!next) {
    // A database that does not answer refuses nothing; who follows the directory tells of it.
    if (parts_.store.check()) note_refusal(tenant, next.error());
  } else if (!*next) {
    note_end(tenant);
  } else if (!is_paused(tenant, **next)) {
    const auto taken = take_over(tenant, **next);
    taken ? note_end(tenant) : note_refusal(tenant, taken.error());
  }
  look_at_trials(tenant);
  const std::scoped_lock lock(mutex_);
  ++standing_[tenant].rounds;
}

void PolicyFollower::look_at_trials(std::size_t tenant) {
  const pap::PolicyPlace& place = parts_.in_force[tenant]->place();
  if (parts_.canaries != nullptr) parts_.canaries->look(tenant, place);
  if (parts_.shadows != nullptr) parts_.shadows->look(tenant, place);
}

/// What could not be used is not built again at once; another is.
bool PolicyFollower::is_paused(std::size_t tenant, const VerifiedPolicies& policies) const {
  const Standing& standing = standing_[tenant];
  return standing.unusable == policies.bundle.serial && wall_clock_ms() < standing.pauses_until;
}

Result<void> PolicyFollower::take_over(std::size_t tenant, const VerifiedPolicies& policies) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const auto taken = try_take_over(tenant, policies);
    if (!taken) {
      standing_[tenant].unusable = policies.bundle.serial;
      standing_[tenant].pauses_until = wall_clock_ms() + kRetryPause;
      return std::unexpected(taken.error());
    }
    if (!*taken) continue;
    keep(tenant, policies);
    return {};
  }
  return fail(ErrorCode::kUnavailable, "the tenant's other files keep changing");
}

/// False: others published meanwhile what it does not have.
Result<bool> PolicyFollower::try_take_over(std::size_t tenant, const VerifiedPolicies& policies) {
  const ServedTenant before = parts_.world.tenant(tenant);
  auto sources = std::make_shared<pdp::Sources>(policies.policies);
  // Not read anew: a file that is broken now keeps nobody from going back.
  sources->entities = before.sources->entities;
  sources->types = before.sources->types;
  DirectoryView::Change change(*parts_.views[tenant]);
  auto built = build_served(parts_.config, *sources, before.snapshot->revision + 1,
                            before.snapshot.get(), &change);
  if (!built) {
    // What is wrong would quote the entities, and those name persons.
    return fail(built.error().code,
                fmt::format("the policies of serial {} do not fit what is decided about here; "
                            "`wardlock validate` may say why",
                            policies.bundle.serial));
  }
  // From here on nobody else changes what the tenant is served.
  const ServedTenant in_use = parts_.world.tenant(tenant);
  if (in_use.sources != before.sources) return false;
  auto snapshot = TRY(following(*std::move(built), in_use, sources->types));
  TRY_VOID(record_policies(parts_.audit, in_use, *snapshot));
  snapshot->index.make_like(in_use.snapshot->index);  // here nobody waits for it
  parts_.world.change([&](World& next) {
    ServedTenant& served = next.tenants[tenant];
    served.snapshot = std::move(snapshot);
    served.canary.reset();  // it stood beside what was in force
    served.loaded_at = wall_clock_ms();
    served.bundle = policies.bundle;
    served.sources = std::move(sources);
    served.directory_revision = change.keep();
  });
  return true;
}

void PolicyFollower::keep(std::size_t tenant, const VerifiedPolicies& policies) {
  if (const auto kept = parts_.in_force[tenant]->accept(policies); !kept) {
    parts_.log.warning("policies_not_kept", {{"tenant", parts_.config.tenants[tenant].name},
                                             {"reason", kept.error().message}});
  }
  {
    const std::scoped_lock lock(mutex_);
    standing_[tenant].serial = policies.bundle.serial;
  }
  looked_.notify_all();
  parts_.metrics.activations_taken.add();
  const ServedTenant served = parts_.world.tenant(tenant);
  parts_.log.info("policies_in_force",
                  {{"tenant", served.name},
                   {"serial", static_cast<std::int64_t>(policies.bundle.serial)},
                   {"content", policies.bundle.content},
                   {"expires", bundle::to_text(policies.bundle.expires)},
                   {"revision", static_cast<std::int64_t>(served.snapshot->revision)},
                   {"policy_set", served.snapshot->policy_set()}});
}

void PolicyFollower::note_refusal(std::size_t tenant, const Error& why) {
  Standing& standing = standing_[tenant];
  if (standing.told == why.message) return;
  const bool is_first = standing.told.empty();
  {
    const std::scoped_lock lock(mutex_);
    standing.told = why.message;
  }
  parts_.metrics.activations_failed.add();
  const World world = parts_.world.change([&](World& next) {
    ServedTenant& served = next.tenants[tenant];
    served.refused = why.message;
    if (is_first) served.refused_since = wall_clock_ms();
  });
  const ServedTenant& served = world.tenants[tenant];
  parts_.log.error("policies_in_force_refused",
                   {{"tenant", served.name},
                    {"reason", why.message},
                    {"serving_serial", static_cast<std::int64_t>(served.bundle->serial)}});
  record(served, "refuse_policies", event::Outcome::kError, to_string(why.code));
}

void PolicyFollower::note_end(std::size_t tenant) {
  Standing& standing = standing_[tenant];
  if (standing.told.empty()) return;
  {
    const std::scoped_lock lock(mutex_);
    standing.told.clear();
  }
  const World world =
      parts_.world.change([&](World& next) { next.tenants[tenant].refused.clear(); });
  parts_.log.info("policies_in_force_again", {{"tenant", world.tenants[tenant].name}});
  record(world.tenants[tenant], "accept_policies", event::Outcome::kSuccess, {});
}

/// What cannot go on record is in the log, and shows.
void PolicyFollower::record(const ServedTenant& served, std::string_view action,
                            event::Outcome outcome, std::string_view cause) {
  if (parts_.audit == nullptr) return;
  const auto recorded =
      parts_.audit->record_now({.kind = event::Kind::kPolicyChange,
                                .outcome = outcome,
                                .record_class = "administration",
                                .tenant = served.name,
                                .action = action,
                                .cause = cause,
                                .policy_set = served.snapshot->policy_set(),
                                .revision = static_cast<std::int64_t>(served.snapshot->revision),
                                .changed = "policies",
                                .value_after = served.bundle->content});
  if (!recorded) {
    parts_.log.error("policies_not_recorded", {{"reason", recorded.error().message}});
  }
}

}  // namespace wardlock::server
