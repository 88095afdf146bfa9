#pragma once

#include <cstdint>
#include <string>

namespace wardlock::audit {

/// What operators watch of a forwarder. Counts are since it was started.
struct ForwardStatus {
  std::string name;
  std::uint64_t position = 0;   ///< all records before it were handed over
  std::uint64_t end = 0;        ///< of the log: so many records are durable
  std::uint64_t sent = 0;       ///< messages
  std::uint64_t resent = 0;     ///< of these, sent again since a receiver may have lost them
  std::uint64_t left_out = 0;   ///< events that are not selected
  std::uint64_t set_aside = 0;  ///< events that were refused or cannot be read
  std::uint64_t missing = 0;    ///< records that were removed before they were sent
  std::uint64_t failures = 0;   ///< tries
  bool is_failing = false;
  std::string why = {};            ///< it is; empty while it is not
  std::int64_t failing_since = 0;  ///< milliseconds since the epoch; 0 while it is not
  std::int64_t caught_up_at = 0;   ///< when it last had nothing more to send; 0: not yet

  std::uint64_t lag() const { return end > position ? end - position : 0; }
};

}  // namespace wardlock::audit
