#include "server/directory_catch_up.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

namespace wardlock::server {

DirectoryCatchUp::DirectoryCatchUp(CatchUpParts parts)
    : parts_(std::move(parts)),
      is_behind_(parts_.views.size(), false),
      hidden_(parts_.views.size(), 0) {}

void DirectoryCatchUp::follow_all() {
  for (std::size_t i = 0; i < parts_.views.size(); ++i) follow(i);
}

void DirectoryCatchUp::follow(std::size_t tenant) {
  const auto followed = parts_.views[tenant]->follow(
      parts_.clock(),
      [&](const cedar::EntityStore* entities, std::uint64_t revision, const pdp::Sources& sources) {
        return publish(tenant, entities, revision, sources);
      });
  parts_.views[tenant]->note_served(parts_.world.tenant(tenant).directory_revision);
  tell_hidden(tenant);
  if (is_behind_[tenant] == !followed) return;
  is_behind_[tenant] = !followed;
  const std::string& name = parts_.config.tenants[tenant].name;
  if (followed) {
    parts_.log.info("directory_followed", {{"tenant", name}});
  } else {
    parts_.log.error("directory_not_followed",
                     {{"tenant", name}, {"reason", followed.error().message}});
  }
}

/// Only who they are: what is wrong with them would name persons.
void DirectoryCatchUp::tell_hidden(std::size_t tenant) {
  const std::shared_ptr<const ViewStatus> status = parts_.views[tenant]->status();
  const std::size_t before = std::exchange(hidden_[tenant], status->hidden);
  if (status->hidden <= before) return;
  const directory::HiddenThing& first = status->some_hidden.front();
  parts_.log.warning("directory_hidden",
                     {{"tenant", parts_.config.tenants[tenant].name},
                      {"things", static_cast<std::int64_t>(status->hidden)},
                      {"one_of_them", fmt::format("{} {}", first.kind, first.id)}});
}

Result<void> DirectoryCatchUp::publish(std::size_t tenant, const cedar::EntityStore* entities,
                                       std::uint64_t revision, const pdp::Sources& sources) {
  std::shared_ptr<const pdp::Snapshot> snapshot;
  std::shared_ptr<const Shadow> shadow;
  std::shared_ptr<const ServedCanary> canary;
  if (entities != nullptr) {
    const ServedTenant served = parts_.world.tenant(tenant);
    snapshot = TRY(with_entities(parts_.config, sources, *entities, *served.snapshot));
    snapshot->index.make_like(served.snapshot->index);  // here nobody waits for it
    // Where it cannot be carried along, it is made anew by who follows what is in force.
    if (served.shadow != nullptr) shadow = served.shadow->over(snapshot);
    if (served.canary != nullptr) canary = served.canary->over(parts_.config, snapshot);
  }
  parts_.world.change([&](World& next) {
    ServedTenant& served = next.tenants[tenant];
    if (snapshot != nullptr) served.snapshot = std::move(snapshot);
    const bool is_its = shadow != nullptr && served.shadow != nullptr &&
                        served.shadow->stage.number == shadow->stage.number;
    if (is_its) served.shadow = std::move(shadow);
    if (is_of_one(canary, served.canary)) served.canary = std::move(canary);
    served.directory_revision = revision;
  });
  if (parts_.published) parts_.published();
  return {};
}

}  // namespace wardlock::server
