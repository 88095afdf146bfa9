#include "base/folded.h"

#include <gtest/gtest.h>

namespace wardlock {
namespace {

TEST(Folded, SpellingsMeet) {
  EXPECT_EQ(folded(""), "");
  EXPECT_EQ(folded("Dr. GREY-7@[`{"), "dr. grey-7@[`{");
  EXPECT_EQ(folded("STRASSE"), folded("straße"));
  EXPECT_EQ(folded("ÅNGSTRÖM"), folded("a\u030Angstro\u0308m")) << "composed or not";
  EXPECT_EQ(folded("ΣΊΣΥΦΟΣ"), folded("σίσυφος")) << "whichever sigma";
  EXPECT_EQ(folded("ЖУК"), "жук");
}

TEST(Folded, WordsStayApart) {
  EXPECT_NE(folded("a"), folded("á"));
  EXPECT_NE(folded("a"), folded("а")) << "a Cyrillic letter is another one";
  EXPECT_NE(folded("1"), folded("١"));
}

TEST(Folded, WhatIsNoTextStays) {
  EXPECT_EQ(folded("A\xff"), "A\xff");
  EXPECT_EQ(folded(std::string_view("A\0B", 3)), std::string_view("a\0b", 3));
  EXPECT_EQ(folded(std::string_view("\0Ä", 3)), std::string_view("\0ä", 3));
}

}  // namespace
}  // namespace wardlock
