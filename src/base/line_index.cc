#include "base/line_index.h"

#include <algorithm>

#include "base/utf8.h"

namespace wardlock {
namespace {

/// What is counted from the mark before a place, at most.
constexpr std::uint32_t kMaxGap = 256;

}  // namespace

LineIndex::LineIndex(std::string_view text) : text_(text), marks_{{0, {}}} {
  Position place;
  for (std::uint32_t offset = 0; offset < text.size();) {
    const char c = text[offset++];
    if (c == '\n') {
      place = {place.line + 1, 1};
    } else if (!is_continuation_byte(c)) {
      ++place.column;
    }
    if (c == '\n' || offset - marks_.back().offset == kMaxGap) marks_.push_back({offset, place});
  }
}

Position LineIndex::position_at(std::uint32_t offset) const {
  const auto end = static_cast<std::uint32_t>(std::min<std::size_t>(offset, text_.size()));
  const Mark& mark = *std::prev(std::ranges::upper_bound(marks_, end, {}, &Mark::offset));
  const std::string_view between = text_.substr(mark.offset, end - mark.offset);
  return {mark.place.line, mark.place.column + count_code_points(between)};
}

}  // namespace wardlock
