#include "base/utf8.h"

#include <gtest/gtest.h>

namespace wardlock {
namespace {

TEST(Utf8, AcceptsEveryScalarValue) {
  std::string all;
  for (std::uint32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c < 0xD800 || c > 0xDFFF) append_utf8(all, c);
  }
  EXPECT_EQ(find_invalid_utf8(all), std::nullopt);
}

TEST(Utf8, RefusesTheRest) {
  for (const std::string_view bad :
       {"\x80", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2\x20", "\xE0\x80\x80", "\xE0\x9F\xBF",
        "\xED\xA0\x80", "\xED\xBF\xBF", "\xE2\x82", "\xF0\x80\x80\x80", "\xF0\x8F\xBF\xBF",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\xF0\x9F\x98"}) {
    EXPECT_EQ(find_invalid_utf8("ok" + std::string(bad)), 2U) << bad.size();
  }
}

TEST(Utf8, FindsWhatDeceives) {
  for (const std::string_view bad : {"\n", "\t", "\x7f", "\u0080", "\u009f", "\u202e", "\u2066",
                                     "\u200f", "\u061c", "\x1b[31m"}) {
    EXPECT_EQ(find_deceptive_character("é" + std::string(bad)), 2U);
  }
  EXPECT_EQ(find_deceptive_character(std::string_view("a\0b", 3)), 1U);
  EXPECT_EQ(find_deceptive_character("Zoë Ångström 王 \u00a0😀"), std::nullopt);
}

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
