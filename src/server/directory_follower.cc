#include "server/directory_follower.h"

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
      catch_up_({.config = parts_.config,
                 .views = parts_.views,
                 .world = parts_.world,
                 .log = parts_.log,
                 .published = parts_.published}),
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
    catch_up_.follow_all();
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

}  // namespace wardlock::server
