#pragma once

#include <string>
#include <string_view>

namespace wardlock {

/// The text for XML 1.0, as content or between double quotes. What XML cannot hold at all is shown
/// as `printable` (base/utf8.h) does.
std::string xml_text(std::string_view text);

}  // namespace wardlock
