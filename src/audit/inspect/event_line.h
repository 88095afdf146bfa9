#pragma once

#include <cstdint>
#include <string>

#include "event/event.h"

namespace wardlock::audit {

/// An event on one line, for people: when, what happened, who did what to which, and how it ended.
/// Texts may hold control characters: whoever shows it passes it through `printable`.
std::string event_line(const event::Event& event, std::uint64_t record);

}  // namespace wardlock::audit
