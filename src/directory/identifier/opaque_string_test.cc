#include "directory/identifier/opaque_string.h"

#include <gtest/gtest.h>

namespace wardlock::directory {
namespace {

std::string prepared(std::string_view text) {
  const auto result = opaque_string(Secret(text));
  return result ? std::string(result->reveal()) : "error: " + result.error().message;
}

TEST(OpaqueString, KeepsWhatTheStandardsExamplesKeep) {
  // RFC 8265, 4.3, table 4: these are passwords, each another one.
  EXPECT_EQ(prepared("correct horse battery staple"), "correct horse battery staple");
  EXPECT_EQ(prepared("Correct Horse Battery Staple"), "Correct Horse Battery Staple");
  EXPECT_EQ(prepared("\u03C0\u00DF\u00E5"), "\u03C0\u00DF\u00E5");
  EXPECT_EQ(prepared("Jack of \u2666s"), "Jack of \u2666s");
  // Blanks of other kinds are U+0020.
  EXPECT_EQ(prepared("foo\u1680bar"), "foo bar");
  EXPECT_EQ(prepared("foo\u00A0bar\u3000baz"), "foo bar baz");
}

TEST(OpaqueString, IsTheSameHoweverItWasTyped) {
  EXPECT_EQ(prepared("cafe\u0301"), prepared("caf\u00E9"));
  EXPECT_EQ(prepared("\u212B"), prepared("A\u030A"));
}

TEST(OpaqueString, HasAFormThatStays) {
  for (const std::string_view text : {"\u1112\u1161\u11AB", "\u0344x", "caf\u0065\u0301"}) {
    EXPECT_EQ(prepared(prepared(text)), prepared(text)) << text;
  }
  EXPECT_EQ(prepared("\u1112\u1161\u11AB"), "\uD55C");
  // It becomes a middle dot, which belongs between two letters `l`.
  EXPECT_TRUE(prepared("a\u0387b").starts_with("error: "));
}

TEST(OpaqueString, KeepsLettersOfOtherFormsApart) {
  EXPECT_EQ(prepared("\uFF21"), "\uFF21");  // width is not mapped
  EXPECT_EQ(prepared("\u2460\u00B2\uFB01"), "\u2460\u00B2\uFB01");
  EXPECT_EQ(prepared("\U0001F511"), "\U0001F511");
}

TEST(OpaqueString, RefusesWhatCannotBeTypedAgain) {
  for (const std::string_view text :
       {std::string_view("my cat is a \tby"), std::string_view("a\0b", 3),
        std::string_view("a\u200Bb"), std::string_view("a\u202Eb"), std::string_view("a\u00ADb"),
        std::string_view("\uFFFE"), std::string_view("\u0378"), std::string_view("\x7F"),
        std::string_view("\u1160"), std::string_view("a\u200Db"), std::string_view("\uE000")}) {
    EXPECT_TRUE(prepared(text).starts_with("error: ")) << text;
  }
  EXPECT_EQ(prepared("\xFF"), "error: a password is text in UTF-8");
}

TEST(OpaqueString, AnErrorDoesNotRepeatThePassword) {
  EXPECT_FALSE(prepared("hunter2\u200B").contains("hunter2"));
}

}  // namespace
}  // namespace wardlock::directory
