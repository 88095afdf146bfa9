#include "base/utf8.h"

#include <gtest/gtest.h>

namespace wardlock {
namespace {

TEST(Printable, KeepsWhatCanBeShown) {
  for (const char* text : {"", "plain", "a\n\tb", "é ✓ \U0001F600", "\u00A0"}) {
    EXPECT_EQ(printable(text), text);
  }
}

TEST(Printable, WritesOutWhatCouldSteerATerminal) {
  EXPECT_EQ(printable("\033[31mred\007\r\x7F"), "\\u{1b}[31mred\\u{7}\\u{d}\\u{7f}");
  EXPECT_EQ(printable(std::string_view("\0", 1)), "\\u{0}");
  EXPECT_EQ(printable("\u0080\u009Bm\u061Cx\u202E"), "\\u{80}\\u{9b}m\\u{61c}x\\u{202e}");
}

TEST(Printable, IsAlwaysValidUtf8) {
  EXPECT_EQ(printable("a\xFFz"), "a\\u{fffd}z");
  EXPECT_EQ(printable("\xC2"), "\\u{fffd}");
  EXPECT_EQ(printable("\xED\xA0\x80"), "\\u{fffd}\\u{fffd}\\u{fffd}");
}

}  // namespace
}  // namespace wardlock
