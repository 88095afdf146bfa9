#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace wardlock::cedar {

/// Resolves the escapes of a string literal's inner text: those of Rust (`\n \r \t \0 \\ \' \"`,
/// `\xhh` up to 7F, `\u{…}`). A raw carriage return is an error.
Result<std::string> unescape_schema_string(std::string_view inner);

/// A word that can be no name: `true false if then else in is like has`.
bool is_reserved_word(std::string_view word);

/// An identifier that is not a reserved word.
bool is_schema_identifier(std::string_view text);

/// Identifiers joined by `::`, without blanks. `__cedar` is not refused: the schema's built-in
/// types live there.
bool is_schema_path(std::string_view text);

/// Whether a component of the path is `__cedar`, which only built-in types may have.
bool has_reserved_namespace(std::string_view path);

/// A path that may name a user's own type or namespace: no component is reserved.
bool is_declarable_path(std::string_view text);

}  // namespace wardlock::cedar
