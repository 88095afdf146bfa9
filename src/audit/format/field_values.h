#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "event/event.h"
#include "event/field_table.h"

namespace wardlock::audit {

/// Called with the name of a field and a value of it as text: a list gives each of its items, a
/// number its digits.
using TakeValue = std::function<void(const event::Field&, std::string_view)>;

/// Gives all values of the event, in the order of the table of fields. What is absent is left out.
void for_each_value(const event::Event& event, const TakeValue& take);

/// The same without the fields of these names: those that a format has a place of its own for.
void for_each_other_value(const event::Event& event, std::span<const std::string_view> placed,
                          const TakeValue& take);

/// What was searched for, as `name=value` with a space between: what a search of ours has in place
/// of a query's text. Empty for other events.
std::string search_text(const event::Event& event);

/// The text, or why it is not there: `(erased)`, `(locked)` or `(unknown)`.
std::string_view text_or_why(const event::Event& event, std::string_view text, event::Part part);

/// Whether it is the text of an IP address.
bool is_ip_address(std::string_view text);
bool is_ipv4_address(std::string_view text);

}  // namespace wardlock::audit
