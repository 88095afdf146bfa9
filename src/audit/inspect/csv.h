#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "event/event.h"

namespace wardlock::audit {

// Events as rows of a table (RFC 4180), for spreadsheets and databases. Times are RFC 3339, lists
// are JSON arrays. A text that a spreadsheet would take for a formula gets an apostrophe in front.

/// The names of the columns.
void append_csv_head(std::string& out);
void append_csv(const event::Event& event, std::uint64_t record, std::string& out);

/// A cell that holds a text.
void append_csv_text(std::string_view text, std::string& out);

}  // namespace wardlock::audit
