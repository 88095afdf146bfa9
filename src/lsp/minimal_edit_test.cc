#include "lsp/minimal_edit.h"

#include <gtest/gtest.h>

namespace wardlock::lsp {
namespace {

std::string applied(std::string text, const Edit& edit) {
  return text.replace(edit.replaced.begin, edit.replaced.end - edit.replaced.begin,
                      edit.replacement);
}

TEST(MinimalEdit, makes_one_text_of_the_other_and_touches_no_more) {
  const auto edit = minimal_edit("permit (a);\nforbid(b);\n", "permit (a);\nforbid (b);\n");
  ASSERT_TRUE(edit.has_value());
  EXPECT_EQ(edit->replaced.begin, 18U);
  EXPECT_EQ(edit->replaced.end, 18U);
  EXPECT_EQ(edit->replacement, " ");
  EXPECT_FALSE(minimal_edit("x", "x").has_value());
}

TEST(MinimalEdit, holds_for_texts_that_overlap_themselves) {
  for (const std::string_view before : {"", "a", "aa", "aba", "abab", "\u00e9", "\u00e8\u00e9"}) {
    for (const std::string_view after : {"", "a", "aaa", "ab", "ababab", "\u00e8", "\u00a9"}) {
      const auto edit = minimal_edit(before, after);
      EXPECT_EQ(edit ? applied(std::string(before), *edit) : before, after);
    }
  }
}

TEST(MinimalEdit, does_not_cut_a_character_or_a_line_end) {
  const auto character = minimal_edit("x\u00e8", "x\u00e9");
  EXPECT_EQ(character->replacement, "\u00e9");
  const auto line = minimal_edit("a\r\nb", "a\nb");
  EXPECT_EQ(line->replaced.begin, 1U);
  EXPECT_EQ(line->replaced.end, 3U);
}

}  // namespace
}  // namespace wardlock::lsp
