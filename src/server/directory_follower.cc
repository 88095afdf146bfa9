#include "server/directory_follower.h"

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/wall_clock.h"
#include "directory/registry/tables.h"

namespace wardlock::server {
namespace {

/// So long nothing may be heard before it is looked whether that is so.
constexpr std::chrono::milliseconds kLookInterval{1000};

}  // namespace

DirectoryFollower::DirectoryFollower(FollowerParts parts)
    : parts_(std::move(parts)),
      is_behind_(parts_.views.size(), false),
      hidden_(parts_.views.size(), 0),
      thread_([this] { run(); }) {}

DirectoryFollower::~DirectoryFollower() {
  {
    const std::scoped_lock lock(mutex_);
    is_stopping_ = true;
  }
  woken_.notify_one();
  thread_.join();
}

void DirectoryFollower::run() {
  pthread_setname_np(pthread_self(), "directory");
  do {
    listen();
    follow_all();
  } while (wait());
  listening_.reset();
}

/// Until it can be listened, it is looked every second.
void DirectoryFollower::listen() {
  if (listening_ != nullptr) return;
  auto listening = parts_.store.listen(std::string(directory::kChangeChannel), [this] { wake(); });
  if (listening) listening_ = *std::move(listening);
}

void DirectoryFollower::wake() {
  {
    const std::scoped_lock lock(mutex_);
    is_woken_ = true;
  }
  woken_.notify_one();
}

/// False: it is time to stop.
bool DirectoryFollower::wait() {
  std::chrono::milliseconds time = kLookInterval;
  for (const auto& view : parts_.views) {
    if (const auto moment = view->next_moment()) {
      const std::chrono::milliseconds until(*moment - wall_clock_ms());
      time = std::clamp(until, std::chrono::milliseconds(1), time);
    }
  }
  std::unique_lock lock(mutex_);
  woken_.wait_for(lock, time, [this] { return is_woken_ || is_stopping_; });
  is_woken_ = false;
  return !is_stopping_;
}

void DirectoryFollower::follow_all() {
  for (std::size_t i = 0; i < parts_.views.size(); ++i) follow(i);
}

void DirectoryFollower::follow(std::size_t tenant) {
  const auto followed = parts_.views[tenant]->follow(
      wall_clock_ms(),
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
void DirectoryFollower::tell_hidden(std::size_t tenant) {
  const std::shared_ptr<const ViewStatus> status = parts_.views[tenant]->status();
  const std::size_t before = std::exchange(hidden_[tenant], status->hidden);
  if (status->hidden <= before) return;
  const directory::HiddenThing& first = status->some_hidden.front();
  parts_.log.warning("directory_hidden",
                     {{"tenant", parts_.config.tenants[tenant].name},
                      {"things", static_cast<std::int64_t>(status->hidden)},
                      {"one_of_them", fmt::format("{} {}", first.kind, first.id)}});
}

Result<void> DirectoryFollower::publish(std::size_t tenant, const cedar::EntityStore* entities,
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
