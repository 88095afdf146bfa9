#include "codec/base64url.h"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace wardlock::codec {
namespace {

std::string encoded(std::string_view text) {
  return to_base64url(std::vector<std::uint8_t>(text.begin(), text.end()));
}

TEST(Base64Url, MatchesTheStandardsExamples) {
  EXPECT_EQ(encoded(""), "");
  EXPECT_EQ(encoded("f"), "Zg");
  EXPECT_EQ(encoded("fo"), "Zm8");
  EXPECT_EQ(encoded("foo"), "Zm9v");
  EXPECT_EQ(encoded("foobar"), "Zm9vYmFy");
}

TEST(Base64Url, UsesLettersThatUrlsAllow) { EXPECT_EQ(encoded("\xFB\xFF\xFE"), "-__-"); }

TEST(Base64Url, ReadsWhatItWrites) {
  for (const std::string_view text : {"", "f", "fo", "foo", "foobar", "\xFB\xFF\xFE"}) {
    EXPECT_EQ(from_base64url(encoded(text)), text);
  }
}

TEST(Base64Url, RefusesWhatItDoesNotWrite) {
  for (const std::string_view text :
       {"Z", "Zm9vZ", "Zg==", "Zm9v ", "Zm+v", "Zm/v", "Zh", "Zm9", "é"}) {
    EXPECT_FALSE(from_base64url(text)) << text;
  }
}

}  // namespace
}  // namespace wardlock::codec
