#pragma once

#include <string>
#include <string_view>

namespace wardlock::directory {

/// What a text looks like (UTS 39, 4): texts that people may confuse, such as `paypal` in Latin and
/// in Cyrillic letters, have one skeleton. For comparing only; it is not shown. Requires valid
/// UTF-8.
std::string look_alike_skeleton(std::string_view text);

/// Whether letters of scripts stand together that no language uses together (UTS 39, 5.2: less than
/// Highly Restrictive). Requires valid UTF-8.
bool mixes_scripts(std::string_view text);

}  // namespace wardlock::directory
