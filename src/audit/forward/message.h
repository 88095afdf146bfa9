#pragma once

#include <cstdint>
#include <string>

namespace wardlock::audit {

/// An event as it is sent.
struct Message {
  std::uint64_t record = 0;  ///< its number in the log
  std::string id = {};       ///< the event's
  std::string text = {};     ///< without framing
};

}  // namespace wardlock::audit
