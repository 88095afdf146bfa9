#pragma once

#include <string_view>

#include "directory/model/kind.h"
#include "event/event.h"

namespace wardlock::directory {

/// Says in an event to what it was done. People and patients are named where their own keys seal
/// it. Borrows the id.
void name_in(event::Event& event, Kind kind, std::string_view id);

}  // namespace wardlock::directory
