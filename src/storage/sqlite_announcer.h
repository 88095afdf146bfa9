#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "base/error.h"
#include "storage/store.h"

namespace wardlock::storage {

/// What SQLite lacks: those who listen to a channel hear of commits in this process at once, and of
/// all that others write to the file by looking at it ten times a second. Thread-safe.
class SqliteAnnouncer {
 public:
  void announce(const std::set<std::string>& channels);

  /// Must not outlive this.
  Result<std::unique_ptr<Listening>> listen(const std::string& path, const std::string& channel,
                                            std::function<void()> heard);

 private:
  friend class SqliteListening;

  /// Of one that somebody listens to, or has. Who listens to others sleeps on.
  struct Channel {
    std::uint64_t announcements = 0;
    std::condition_variable announced;
  };

  std::mutex mutex_;
  std::map<std::string, Channel> channels_;
};

}  // namespace wardlock::storage
