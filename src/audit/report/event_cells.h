#pragma once

#include <string>
#include <string_view>

#include "event/event.h"
#include "event/field_table.h"

namespace wardlock::audit {

// What a page's table has of an event, as HTML.

/// Somebody or something: an id with its type, or that it cannot be told since its part is erased
/// or locked. Empty: there is nobody.
std::string entity_cell(const event::Event& event, std::string_view type, std::string_view id,
                        event::Part part);
std::string who_cell(const event::Event& event);
std::string what_cell(const event::Event& event);
std::string whose_cell(const event::Event& event);
std::string outcome_cell(const event::Event& event);
std::string details_cell(const event::Event& event);

}  // namespace wardlock::audit
