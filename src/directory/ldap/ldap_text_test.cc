#include "directory/ldap/ldap_text.h"

#include <gtest/gtest.h>

#include <string>

namespace wardlock::directory {
namespace {

using namespace std::string_literals;

TEST(EscapeFilterValue, LeavesOneValue) {
  EXPECT_EQ(escape_filter_value("ada"), "ada");
  // RFC 4515 §4.
  EXPECT_EQ(escape_filter_value("Parens R Us (for all your parenthetical needs)"),
            "Parens R Us \\28for all your parenthetical needs\\29");
  EXPECT_EQ(escape_filter_value("*"), "\\2a");
  EXPECT_EQ(escape_filter_value("C:\\MyFile"), "C:\\5cMyFile");
  EXPECT_EQ(escape_filter_value("\0\4"s), "\\00\\04");
  EXPECT_EQ(escape_filter_value("Lučić"), "Lu\\c4\\8di\\c4\\87");
  const std::string attack = "*)(uid=*))(|(uid=*";
  EXPECT_TRUE(is_filter("(uid=" + escape_filter_value(attack) + ")"));
  EXPECT_EQ(escape_filter_value(attack).find_first_of("()*"), std::string::npos);
}

TEST(IsFilter, TakesOneFilter) {
  for (const char* text : {"(a=b)", "(&(a=b)(c=*))", "(!(a>=1))", "(a=\\28\\29)"}) {
    EXPECT_TRUE(is_filter(text)) << text;
  }
}

TEST(IsFilter, RefusesWhatWouldEndAnotherOne) {
  for (const std::string& text : {""s, "a=b"s, "(a=b"s, "a=b)"s, "(a=b)(c=d)"s, "(a=b))(c=d"s,
                                  "((a=b)"s, "(a=\\2)"s, "(a=\\zz)"s, "(a=b)\0)"s, "(a=b) "s}) {
    EXPECT_FALSE(is_filter(text)) << text;
  }
}

TEST(NormaliseDn, MakesEqualOnesEqual) {
  EXPECT_EQ(normalise_dn("UID=Ada, OU=People ,dc=Example,dc=org"),
            "uid=ada,ou=people,dc=example,dc=org");
  EXPECT_EQ(normalise_dn("cn=Grey\\, Ada,dc=org"), normalise_dn("CN=grey\\2c ada,DC=ORG"));
  EXPECT_NE(normalise_dn("cn=a,dc=b"), normalise_dn("cn=a\\,dc=b"));
  EXPECT_EQ(normalise_dn(""), "");
}

TEST(NormaliseDn, RefusesWhatIsNone) {
  for (const std::string& text : {"ada"s, "=x"s, "uid=ada,,dc=org"s, "uid=a\0"s, "uid=\xff"s}) {
    EXPECT_EQ(normalise_dn(text), std::nullopt) << text;
  }
}

TEST(IsAttributeName, TakesNamesAlone) {
  EXPECT_TRUE(is_attribute_name("uid"));
  EXPECT_TRUE(is_attribute_name("msDS-UserAccount1"));
  for (const char* text : {"", "1a", "a b", "uid)(x=*", "cn;lang-de", "a*", "*"}) {
    EXPECT_FALSE(is_attribute_name(text)) << text;
  }
}

TEST(GuidText, HasTheOrderOfActiveDirectory) {
  EXPECT_EQ(guid_text("\x33\x22\x11\x00\x55\x44\x77\x66\x88\x99\xaa\xbb\xcc\xdd\xee\xff"s),
            "00112233-4455-6677-8899-aabbccddeeff");
  EXPECT_EQ(guid_text(""), std::nullopt);
  EXPECT_EQ(guid_text(std::string(17, 'x')), std::nullopt);
}

TEST(UuidText, IsLowercase) {
  EXPECT_EQ(uuid_text("11C16AF6-7af6-1041-96bc-77300e1a4e0b"),
            "11c16af6-7af6-1041-96bc-77300e1a4e0b");
  for (const char* text :
       {"", "11c16af6-7af6-1041-96bc-77300e1a4e0", "ldap:main:x",
        "11c16af6x7af6-1041-96bc-77300e1a4e0b", "g1c16af6-7af6-1041-96bc-77300e1a4e0b"}) {
    EXPECT_EQ(uuid_text(text), std::nullopt) << text;
  }
}

TEST(TimeText, ReadsBothForms) {
  EXPECT_EQ(time_text("20261231235959Z"), "2026-12-31T23:59:59.000Z");
  EXPECT_EQ(time_text("20261231235959.5Z"), "2026-12-31T23:59:59.000Z");
  EXPECT_EQ(time_text("20270101005959+0100"), "2026-12-31T23:59:59.000Z");
  EXPECT_EQ(time_text("134116128000000000"), "2025-12-31T00:00:00.000Z");
}

TEST(TimeText, ReadsNothingElse) {
  for (const char* text : {"", "0", "9223372036854775807", "2026", "20261331235959Z",
                           "20261231235959", "tomorrow", "99999999999999999999"}) {
    EXPECT_EQ(time_text(text), std::nullopt) << text;
  }
}

TEST(ReadRange, TellsWhereTheNextPartBegins) {
  const auto part = read_range("member;Range=0-1499");
  ASSERT_TRUE(part);
  EXPECT_EQ(part->attribute, "member");
  EXPECT_EQ(part->last, 1499U);
  const auto rest = read_range("member;range=1500-*");
  ASSERT_TRUE(rest);
  EXPECT_EQ(rest->last, std::nullopt);
  for (const char* text : {"member", "member;lang-de", "member;range=", "member;range=a-b",
                           "member;range=1", "member;range=0-x"}) {
    EXPECT_FALSE(read_range(text)) << text;
  }
}

TEST(GuidFilterValue, HasTheBytesOfTheText) {
  std::string bytes;
  for (char c = 0; c < 16; ++c) bytes += c;
  const auto text = guid_text(bytes);
  ASSERT_TRUE(text);
  EXPECT_EQ(guid_filter_value(*text),
            "\\00\\01\\02\\03\\04\\05\\06\\07\\08\\09\\0a\\0b\\0c\\0d\\0e\\0f");
  EXPECT_FALSE(guid_filter_value(""));
  EXPECT_FALSE(guid_filter_value("*"));
  EXPECT_FALSE(guid_filter_value(text->substr(1)));
}

}  // namespace
}  // namespace wardlock::directory
