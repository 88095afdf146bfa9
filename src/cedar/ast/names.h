#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace wardlock::cedar {

/// Why `word` cannot stand as an identifier (a keyword, or `__cedar`), or nothing.
std::optional<std::string> why_reserved(std::string_view word);

/// Whether `text` has the form of an identifier; it may be reserved, as annotation keys may.
bool is_word(std::string_view text);

/// Whether `text` is one identifier that is not reserved.
bool is_identifier(std::string_view text);

/// Whether `text` is a type's full name as Cedar writes it: identifiers joined by `::`, none of
/// them reserved, without blanks.
bool is_name(std::string_view text);

/// Whether a type's name ends in `Action`, which is what makes an entity an action.
bool is_action_type(std::string_view type);

}  // namespace wardlock::cedar
