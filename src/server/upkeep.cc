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
    : registry_(registry),
      credentials_(credentials),
      log_(log),
      options_(options),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

void Upkeep::run(const std::stop_token& stop) {
  pthread_setname_np(pthread_self(), "upkeep");
  give_way_to_others();
  while (pause_.wait(stop, options_.interval)) {
    write_uses();
    forget_changes(stop);
  }
  write_uses();
}

void Upkeep::write_uses() {
  const auto written = credentials_.write_uses();
  if (!written) log_.warning("directory_uses_unwritten", {{"reason", written.error().message}});
}

void Upkeep::forget_changes(const std::stop_token& stop) {
  const std::int64_t before = wall_clock_ms() - options_.keep_changes.count();
  while (true) {
    const auto more = registry_.forget_changes_before(before);
    if (!more) {
      return log_.warning("directory_changes_unforgotten", {{"reason", more.error().message}});
    }
    if (!*more || !pause_.wait(stop, kBreath)) return;
  }
}

}  // namespace wardlock::server
