#include "base/line_index.h"

#include <gtest/gtest.h>

namespace wardlock {
namespace {

/// Whether each offset in the text, and some behind it, has the place that counting finds.
void expect_same_places(std::string_view text) {
  const LineIndex index(text);
  for (std::uint32_t offset = 0; offset < text.size() + 3; ++offset) {
    const Position counted = position_at(text, offset), found = index.position_at(offset);
    ASSERT_EQ(std::pair(found.line, found.column), std::pair(counted.line, counted.column))
        << "at " << offset;
  }
}

TEST(LineIndex, FindsThePlacesThatCountingFinds) {
  expect_same_places("");
  expect_same_places("one line");
  expect_same_places("ab\né😀x\n");
  expect_same_places("\n\n\r\n\n");
  expect_same_places("\x80\xff\xc3");
}

TEST(LineIndex, FindsPlacesInLongLines) {
  for (const std::size_t length : {255, 256, 257, 512, 2'000}) {
    std::string text(length, 'x');
    for (int i = 0; i < 300; ++i) text += "é😀";
    expect_same_places(text + "\n" + text + "\n");
  }
}

TEST(LineIndex, HasThePlacesOfALargeTextOfOneLine) {
  // Were each counted from the start of its line, this would not end in time.
  const std::string text(4 << 20, 'x');
  const LineIndex index(text);
  std::uint64_t sum = 0;
  for (std::uint32_t offset = 0; offset < text.size(); ++offset) {
    sum += index.position_at(offset).column;
  }
  EXPECT_EQ(sum, text.size() * (text.size() + 1) / 2);
}

}  // namespace
}  // namespace wardlock
