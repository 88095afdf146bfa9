#pragma once

#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/error.h"
#include "event/event.h"
#include "event/field_table.h"

namespace wardlock::event {

/// Appends the fields of one part as canonical JSON (RFC 8785): one object, its keys sorted, no
/// space, integers only. Texts are kept as they are; bytes that are not UTF-8 become U+FFFD each.
/// Nothing is appended for a sealed part without fields. What `out` has room for takes no memory.
/// Error: kInvalidArgument, a number beyond ±(2^53-1), which JSON does not carry exactly, or a
/// reason beyond `kMaxFreeTextBytes`; kResourceExhausted, a text beyond `kMaxEventBytes`.
Result<void> write_part(const Event& event, Part part, std::string& out);

/// The whole event as one such object, with `erased` and `locked` where parts could not be read:
/// for exports and queries. Texts may hold control characters: whoever shows them on a terminal
/// passes them through `printable`. Errors as above.
Result<void> write_event(const Event& event, std::string& out);

/// Reads what `write_part` wrote, and nothing else: what is not canonical, or belongs to another
/// part, is an error (kDataLoss), and so is a field that this version does not know
/// (kUnimplemented). Fields borrow from the text, and from the arena where they were escaped. What
/// the event had in other fields stays.
Result<void> read_part(std::string_view json, Part part, Event& event, Arena& arena);

}  // namespace wardlock::event
