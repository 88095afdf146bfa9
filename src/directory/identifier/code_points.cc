#include "directory/identifier/code_points.h"

#include <fmt/format.h>
#include <unicode/utf8.h>

#include <cstdint>

namespace wardlock::directory {

std::vector<CodePoint> code_points(std::string_view text) {
  std::vector<CodePoint> found;
  found.reserve(text.size());
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  for (std::size_t place = 0; place < text.size();) {
    const std::size_t begin = place;
    char32_t c = 0;
    U8_NEXT_UNSAFE(bytes, place, c);
    found.push_back({.value = c, .begin = begin});
  }
  return found;
}

std::string code_point_name(char32_t c) {
  return fmt::format("U+{:04X}", static_cast<std::uint32_t>(c));
}

}  // namespace wardlock::directory
