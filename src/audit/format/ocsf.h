#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "event/event.h"

namespace wardlock::audit {

/// The class of events of OCSF that a kind of event is told as, and its activity there.
struct OcsfClass {
  int category;
  int uid;
  int activity;
  /// What the activity is called, where OCSF has no name for it (`activity` is 99).
  std::string_view activity_name = {};
};

OcsfClass ocsf_class_of(const event::Event& event);

/// The version of the schema: one that receivers know. Later ones have all that we use of it.
inline constexpr std::string_view kOcsfVersion = "1.2.0";

/// Appends an event after the Open Cybersecurity Schema Framework, as JSON on one line. The event
/// as it is in the log is its `unmapped`. Errors: those of `event::write_event`.
Result<void> append_ocsf(const event::Event& event, std::string& out);

}  // namespace wardlock::audit
