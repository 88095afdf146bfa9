#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "audit/report/report_request.h"
#include "event/event.h"

namespace wardlock::audit {

/// What a report says of its events, all together.
struct Counts {
  std::uint64_t events = 0;
  std::uint64_t succeeded = 0;  ///< done, or allowed
  std::uint64_t refused = 0;
  std::uint64_t failed = 0;  ///< could not be done, or not be decided
  std::uint64_t erased = 0;  ///< have a part that nobody can read any more
  std::uint64_t locked = 0;  ///< have a part whose key was not at hand

  void add(const event::Event& event);

  bool operator==(const Counts&) const = default;
};

/// Records that were not looked into, so that the report may lack them.
struct Gaps {
  std::uint64_t unreadable = 0;  ///< damaged, or of a newer version
  std::uint64_t erased = 0;      ///< whose patient cannot be told: the key was erased
  std::uint64_t locked = 0;      ///< whose patient cannot be told: the key was not at hand
  std::uint64_t removed = 0;     ///< the log\'s oldest, which were not kept any longer

  bool operator==(const Gaps&) const = default;
};

/// What stands above a report's events.
struct Heading {
  ReportRequest request;
  std::int64_t made_at = 0;  ///< milliseconds since the epoch
  std::string made_by;       ///< a person, as the machine knows them
  std::string program;       ///< which made it, e.g. `wardlock 1.2.0`
  std::string public_key;    ///< of the log: what the checkpoint is signed with
  std::string checkpoint;    ///< the signed note that all proofs lead to
  Counts counts;
  Gaps gaps;
  std::optional<std::int64_t> patient_erased_at;  ///< when the patient's key was, if it was

  bool operator==(const Heading&) const = default;
};

}  // namespace wardlock::audit
