#pragma once

#include <string>
#include <string_view>

#include "event/event.h"
#include "event/field_table.h"

namespace wardlock::audit {

/// Appends an event in ArcSight's Common Event Format, version 0. Its names for fields are used
/// where it has one; the others have names of ours, as it has vendors name them.
void append_cef(const event::Event& event, std::string& out);

/// The name of a field in an extension; empty for what stands in the header.
std::string_view cef_key(const event::Field& field);

}  // namespace wardlock::audit
