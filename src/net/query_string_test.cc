#include "net/query_string.h"

#include <gtest/gtest.h>

namespace wardlock::net {
namespace {

std::string shown(std::string_view query) {
  const auto terms = read_query_string(query);
  if (!terms) return "";
  std::string out;
  for (const QueryParameter& term : *terms) out += term.name + "=" + term.value + ";";
  return out;
}

TEST(QueryString, is_read_as_pairs_in_their_order) {
  EXPECT_EQ(shown("a=1&b=2&a=3"), "a=1;b=2;a=3;");
  EXPECT_EQ(shown("a=&b=x=y"), "a=;b=x=y;");
  EXPECT_EQ(shown("&a=1&&"), "a=1;");
  EXPECT_EQ(shown("a=one+two&b=%41%2B%26%3d"), "a=one two;b=A+&=;");
  EXPECT_EQ(shown("p=%C3%A4"), "p=\xC3\xA4;");
}

TEST(QueryString, that_is_malformed_is_refused) {
  for (const std::string_view query : {"a", "a=1&b", "a=%", "a=%4", "a=%4g", "a=%g4", "a=%00",
                                       "a=%0A", "a=%FF", "a=%C3", "%FF=a", "a=%E2%80%AE"}) {
    const auto read = read_query_string(query);
    ASSERT_FALSE(read) << query;
    EXPECT_EQ(read.error().code, ErrorCode::kInvalidArgument) << query;
  }
  std::string many;
  for (int i = 0; i < 65; ++i) many += "kind=login&";
  EXPECT_FALSE(read_query_string(many));
}

TEST(QueryString, what_is_encoded_is_read_as_it_was) {
  const std::string text = "a b+c&d=e%/\xC3\xA4~-._Z9";
  const std::string encoded = percent_encoded(text);
  EXPECT_EQ(encoded, "a%20b%2Bc%26d%3De%25%2F%C3%A4~-._Z9");
  EXPECT_EQ(shown("x=" + encoded), "x=" + text + ";");
}

}  // namespace
}  // namespace wardlock::net
