#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"

namespace wardlock {

/// Answers what `position_at` does for one text many times: made in one pass over the text, then
/// each place takes logarithmic time, however long the lines are. Borrows the text. Thread-safe.
class LineIndex {
 public:
  explicit LineIndex(std::string_view text);

  /// Where `offset` is; an offset behind the text stands for its end.
  Position position_at(std::uint32_t offset) const;

 private:
  /// A place that was counted to: each line's start, and within long lines one every so often.
  struct Mark {
    std::uint32_t offset;
    Position place;
  };

  std::string_view text_;
  std::vector<Mark> marks_;  ///< INVARIANT: ascending by offset; the first is the text's start
};

}  // namespace wardlock
