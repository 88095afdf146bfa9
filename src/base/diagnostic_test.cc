#include "base/diagnostic.h"

#include <gtest/gtest.h>

namespace wardlock {
namespace {

TEST(PositionAt, CountsLinesAndCodePoints) {
  const std::string_view text = "ab\né😀x\n";
  const auto at = [&](std::uint32_t offset) {
    const Position place = position_at(text, offset);
    return std::pair(place.line, place.column);
  };
  EXPECT_EQ(at(0), std::pair(1U, 1U));
  EXPECT_EQ(at(2), std::pair(1U, 3U));
  EXPECT_EQ(at(3), std::pair(2U, 1U));
  EXPECT_EQ(at(9), std::pair(2U, 3U));
  EXPECT_EQ(at(1000), std::pair(3U, 1U));
}

TEST(Render, PointsAtThePlace) {
  const Diagnostic finding{Severity::kError, "no such thing", {5, 8}, "try another"};
  EXPECT_EQ(render(finding, "one\ntwo three", "f.cedar"),
            "f.cedar:2:2: error: no such thing\n  | two three\n  |  ^^^\n  = try another\n");
}

TEST(Render, IsSafeForTheReadersTerminal) {
  const Diagnostic finding{Severity::kWarning, "odd", {0, 1}, ""};
  const std::string shown = render(finding, "\x1b[31mred\x07", "f");
  EXPECT_EQ(shown.find('\x1b'), std::string::npos);
  EXPECT_EQ(shown.find('\x07'), std::string::npos);
}

TEST(Render, CutsLongLines) {
  const std::string text(100'000, 'x');
  const Diagnostic finding{Severity::kError, "here", {50'000, 90'000}, ""};
  EXPECT_LT(render(finding, text, "f").size(), 1000U);
}

TEST(Render, BearsPlacesBeyondTheText) {
  EXPECT_FALSE(render({Severity::kError, "m", {10, 20}, ""}, "", "f").empty());
  EXPECT_FALSE(render({Severity::kError, "m", {10, 5}, ""}, "abc", "f").empty());
}

}  // namespace
}  // namespace wardlock
