#pragma once

#include <string>
#include <string_view>

namespace wardlock {

/// The text without the difference between capital and small letters, in normalization form C: what
/// two spellings have in common that are to be found by each other (Unicode's full case folding,
/// without a language's own rules). Bytes that are not UTF-8 stay as they are, with all around
/// them.
std::string folded(std::string_view text);

}  // namespace wardlock
