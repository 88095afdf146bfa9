#pragma once

#include <string>
#include <string_view>

namespace wardlock::suite {

/// Text for XML 1.0, as content or between double quotes. What XML cannot hold at all is shown as
/// `printable` does.
std::string xml_text(std::string_view text);

}  // namespace wardlock::suite
