#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

#include "base/error.h"
#include "storage/store.h"

namespace wardlock::directory {

/// What one process of all that share a database does at a time, again and again: a task of a
/// tenant, by its name. Whose turn it is, is in the database; one that ends without a word loses it
/// when its time is over. Thread-safe. Errors: those of the store.
class Turns {
 public:
  /// `holder`: new for each process and use. `store` outlives it.
  Turns(storage::Store& store, std::string holder) : store_(store), holder_(std::move(holder)) {}

  struct Last {
    std::int64_t finished_ms = 0;  ///< when the task was done last; 0: never
    std::string notes;             ///< what it left for the next time
  };
  /// Takes the turn until `until_ms`. Nothing: another has it.
  Result<std::optional<Last>> take(std::string_view tenant, std::string_view task,
                                   std::int64_t now_ms, std::int64_t until_ms);
  /// Keeps it until then. False: it was lost, and another may be at work.
  Result<bool> keep(std::string_view tenant, std::string_view task, std::int64_t until_ms);
  /// The task is done; gives the turn back. Nothing happens where it was lost.
  Result<void> finish(std::string_view tenant, std::string_view task, std::int64_t now_ms,
                      std::string_view notes);
  /// Gives it back; the task was not done.
  Result<void> give_up(std::string_view tenant, std::string_view task);

  /// When it was done last, without taking the turn.
  Result<Last> last(std::string_view tenant, std::string_view task) const;

 private:
  storage::Store& store_;
  std::string holder_;
};

/// Keeps a turn that was taken, from a thread of its own, for as long as this lives: so that one
/// whose process was killed is free within `kTurnMs`, however long the task itself takes. It is
/// neither finished nor given up by this.
class TurnKeeper {
 public:
  /// For how long a turn is taken and kept at a time.
  static constexpr std::int64_t kTurnMs = 30'000;

  /// `turns` outlives it. `clock`: milliseconds since the epoch; called on the thread. `interval`:
  /// so often that one that fails does not lose it.
  TurnKeeper(Turns& turns, std::string tenant, std::string task,
             std::function<std::int64_t()> clock,
             std::chrono::milliseconds interval = std::chrono::milliseconds(kTurnMs / 4));
  ~TurnKeeper();
  TurnKeeper(const TurnKeeper&) = delete;
  TurnKeeper& operator=(const TurnKeeper&) = delete;

 private:
  void keep_on(const std::stop_token& stop);

  Turns& turns_;
  const std::string tenant_;
  const std::string task_;
  const std::function<std::int64_t()> clock_;
  const std::chrono::milliseconds interval_;
  std::mutex mutex_;
  std::condition_variable_any stopped_;
  std::jthread thread_;  ///< the last member: it uses the others
};

}  // namespace wardlock::directory
