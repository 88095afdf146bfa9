#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace wardlock::cedar {

/// The meaning of a string literal's inner text (without its quotes), or what is wrong with it.
/// Escapes are Rust's, but for the line continuation.
Result<std::string> unescape_string(std::string_view inner);

/// The literal segments between the wildcards of a `like` pattern's inner text; see LikeExpr.
Result<std::vector<std::string>> unescape_pattern(std::string_view inner);

}  // namespace wardlock::cedar
