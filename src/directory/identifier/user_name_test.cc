#include "directory/identifier/user_name.h"

#include <gtest/gtest.h>

#include <string>

namespace wardlock::directory {
namespace {

std::string normal(std::string_view text) {
  const auto name = normalise_user_name(text);
  return name ? *name : "refused: " + name.error().front().message;
}

/// The message about a name that must be refused, and the byte it points to.
struct Refusal {
  std::string message;
  std::uint32_t place = 0;
};
Refusal refusal(std::string_view text) {
  const auto name = normalise_user_name(text);
  if (name) return {"accepted as " + *name, 0};
  const Diagnostic& first = name.error().front();
  EXPECT_FALSE(first.help.empty()) << text;
  EXPECT_LE(first.span.end, text.size());
  return {first.message, first.span.begin};
}

void expect_refused(std::string_view text, std::string_view why, std::uint32_t place = 0) {
  const Refusal found = refusal(text);
  EXPECT_TRUE(found.message.contains(why)) << text << ": " << found.message;
  EXPECT_EQ(found.place, place) << text;
}

TEST(UserName, TheExamplesOfRfc8265) {
  EXPECT_EQ(normal("juliet@example.com"), "juliet@example.com");
  EXPECT_EQ(normal("fussball"), "fussball");
  EXPECT_EQ(normal("fu\u00DFball"), "fu\u00DFball");
  EXPECT_EQ(normal("\u03C0"), "\u03C0");
  EXPECT_EQ(normal("\u03A3"), "\u03C3");
  EXPECT_EQ(normal("\u03C3"), "\u03C3");
  EXPECT_EQ(normal("\u03C2"), "\u03C2");
  expect_refused("foo bar", "may not hold a blank", 3);
  expect_refused("", "there is no user name");
  expect_refused("henry\u2163", "U+2163", 5);
  expect_refused("\u265A", "U+265A");
}

TEST(UserName, ThoseThatAreTheSameHaveOneForm) {
  EXPECT_EQ(normal("Nurse-Lee"), "nurse-lee");
  EXPECT_EQ(normal(" nurse-lee\n"), "nurse-lee");
  EXPECT_EQ(normal("\uFF4E\uFF55\uFF52\uFF53\uFF45"), "nurse");  // fullwidth
  EXPECT_EQ(normal("\uFF76\uFF9E"), "\u30AC");                   // halfwidth, voiced
  EXPECT_EQ(normal("\u00C9milie"), "\u00E9milie");
  EXPECT_EQ(normal("E\u0301milie"), "\u00E9milie");
  EXPECT_EQ(normal("\u03A3\u0399\u03A3\u03A5\u03A6\u039F\u03A3"),
            "\u03C3\u03B9\u03C3\u03C5\u03C6\u03BF\u03C2");
  EXPECT_EQ(normal("\u0130pek"), "i\u0307pek");
}

TEST(UserName, CharactersThatArePartOfNoName) {
  expect_refused("lee\u00A0", "U+00A0", 3);  // no-break space
  expect_refused("le\u200Be", "U+200B", 2);  // zero-width space
  expect_refused("le\u202Ee", "U+202E", 2);  // right-to-left override
  expect_refused("le\u00ADe", "U+00AD", 2);  // soft hyphen
  expect_refused("le\uFE0Fe", "U+FE0F", 2);  // variation selector
  expect_refused("l\te", "U+0009", 1);
  expect_refused(std::string_view("l\0e", 3), "U+0000", 1);
  expect_refused(
      "le\x7F"
      "e",
      "U+007F", 2);
  expect_refused("\uFB01nn", "U+FB01");       // ligature
  expect_refused("x\u00B2", "U+00B2", 1);     // superscript
  expect_refused("\u212Bngstrom", "U+212B");  // the sign
  expect_refused("\u01C5", "U+01C5");         // title case letter
  expect_refused("\u1100\u1161", "U+1100");   // conjoining jamo
  expect_refused("\u20AC", "U+20AC");
  expect_refused("a\u2010b", "U+2010", 1);      // hyphen that is not ASCII's
  expect_refused("a\u0640b", "U+0640", 1);      // tatweel
  expect_refused("a\uE000", "U+E000", 1);       // private use
  expect_refused("a\U000E0041", "U+E0041", 1);  // tag
  expect_refused("a\u0378", "no character yet", 1);
  expect_refused("a\uFFFE", "U+FFFE", 1);
  expect_refused("lee\xC3", "not text in UTF-8", 3);
  expect_refused(" \xED\xA0\x80", "not text in UTF-8", 1);
}

TEST(UserName, CharactersThatDependOnTheirNeighbours) {
  EXPECT_EQ(normal("col\u00B7lega"), "col\u00B7lega");
  expect_refused("co\u00B7lega", "U+00B7 may not stand");
  expect_refused("l\u00B7", "U+00B7 may not stand");
  EXPECT_EQ(normal("\u0375\u03B1"), "\u0375\u03B1");
  expect_refused("\u03B1\u0375", "U+0375 may not stand");
  EXPECT_EQ(normal("\u05D0\u05F3"), "\u05D0\u05F3");
  expect_refused("\u05F3\u05D0", "U+05F3 may not stand");
  EXPECT_EQ(normal("\u30A2\u30FB\u30A4"), "\u30A2\u30FB\u30A4");
  expect_refused("a\u30FBb", "U+30FB may not stand");
  EXPECT_EQ(normal("\u0628\u0660"), "\u0628\u0660");
  expect_refused("\u0628\u0660\u06F0", "may not stand");
  EXPECT_EQ(normal("\u0915\u094D\u200D\u0937"), "\u0915\u094D\u200D\u0937");
  expect_refused("\u0915\u200D\u0937", "U+200D may not stand");
  EXPECT_EQ(normal("\u0628\u200C\u0628"), "\u0628\u200C\u0628");
  EXPECT_EQ(normal("\u0628\u064E\u200C\u064E\u0628"), "\u0628\u064E\u200C\u064E\u0628");
  expect_refused("a\u200Cb", "U+200C may not stand");
  expect_refused("\u0628\u200C", "U+200C may not stand");
  expect_refused("\u200C\u0628", "U+200C may not stand");
}

TEST(UserName, TheBidiRule) {
  EXPECT_EQ(normal("\u05D3\u05D5\u05D3"), "\u05D3\u05D5\u05D3");
  EXPECT_EQ(normal("\u05D3\u05D5\u05D31"), "\u05D3\u05D5\u05D31");
  expect_refused("1\u05D3", "mixes directions");
  expect_refused("\u05D3-", "mixes directions");
  expect_refused("lee\u05D3", "mixes directions");
  expect_refused("\u05D3lee", "mixes directions");
  expect_refused(
      "\u0628"
      "1\u0661",
      "mixes directions");
}

TEST(UserName, NoneThatWouldBeTakenForAnother) {
  expect_refused("\u0430dmin", "mixes scripts");  // Cyrillic a
  expect_refused("adm\u03B9n", "mixes scripts");  // Greek iota
  expect_refused("\u0455\u0441ope\u03C5", "mixes scripts");
  EXPECT_EQ(normal("\u0430\u043D\u043D\u0430"), "\u0430\u043D\u043D\u0430");
  EXPECT_EQ(normal("tanaka\u7530\u4E2D"), "tanaka\u7530\u4E2D");
}

TEST(UserName, HasALimit) {
  EXPECT_EQ(normal(std::string(256, 'a')), std::string(256, 'a'));
  expect_refused(std::string(257, 'a'), "too long", 256);
  expect_refused(std::string(100'000, 'a'), "too long", 256);
  // U+023A grows from two bytes to three in lowercase
  std::string growing;
  for (int i = 0; i < 128; ++i) growing += "\u023A";
  expect_refused(growing, "too long");
}

}  // namespace
}  // namespace wardlock::directory
