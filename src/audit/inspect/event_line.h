#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "event/event.h"

namespace wardlock::audit {

/// An event on one line, for people: when, what happened, who did what to which, and how it ended;
/// with the number of its record where that is told. Texts may hold control characters: whoever
/// shows it passes it through `printable`.
std::string event_line(const event::Event& event, std::optional<std::uint64_t> record = {});

}  // namespace wardlock::audit
