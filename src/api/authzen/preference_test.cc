#include "api/authzen/preference.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string_view>

namespace wardlock::authzen {
namespace {

ReturnPreference preferred(std::initializer_list<std::string_view> fields) {
  net::HttpRequest request;
  for (const std::string_view field : fields) request.headers.push_back({"prefer", field});
  return return_preference(request);
}

TEST(ReturnPreference, is_read_as_rfc_7240_writes_it) {
  for (const auto field :
       {"return=minimal", "Return=minimal", "return=\"minimal\"", "return = minimal",
        " return=minimal ", "return=minimal; x=y", "respond-async, return=minimal",
        "wait=10;a=\"return=representation, b\", return=minimal", "return=minimal,",
        "handling=lenient,return=minimal,return=representation"}) {
    EXPECT_EQ(preferred({field}), ReturnPreference::kMinimal) << field;
  }
  EXPECT_EQ(preferred({"return=representation"}), ReturnPreference::kRepresentation);
  EXPECT_EQ(preferred({"wait=1", "return=representation", "return=minimal"}),
            ReturnPreference::kRepresentation);
}

TEST(ReturnPreference, is_nothing_else) {
  EXPECT_EQ(preferred({}), ReturnPreference::kNone);
  for (const auto field :
       {"", ",", ";", "=", "return", "return=", "return=\"\"", "return=MINIMAL", "return=all",
        "return=minimal=x", "returns=minimal", "x-return=minimal", "minimal", "\"return=minimal\"",
        "wait=\"return=minimal", "a=\"\\\", return=minimal", "return;minimal",
        "return=other, return=minimal"}) {
    EXPECT_EQ(preferred({field}), ReturnPreference::kNone) << field;
  }
  net::HttpRequest request;
  request.headers = {{"Preference", "return=minimal"}, {"X-Prefer", "return=minimal"}};
  EXPECT_EQ(return_preference(request), ReturnPreference::kNone);
}

}  // namespace
}  // namespace wardlock::authzen
