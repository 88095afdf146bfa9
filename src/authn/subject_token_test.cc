#include "authn/subject_token.h"

#include <gtest/gtest.h>

namespace wardlock::authn {
namespace {

std::string read(std::vector<net::HttpHeader> headers) {
  net::HttpRequest request;
  request.headers = std::move(headers);
  const auto token = subject_token(request);
  if (!token) return std::to_string(token.error().status);
  return *token ? std::string(**token) : "none";
}

TEST(SubjectToken, ComesOnceAndAlone) {
  EXPECT_EQ(read({}), "none");
  EXPECT_EQ(read({{"Authorization", "Bearer a"}}), "none");
  EXPECT_EQ(read({{"wardlock-subject-token", "abc.def"}}), "abc.def");
  EXPECT_EQ(read({{"Wardlock-Subject-Token", "a"}, {"Wardlock-Subject-Token", "a"}}), "400");
  EXPECT_EQ(read({{"Wardlock-Subject-Token", ""}}), "400");
  EXPECT_EQ(read({{"Wardlock-Subject-Token", "Bearer abc"}}), "400");
  EXPECT_EQ(read({{"Wardlock-Subject-Token", "a\tb"}}), "400");
  EXPECT_EQ(read({{"Wardlock-Subject-Token", "\xC3\xA4"}}), "400");
  const std::string longest(std::size_t{16} << 10, 'a');
  EXPECT_EQ(read({{"Wardlock-Subject-Token", longest}}), longest);
  EXPECT_EQ(read({{"Wardlock-Subject-Token", longest + "a"}}), "400");
}

}  // namespace
}  // namespace wardlock::authn
