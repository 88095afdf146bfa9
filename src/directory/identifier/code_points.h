#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace wardlock::directory {

/// A character, and the byte of the text it begins at.
struct CodePoint {
  char32_t value = 0;
  std::size_t begin = 0;
};

/// Requires valid UTF-8.
std::vector<CodePoint> code_points(std::string_view text);

/// `U+00E9`.
std::string code_point_name(char32_t c);

}  // namespace wardlock::directory
