#include "server/shadow_keeper.h"

#include <algorithm>
#include <utility>

#include "pdp/bundle_sources.h"
#include "server/directory.h"

namespace wardlock::server {

ShadowKeeper::ShadowKeeper(Parts parts)
    : parts_(std::move(parts)), reported_(parts_.tried.size()), unusable_(parts_.tried.size()) {}

void ShadowKeeper::look(std::size_t tenant, const pap::PolicyPlace& place) {
  if (parts_.tried[tenant].stages == nullptr) return;
  const auto followed = follow(tenant, place);
  if (!followed && followed.error().code != ErrorCode::kUnavailable) {
    parts_.log.warning("shadow_failed", {{"tenant", parts_.config.tenants[tenant].name},
                                         {"reason", followed.error().message}});
  }
}

Result<void> ShadowKeeper::follow(std::size_t tenant, const pap::PolicyPlace& place) {
  pap::ShadowStages& stages = *parts_.tried[tenant].stages;
  const auto stage = TRY(stages.running(place));
  const ServedTenant served = parts_.world.tenant(tenant);
  if (!stage || (served.shadow != nullptr && served.shadow->stage.number != stage->number)) {
    if (served.shadow != nullptr) {
      TRY(report(tenant, *served.shadow));  // its last
      take_away(tenant);
    }
    if (!stage) return {};
  }
  if (served.bundle && served.bundle->content == stage->content) {
    take_away(tenant);
    return stages.end_in_force(own_mandate(place.tenant, "it came into force"), *stage);
  }
  if (unusable_[tenant] == stage->number) return {};
  const ServedTenant now = parts_.world.tenant(tenant);
  if (now.shadow == nullptr) {
    auto made = make(tenant, now, *stage);
    if (!made) {
      unusable_[tenant] = stage->number;
      return std::unexpected(made.error());
    }
    publish(tenant, *std::move(made));
    return {};
  }
  if (now.shadow->of != now.snapshot) {
    auto next = now.shadow->over(now.snapshot);
    publish(tenant, next != nullptr ? std::move(next) : TRY(make(tenant, now, *stage)));
  }
  if (!TRY(report(tenant, *now.shadow))) take_away(tenant);
  return {};
}

Result<std::shared_ptr<const Shadow>> ShadowKeeper::make(std::size_t tenant,
                                                         const ServedTenant& served,
                                                         const pap::ShadowStage& stage) {
  const TriedDrafts& tried = parts_.tried[tenant];
  const auto content = TRY(tried.drafts->content(stage.place.tenant, stage.content));
  pdp::Sources sources = pdp::sources_of(content);
  sources.types = parts_.config.tenants[tenant].types;
  auto snapshot =
      build_over(parts_.config, sources, served.snapshot->entities, served.snapshot->revision);
  if (!snapshot) {
    // What is wrong would quote the entities, and those name persons.
    return fail(snapshot.error().code,
                "the draft that is tried does not fit what is decided about");
  }
  std::shared_ptr<ShadowTally> tally;
  if (served.shadow != nullptr) {
    tally = served.shadow->tally;
  } else {
    const pap::ShadowView view = TRY(tried.stages->view(stage.place, stage.number));
    const auto own = std::ranges::find(view.nodes, parts_.node, &pap::NodeShadowCount::node);
    reported_[tenant] = own == view.nodes.end() ? pap::ShadowCount() : own->count;
    tally = std::make_shared<ShadowTally>(reported_[tenant], parts_.most);
  }
  return std::make_shared<const Shadow>(Shadow{.stage = stage,
                                               .of = served.snapshot,
                                               .snapshot = *std::move(snapshot),
                                               .tally = std::move(tally)});
}

/// False: it is over.
Result<bool> ShadowKeeper::report(std::size_t tenant, const Shadow& shadow) {
  const pap::ShadowCount count = shadow.tally->count();
  if (count == reported_[tenant]) return true;
  const bool goes_on = TRY(parts_.tried[tenant].stages->report(
      own_mandate(shadow.stage.place.tenant, "its differences are beyond the limit"), shadow.stage,
      parts_.node, count));
  reported_[tenant] = count;
  return goes_on;
}

void ShadowKeeper::publish(std::size_t tenant, std::shared_ptr<const Shadow> shadow) {
  const bool is_new = parts_.world.tenant(tenant).shadow == nullptr;
  const auto number = static_cast<std::int64_t>(shadow->stage.number);
  parts_.world.change([&](World& next) {
    ServedTenant& served = next.tenants[tenant];
    // Else what is decided by has changed meanwhile, and it is made again.
    if (served.snapshot == shadow->of) served.shadow = std::move(shadow);
  });
  if (!is_new) return;
  parts_.log.info("shadow_begun",
                  {{"tenant", parts_.config.tenants[tenant].name}, {"number", number}});
}

void ShadowKeeper::take_away(std::size_t tenant) {
  const std::shared_ptr<const Shadow> before = parts_.world.tenant(tenant).shadow;
  if (before == nullptr) return;
  parts_.world.change([&](World& next) { next.tenants[tenant].shadow.reset(); });
  parts_.log.info("shadow_ended", {{"tenant", parts_.config.tenants[tenant].name},
                                   {"number", static_cast<std::int64_t>(before->stage.number)}});
}

}  // namespace wardlock::server
