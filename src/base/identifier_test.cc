#include "base/identifier.h"

#include <gtest/gtest.h>

#include <string>

namespace wardlock {
namespace {

TEST(Identifier, OfAnyScriptIsTaken) {
  for (const char* id : {"", "dr-grey", "Jürgen", "Ω-12", "Øst 4", "李小龙", "Αθηνά", "ผู้ป่วย",
                         "مريض", "🩺", "a~b c"}) {
    EXPECT_FALSE(find_identifier_fault(id)) << id;
  }
}

TEST(Identifier, WithWhatCannotBeSeenIsRefused) {
  for (const std::string id :
       {"a\nb", "a\tb", "a\x7f", "\u0085", "\u202Eada", "a\u200Bb", "a\u200Db", "\uFEFFa",
        "a\u00ADb", "a\u00A0b", "a\u2028b", "a\u2060b", "\u3164", "\u115F", "a\uFE0F", "a\u034F",
        "\U000E0041", "\U000E0100", "a\u0378"}) {
    EXPECT_TRUE(find_identifier_fault(id)) << testing::PrintToString(id);
  }
  EXPECT_TRUE(find_identifier_fault(std::string_view("a\0b", 3)));
}

TEST(Identifier, IsLookedAtToItsEnd) {
  for (std::size_t size = 1; size <= 33; ++size) {
    EXPECT_FALSE(find_identifier_fault(std::string(size, '~'))) << size;
    EXPECT_FALSE(find_identifier_fault(std::string(size, ' '))) << size;
    for (std::size_t at = 0; at < size; ++at) {
      for (const char hidden : {'\x1f', '\x7f', '\0'}) {
        std::string id(size, 'a');
        id[at] = hidden;
        EXPECT_TRUE(find_identifier_fault(id)) << size << ' ' << at;
      }
    }
  }
}

TEST(Identifier, MustBeNormalized) {
  EXPECT_FALSE(find_identifier_fault("caf\u00E9"));
  EXPECT_TRUE(find_identifier_fault("cafe\u0301")->contains("NFC"));
  EXPECT_TRUE(find_identifier_fault("\u212B"));  // ÅNGSTRÖM SIGN
  EXPECT_TRUE(find_identifier_fault("\u2126"));  // OHM SIGN
  EXPECT_TRUE(find_identifier_fault("\u1100\u1161"));
  EXPECT_FALSE(find_identifier_fault("\uAC00"));
}

}  // namespace
}  // namespace wardlock
