#include "server/turn_task.h"

#include <pthread.h>

#include <algorithm>

#include "base/background.h"
#include "base/wall_clock.h"
#include "crypto/random.h"
#include "server/pause.h"

namespace wardlock::server {
namespace {

using std::chrono::milliseconds;

/// How long a turn lasts without a word from who has it.
constexpr std::int64_t kTurnMs = 10 * 60'000;
/// After a failure, or where another node is at it; and how often it is looked what others did.
constexpr milliseconds kRetry{60'000};

std::string new_holder() {
  const auto id = crypto::random_uuid();
  return {id.data(), id.size()};
}

class Repetition {
 public:
  Repetition(const TurnTask& task, storage::Store& store, Log& log, const std::stop_token& stop)
      : task_(task), log_(log), stop_(stop), turns_(store, new_holder()) {}

  void run() {
    while (!stop_.stop_requested()) {
      milliseconds wait = time_until_due();
      if (wait <= milliseconds(0)) wait = take_turn();
      if (wait > milliseconds(0) && !pause_.wait(stop_, wait)) return;
    }
  }

 private:
  /// 0: now.
  milliseconds time_until_due() {
    const auto last = turns_.last(task_.tenant, task_.name);
    if (!last) return kRetry;
    if (last->finished_ms > 0) task_.look(*last);
    const std::int64_t interval = task_.interval.count();
    const std::int64_t due = last->finished_ms + interval - wall_clock_ms();
    return std::min(kRetry, milliseconds(std::clamp<std::int64_t>(due, 0, interval)));
  }

  /// Returns how long to wait after it.
  milliseconds take_turn() {
    const milliseconds retry = std::min(kRetry, task_.interval);
    const std::int64_t now = wall_clock_ms();
    const auto taken = turns_.take(task_.tenant, task_.name, now, now + kTurnMs);
    if (taken && !*taken) return retry;  // another node is at it
    const auto done = taken ? work() : Result<void>(std::unexpected(taken.error()));
    if (done) return milliseconds(0);
    if (done.error().code != ErrorCode::kCancelled) {
      log_.error(
          "directory_task_failed",
          {{"tenant", task_.tenant}, {"task", task_.name}, {"reason", done.error().message}});
    }
    [[maybe_unused]] const auto given_up =
        turns_.give_up(task_.tenant, task_.name);  // or its time ends it
    return retry;
  }

  Result<void> work() {
    const auto go_on = [this] {
      if (stop_.stop_requested()) return false;
      const auto kept = turns_.keep(task_.tenant, task_.name, wall_clock_ms() + kTurnMs);
      return kept && *kept;
    };
    const std::string notes = TRY(task_.work(go_on));
    return turns_.finish(task_.tenant, task_.name, wall_clock_ms(), notes);
  }

  const TurnTask& task_;
  Log& log_;
  const std::stop_token& stop_;
  directory::Turns turns_;
  Pause pause_;
};

}  // namespace

void repeat(const TurnTask& task, storage::Store& store, Log& log, const std::stop_token& stop) {
  pthread_setname_np(pthread_self(), task.name.c_str());
  give_way_to_others();
  Repetition(task, store, log, stop).run();
}

}  // namespace wardlock::server
