#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "server/log.h"
#include "server/metrics.h"
#include "server/turn_task.h"

namespace wardlock::server {

struct Directory;

/// What the last review found, for metrics. Thread-safe.
class ReviewBoard {
 public:
  /// How many there are of each kind of findings, as the task left them, and when.
  void take(std::string_view tenant, std::string_view notes, std::int64_t at_ms);
  void add_to(Exposition& out) const;

 private:
  struct Last {
    std::map<std::string, std::uint64_t, std::less<>> counts;
    std::int64_t at_ms = 0;
  };
  mutable std::mutex mutex_;  ///< over what follows
  std::map<std::string, Last, std::less<>> last_;
};

/// Reviews the tenant's directory, and shows on its board what whichever node found. Both outlive
/// it.
TurnTask review_task(const std::string& tenant, Directory& directory, Log& log);

}  // namespace wardlock::server
