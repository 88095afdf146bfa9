#pragma once

#include "base/arena.h"
#include "event/event.h"
#include "event/field_table.h"

namespace wardlock::event {

/// Shows a field as its mask has it, or whatever it is as `how` has it. Texts are made in the
/// arena.
void mask_field(Event& event, const Field& field, Mask how, Arena& arena);

/// The event with every field as its mask in the table has it.
Event masked(const Event& event, Arena& arena);

}  // namespace wardlock::event
