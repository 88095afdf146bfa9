#include "codec/base32.h"

#include <gtest/gtest.h>

namespace wardlock::codec {
namespace {

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

TEST(Base32, IsTheStandards) {
  // RFC 4648, 10.
  constexpr std::string_view kTexts[][2] = {{"", ""},
                                            {"f", "MY"},
                                            {"fo", "MZXQ"},
                                            {"foo", "MZXW6"},
                                            {"foob", "MZXW6YQ"},
                                            {"fooba", "MZXW6YTB"},
                                            {"foobar", "MZXW6YTBOI"}};
  for (const auto& [plain, coded] : kTexts) {
    EXPECT_EQ(to_base32(bytes_of(plain)), coded);
    EXPECT_EQ(from_base32(coded), plain);
  }
  EXPECT_EQ(from_base32("mzxw6ytboi"), "foobar");
}

TEST(Base32, RefusesWhatItDoesNotWrite) {
  for (const std::string_view wrong :
       {"M", "MZX", "MZXW6Y", "MY======", "M1", "M0", "MZ", "M ", "MZXR", "M\0"}) {
    EXPECT_FALSE(from_base32(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace wardlock::codec
