#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "audit/files/files.h"
#include "base/error.h"

namespace wardlock::audit {

/// The list of records that a forwarder went past without sending them, so that nothing is left out
/// silently: a line of JSON each, which says why. The events themselves stay in the log, and are
/// not repeated.
class SetAside {
 public:
  SetAside(Files& files, std::string path);

  /// Durable when it returns. `now` is milliseconds since the epoch.
  Result<void> add(std::uint64_t record, std::string_view event_id, std::string_view reason,
                   std::int64_t now);
  /// The records `[first, end)` are not in the log any more.
  Result<void> add_missing(std::uint64_t first, std::uint64_t end, std::int64_t now);

  const std::string& path() const { return path_; }

 private:
  Result<void> append(const std::string& line);

  Files& files_;
  const std::string path_;
};

}  // namespace wardlock::audit
