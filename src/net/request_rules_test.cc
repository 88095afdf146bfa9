#include "net/request_rules.h"

#include <gtest/gtest.h>

#include <string>

namespace wardlock::net {
namespace {

/// The characters that are allowed alone.
std::string allowed_by(bool (*rule)(std::string_view)) {
  std::string found;
  for (int c = 0; c < 256; ++c) {
    const char one = static_cast<char>(c);
    if (rule({&one, 1})) found += one;
  }
  return found;
}

const std::string kDigits = "0123456789";
const std::string kUpper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const std::string kLower = "abcdefghijklmnopqrstuvwxyz";

TEST(RequestRules, allow_the_characters_they_name_and_no_others) {
  EXPECT_EQ(allowed_by(is_token), "!#$%&'*+-." + kDigits + kUpper + "^_`" + kLower + "|~");
  EXPECT_EQ(allowed_by(is_host), "%-." + kDigits + ":" + kUpper + "[]_" + kLower + "~");
  EXPECT_EQ(allowed_by(is_digits), kDigits);
  EXPECT_EQ(allowed_by(is_target).size(), 0x7f - 0x21 - 1);
  EXPECT_EQ(allowed_by(is_target).find('#'), std::string::npos);
  EXPECT_EQ(allowed_by(is_field_value).size(), 256 - 32 - 1 + 1) << "no control but tab";
  EXPECT_EQ(allowed_by(is_field_value).front(), '\t');
}

TEST(RequestRules, look_at_every_character) {
  for (const auto* text : {" ab", "a b", "ab ", "ab\x7f", "a\x80", "a#"}) {
    EXPECT_FALSE(is_target(text)) << text;
  }
  for (const auto* text : {"a@b", "a/b", "a\\b", "a,b", "a b", "\tab"}) {
    EXPECT_FALSE(is_host(text)) << text;
  }
  for (const auto* text : {"", "-1", "1a", "a1", "1 ", "0x1"})
    EXPECT_FALSE(is_digits(text)) << text;
  EXPECT_FALSE(is_field_value("a\nb"));
  EXPECT_FALSE(is_field_value(std::string_view("a\0b", 3)));
  EXPECT_FALSE(is_token(""));
}

TEST(RequestRules, let_a_unique_field_come_once) {
  UniqueFields fields;
  EXPECT_FALSE(fields.has(UniqueFields::kHost));
  EXPECT_FALSE(fields.add(UniqueFields::kHost));
  EXPECT_FALSE(fields.add(UniqueFields::kOrigin));
  EXPECT_TRUE(fields.add(UniqueFields::kHost));
  EXPECT_TRUE(fields.has(UniqueFields::kHost));
}

}  // namespace
}  // namespace wardlock::net
