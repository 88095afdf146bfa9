#include "server/canary_keeper.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "bundle/keys.h"
#include "event/event.h"
#include "pdp/bundle_sources.h"
#include "server/directory.h"

namespace wardlock::server {
namespace {

/// What could not be used is tried again so much later: what it needs may be there then.
constexpr std::int64_t kRetryPause = 10'000;

std::chrono::sys_seconds seconds_of(std::int64_t ms) {
  return std::chrono::floor<std::chrono::seconds>(
      std::chrono::sys_time(std::chrono::milliseconds(ms)));
}

/// The row may say what it likes: what was signed counts.
Result<bundle::VerifiedBundle> verify(const pap::CanaryStage& stage, std::string_view bytes,
                                      const bundle::Trust& trust, const ServedBundle& in_use,
                                      std::int64_t now) {
  auto verified = TRY(bundle::verify_bundle(bytes, trust,
                                            {.now = seconds_of(now),
                                             .tenant = stage.place.tenant,
                                             .environment = stage.place.environment,
                                             .serial_above = in_use.serial,
                                             .is_canary = true}));
  if (verified.statement().serial != stage.serial) {
    return fail(ErrorCode::kDataLoss,
                fmt::format("a canary runs under the serial {} by the database, and {} is signed",
                            stage.serial, verified.statement().serial));
  }
  if (verified.statement().part->beside != in_use.content) {
    return fail(ErrorCode::kFailedPrecondition,
                "the canary stands beside other policies than this node decides by");
  }
  return verified;
}

}  // namespace

CanaryKeeper::CanaryKeeper(Parts parts) : parts_(std::move(parts)), standing_(parts_.kept.size()) {}

void CanaryKeeper::look(std::size_t tenant, const pap::PolicyPlace& place) {
  if (parts_.kept[tenant].stages == nullptr) return;
  const auto followed = follow(tenant, place);
  if (!followed && followed.error().code != ErrorCode::kUnavailable) {
    parts_.log.warning("canary_failed", {{"tenant", parts_.config.tenants[tenant].name},
                                         {"reason", followed.error().message}});
  }
}

Result<void> CanaryKeeper::follow(std::size_t tenant, const pap::PolicyPlace& place) {
  const ServedTenant served = parts_.world.tenant(tenant);
  // Whether or not the database answers.
  if (served.canary != nullptr && parts_.clock() >= served.canary->stage.ends_ms)
    take_away_for_ever(tenant);
  auto running = parts_.kept[tenant].stages->running(place);
  if (!running && running.error().code != ErrorCode::kUnavailable) {
    // What cannot be read could not be stopped either.
    take_away(tenant);
  }
  const std::optional<pap::CanaryStage> stage = TRY(std::move(running));
  if (!stage || (served.canary != nullptr && served.canary->stage.number != stage->number)) {
    take_away_for_ever(tenant);
    note_end(tenant);
  }
  if (!stage || TRY(end_if_over(tenant, *stage))) return {};
  if (const auto used = use(tenant, *stage); !used) {
    // A database that does not answer refuses nothing.
    if (used.error().code == ErrorCode::kUnavailable) return used;
    take_away(tenant);
    note_refusal(tenant, *stage, used.error());
    return {};
  }
  note_end(tenant);
  const ServedTenant now = parts_.world.tenant(tenant);
  if (now.canary != nullptr && !TRY(report(tenant, *now.canary))) take_away_for_ever(tenant);
  return {};
}

/// True: it is, and its end is in the database.
Result<bool> CanaryKeeper::end_if_over(std::size_t tenant, const pap::CanaryStage& stage) {
  // What was planned may have come into force.
  pap::CanaryEnd how = TRY(parts_.kept[tenant].stages->due_end(stage));
  if (parts_.clock() >= stage.ends_ms) how = pap::CanaryEnd::kExpired;
  if (how == pap::CanaryEnd::kNot) return false;
  take_away_for_ever(tenant);
  note_end(tenant);
  TRY_VOID(parts_.kept[tenant].stages->end(own_mandate(stage.place.tenant, "what ends by itself"),
                                           stage, how));
  return true;
}

Result<void> CanaryKeeper::use(std::size_t tenant, const pap::CanaryStage& stage) {
  if (stage.part.beside.empty()) {
    return fail(ErrorCode::kDataLoss, "the canary's statement cannot be read");
  }
  const ServedTenant served = parts_.world.tenant(tenant);
  if (served.canary == nullptr) {
    const Standing& standing = standing_[tenant];
    if (standing.unusable == stage.number && parts_.clock() < standing.pauses_until) {
      return fail(ErrorCode::kFailedPrecondition, standing.told);
    }
    publish(tenant, TRY(take_over(tenant, served, stage)));
    return {};
  }
  TRY_VOID(check_keys(tenant, *served.canary));
  if (served.canary->policies->of() == served.snapshot) return {};
  auto next = served.canary->over(parts_.config, served.snapshot);
  if (next == nullptr) {
    return fail(ErrorCode::kFailedPrecondition,
                "the canary's policies do not fit what is decided about any more");
  }
  publish(tenant, std::move(next));
  return {};
}

/// Somebody may have revoked one since.
Result<void> CanaryKeeper::check_keys(std::size_t tenant, const ServedCanary& canary) const {
  const bundle::Trust trust = TRY(parts_.kept[tenant].trust());
  const auto counts = [&](const std::string& signer) {
    const auto is_it = [&](const crypto::PublicKey& key) { return bundle::key_id(key) == signer; };
    return std::ranges::any_of(trust.keys, is_it) && std::ranges::none_of(trust.revoked, is_it);
  };
  if (std::ranges::any_of(canary.signers, counts)) return {};
  return fail(ErrorCode::kPermissionDenied, "the key that signed the canary counts no more");
}

Result<std::shared_ptr<const ServedCanary>> CanaryKeeper::take_over(std::size_t tenant,
                                                                    const ServedTenant& served,
                                                                    const pap::CanaryStage& stage) {
  const KeptCanaries& kept = parts_.kept[tenant];
  if (!served.bundle) return fail(ErrorCode::kFailedPrecondition, "nothing is in force here");
  if (stage.serial <= standing_[tenant].over) {
    return fail(ErrorCode::kAborted, "the canary has ended here, and runs by the database");
  }
  const std::string bytes = TRY(kept.stages->bundle(stage));
  const bundle::Trust trust = TRY(kept.trust());
  const auto verified = TRY(verify(stage, bytes, trust, *served.bundle, parts_.clock()));
  auto sources = std::make_shared<pdp::Sources>(pdp::sources_of(verified.content()));
  sources->types = parts_.config.tenants[tenant].types;
  auto snapshot =
      build_over(parts_.config, *sources, served.snapshot->entities, served.snapshot->revision);
  if (!snapshot) {
    // What is wrong would quote the entities, and those name persons.
    return fail(snapshot.error().code, "the canary's policies do not fit what is decided about");
  }
  (*snapshot)->index.make_like(served.snapshot->index);
  const pap::CanaryView view = TRY(kept.stages->view(stage.place, stage.number));
  const auto own = std::ranges::find(view.nodes, parts_.node, &pap::NodeShadowCount::node);
  standing_[tenant].reported = own == view.nodes.end() ? pap::ShadowCount() : own->count;
  standing_[tenant].has_reported = false;
  pap::CanaryStage signed_stage = stage;
  signed_stage.part = *verified.statement().part;
  signed_stage.content = verified.content().name();
  signed_stage.ends_ms =
      std::chrono::milliseconds(verified.statement().expires.time_since_epoch()).count();
  auto policies = TRY(pdp::Canary::make(served.snapshot, *std::move(snapshot), signed_stage.part));
  return std::make_shared<const ServedCanary>(ServedCanary{
      .stage = std::move(signed_stage),
      .signers = verified.signers(),
      .sources = std::move(sources),
      .policies = std::move(policies),
      .tally = std::make_shared<ShadowTally>(standing_[tenant].reported, parts_.most)});
}

/// That a node decides by it is told though nothing was asked yet. False: it is over.
Result<bool> CanaryKeeper::report(std::size_t tenant, const ServedCanary& canary) {
  Standing& standing = standing_[tenant];
  const pap::ShadowCount count = canary.tally->count();
  if (standing.has_reported && count == standing.reported) return true;
  const bool goes_on = TRY(parts_.kept[tenant].stages->report(
      own_mandate(canary.stage.place.tenant, "its differences are beyond the limit"), canary.stage,
      parts_.node, count));
  standing.reported = count;
  standing.has_reported = true;
  return goes_on;
}

void CanaryKeeper::publish(std::size_t tenant, std::shared_ptr<const ServedCanary> canary) {
  const bool is_new = parts_.world.tenant(tenant).canary == nullptr;
  const pap::CanaryStage& stage = canary->stage;
  const auto number = static_cast<std::int64_t>(stage.number);
  const auto serial = static_cast<std::int64_t>(stage.serial);
  const std::string content = stage.content;
  bool is_published = false;
  parts_.world.change([&](World& next) {
    ServedTenant& served = next.tenants[tenant];
    // Else what is decided by has changed meanwhile, and it is made again.
    is_published = served.snapshot == canary->policies->of();
    if (is_published) served.canary = std::move(canary);
  });
  if (!is_new || !is_published) return;
  parts_.log.warning("canary_begun", {{"tenant", parts_.config.tenants[tenant].name},
                                      {"number", number},
                                      {"serial", serial},
                                      {"content", content}});
}

bool CanaryKeeper::take_away(std::size_t tenant) {
  const std::shared_ptr<const ServedCanary> before = parts_.world.tenant(tenant).canary;
  if (before == nullptr) return false;
  parts_.world.change([&](World& next) { next.tenants[tenant].canary.reset(); });
  parts_.log.warning("canary_ended", {{"tenant", parts_.config.tenants[tenant].name},
                                      {"number", static_cast<std::int64_t>(before->stage.number)}});
  return true;
}

/// It has ended, whatever the database says of it later.
void CanaryKeeper::take_away_for_ever(std::size_t tenant) {
  const std::shared_ptr<const ServedCanary> before = parts_.world.tenant(tenant).canary;
  if (take_away(tenant)) {
    standing_[tenant].over = std::max(standing_[tenant].over, before->stage.serial);
  }
}

/// What cannot go on record is in the log, and shows.
void CanaryKeeper::note_refusal(std::size_t tenant, const pap::CanaryStage& stage,
                                const Error& why) {
  Standing& standing = standing_[tenant];
  if (standing.unusable != stage.number || parts_.clock() >= standing.pauses_until) {
    standing.unusable = stage.number;
    standing.pauses_until = parts_.clock() + kRetryPause;
  }
  if (standing.told == why.message) return;
  standing.told = why.message;
  const World world =
      parts_.world.change([&](World& next) { next.tenants[tenant].canary_refused = why.message; });
  const ServedTenant& served = world.tenants[tenant];
  parts_.log.error("canary_refused", {{"tenant", served.name},
                                      {"number", static_cast<std::int64_t>(stage.number)},
                                      {"reason", why.message}});
  if (parts_.audit == nullptr) return;
  const auto recorded =
      parts_.audit->record_now({.kind = event::Kind::kPolicyChange,
                                .outcome = event::Outcome::kError,
                                .record_class = "administration",
                                .tenant = served.name,
                                .action = "refuse_canary",
                                .cause = to_string(why.code),
                                .policy_set = served.snapshot->policy_set(),
                                .revision = static_cast<std::int64_t>(served.snapshot->revision),
                                .changed = "policies",
                                .value_after = stage.content});
  if (!recorded) {
    parts_.log.error("policies_not_recorded", {{"reason", recorded.error().message}});
  }
}

void CanaryKeeper::note_end(std::size_t tenant) {
  Standing& standing = standing_[tenant];
  if (standing.told.empty()) return;
  standing.told.clear();
  standing.unusable = 0;
  parts_.world.change([&](World& next) { next.tenants[tenant].canary_refused.clear(); });
}

}  // namespace wardlock::server
