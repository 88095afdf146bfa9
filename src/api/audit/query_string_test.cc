#include "api/audit/query_string.h"

#include <gtest/gtest.h>

namespace wardlock::audit_api {
namespace {

std::string shown(std::string_view query) {
  const auto terms = read_query_string(query);
  if (!terms) return "";
  std::string out;
  for (const audit::QueryTerm& term : *terms) out += term.name + "=" + term.value + ";";
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

}  // namespace
}  // namespace wardlock::audit_api
