#pragma once

#include <string_view>
#include <vector>

#include "event/event.h"

namespace wardlock::audit {

/// An event as Wardlock records it, with a name for what it shows.
struct Sample {
  std::string_view name;
  event::Event event;
};

/// Of each kind at least one, and of each way in which parts of an event are not there. Borrow
/// constants.
std::vector<Sample> sample_events();

}  // namespace wardlock::audit
