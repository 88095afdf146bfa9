#include "server/upkeep.h"

#include <pthread.h>

#include "base/background.h"
#include "base/wall_clock.h"

namespace wardlock::server {
namespace {

/// Between two parts of what is forgotten, so that others come to write.
constexpr std::chrono::milliseconds kBreath{20};

}  // namespace

Upkeep::Upkeep(directory::Registry& registry, CredentialIndex& credentials, Log& log,
               const Options& options)
    : registry_(registry), credentials_(credentials), log_(log), options_(options), thread_([this] {
        run();
      }) {}

Upkeep::~Upkeep() {
  {
    const std::scoped_lock lock(mutex_);
    is_stopping_ = true;
  }
  stopped_.notify_one();
}

/// False: it is time to stop.
bool Upkeep::pause() {
  std::unique_lock lock(mutex_);
  return !stopped_.wait_for(lock, options_.interval, [this] { return is_stopping_; });
}

void Upkeep::run() {
  pthread_setname_np(pthread_self(), "upkeep");
  give_way_to_others();
  while (pause()) {
    write_uses();
    forget_changes();
  }
  write_uses();
}

void Upkeep::write_uses() {
  const auto written = credentials_.write_uses();
  if (!written) log_.warning("directory_uses_unwritten", {{"reason", written.error().message}});
}

void Upkeep::forget_changes() {
  const std::int64_t before = wall_clock_ms() - options_.keep_changes.count();
  while (true) {
    const auto more = registry_.forget_changes_before(before);
    if (!more) {
      return log_.warning("directory_changes_unforgotten", {{"reason", more.error().message}});
    }
    if (!*more) return;
    std::unique_lock lock(mutex_);
    if (stopped_.wait_for(lock, kBreath, [this] { return is_stopping_; })) return;
  }
}

}  // namespace wardlock::server
