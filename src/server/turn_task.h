#pragma once

#include <chrono>
#include <functional>
#include <stop_token>
#include <string>

#include "base/error.h"
#include "directory/registry/turn.h"
#include "server/log.h"
#include "storage/store.h"

namespace wardlock::server {

/// Something that is done for a tenant's directory again and again, by one node at a time.
struct TurnTask {
  std::string tenant;
  std::string name;
  std::chrono::milliseconds interval;
  /// Told what was done last, by whichever node: before each wait.
  std::function<void(const directory::Turns::Last&)> look;
  /// Does it, and returns what it leaves as notes. `go_on`: false where it is to stop, or the turn
  /// was lost; then it fails with kCancelled.
  std::function<Result<std::string>(const std::function<bool()>& go_on)> work;
};

/// Does it each time its interval is over, until it is to stop. For a thread of its own. What fails
/// is logged, and tried again.
void repeat(const TurnTask& task, storage::Store& store, Log& log, const std::stop_token& stop);

}  // namespace wardlock::server
