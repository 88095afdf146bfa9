#pragma once

#include <cstddef>
#include <string_view>

namespace wardlock::cedar {

/// How many columns of a terminal the text takes, roughly. ASCII counts its bytes, control
/// characters too. Requires valid UTF-8.
std::size_t display_width(std::string_view text);

}  // namespace wardlock::cedar
