#include "page/form.h"

#include <gtest/gtest.h>

#include <string>

namespace wardlock::page {
namespace {

Result<Form> read(std::string_view body,
                  std::string_view type = "application/x-www-form-urlencoded") {
  return Form::read({.method = "POST", .headers = {{"Content-Type", type}}, .body = body});
}

TEST(Form, HasWhatWasTyped) {
  const auto form = read("user=anna+maria&password=%C3%A9%26%3D%2B&empty=&bare&&last=%41");
  ASSERT_TRUE(form);
  EXPECT_EQ(form->of("user"), "anna maria");
  EXPECT_EQ(form->of("password"), "é&=+");
  EXPECT_TRUE(form->has("empty"));
  EXPECT_TRUE(form->has("bare"));
  EXPECT_EQ(form->of("last"), "A");
  EXPECT_FALSE(form->has("none"));
  EXPECT_EQ(form->of("none"), "");
}

TEST(Form, TakesTheTypeWithAParameter) {
  EXPECT_TRUE(read("a=b", "Application/X-WWW-Form-Urlencoded ; charset=UTF-8"));
}

TEST(Form, RefusesOtherTypes) {
  for (const char* type : {"", "text/plain", "application/json", "multipart/form-data; boundary=x"})
    EXPECT_FALSE(read("a=b", type)) << type;
}

TEST(Form, RefusesWhatIsMalformed) {
  for (const char* body : {"a=%", "a=%4", "a=%zz", "a=%-1", "a=%ff", "%ff=a", "a=1&a=2", "a&a"}) {
    EXPECT_FALSE(read(body)) << body;
  }
}

TEST(Form, RefusesWhatIsTooMuch) {
  EXPECT_FALSE(read("a=" + std::string(Form::kMaxBytes, 'x')));
  std::string many;
  for (std::size_t i = 0; i <= Form::kMaxFields; ++i) many += "f" + std::to_string(i) + "=1&";
  EXPECT_FALSE(read(many));
}

}  // namespace
}  // namespace wardlock::page
