#include "codec/base64.h"

#include <gtest/gtest.h>

#include <vector>

namespace wardlock::codec {
namespace {

std::string encode(std::string_view bytes) {
  return to_base64({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

// RFC 4648 §10.
TEST(Base64, WritesAndReadsTheStandardsExamples) {
  const std::vector<std::pair<std::string_view, std::string_view>> examples = {
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"},
      {"\xfb\xff\xbf", "+/+/"},
  };
  for (const auto& [bytes, text] : examples) {
    EXPECT_EQ(encode(bytes), text);
    EXPECT_EQ(from_base64(text), bytes);
  }
}

TEST(Base64, ReadsOnlyWhatItWrites) {
  for (const std::string_view text :
       {"Zg",     "Zg=",   "Zm8",   "Zg===",    "Zg==Zg==", "=",    "==",
        "====",   "Z===",  "Zm9v=", "Zm9v====", "Zh==",     "Zm9=", "-_-_",
        "Zm9v\n", " Zm9v", "Zm 9",  "Zm9!",     "Zg==\n",   "Z=g=", "\xc3\xa4=="}) {
    EXPECT_FALSE(from_base64(text)) << text;
  }
}

}  // namespace
}  // namespace wardlock::codec
