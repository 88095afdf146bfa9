#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "audit/files/files.h"
#include "base/error.h"
#include "event/sealed_record.h"

namespace wardlock::audit {

/// How long records are kept, by the class of action that they are of.
struct RetentionRules {
  using Time = std::chrono::milliseconds;
  std::map<std::string, Time, std::less<>> by_class;
  Time otherwise{};

  Time of(std::string_view record_class) const;
  /// Of all of them.
  Time shortest() const;
};

/// The oldest part of a log, segment by segment, which need not be kept any longer.
struct ExpiredPart {
  std::vector<std::uint64_t> segments;  ///< their first records; none: nothing may be removed
  std::uint64_t begin = 0;              ///< the first record that is there
  std::uint64_t end = 0;                ///< the records before this one may be removed
  std::int64_t oldest = 0;  ///< when the first of them was, milliseconds since the epoch
  std::int64_t latest = 0;  ///< and the latest
  std::string next;         ///< why what follows it stays
};

/// Finds it, and changes nothing. A segment may be removed when each of its records has been kept
/// as long as its class asks, none has a part under one of the keys in `held`, and all before it
/// may. The last segment stays. A record counts as no older than any before it, whatever the clock
/// was then. `now` is milliseconds since the epoch. `report` is called with records read and all
/// there may be. The log may be open elsewhere.
///
/// Errors: data_loss where a record cannot be read; the files'.
Result<ExpiredPart> find_expired(Files& files, const std::string& folder,
                                 const RetentionRules& rules, std::vector<event::KeyId> held,
                                 std::int64_t now,
                                 const std::function<void(std::uint64_t, std::uint64_t)>& report);

/// Removes the segments, the oldest first, so that what remains is the end of the log at any time.
/// Their hashes stay, and so do proofs of all else. Requires a record of the log, under one of its
/// checkpoints, that says so: a `retention_removal` whose `count` is `part.end`. Errors: the
/// files', after which some are removed; doing it again does the rest.
Result<void> remove_expired(Files& files, const std::string& folder, const ExpiredPart& part);

}  // namespace wardlock::audit
