#include "cedar/json/path.h"

#include <gtest/gtest.h>

#include <deque>

namespace wardlock::cedar {
namespace {

TEST(JsonPath, NamesEveryStep) {
  const JsonPath root;
  EXPECT_EQ(root.text(), "$");
  const JsonPath conditions(root, "conditions");
  const JsonPath first(conditions, 0);
  const JsonPath body(first, "body");
  const JsonPath conjunction(body, "&&");
  const JsonPath left(conjunction, "left");
  EXPECT_EQ(left.text(), R"($.conditions[0].body["&&"].left)");
}

TEST(JsonPath, QuotesKeysThatAreNoWords) {
  const JsonPath root;
  EXPECT_EQ(JsonPath(root, "").text(), R"($[""])");
  EXPECT_EQ(JsonPath(root, "a b").text(), R"($["a b"])");
  EXPECT_EQ(JsonPath(root, "a\"\n").text(), R"($["a\"\n"])");
}

TEST(JsonPath, MayBeginElsewhere) {
  const JsonPath root("context");
  EXPECT_EQ(root.text(), "context");
  EXPECT_EQ(JsonPath(root, "ward2").text(), "context.ward2");
  EXPECT_EQ(JsonPath(root, "2nd").text(), R"(context["2nd"])");
  EXPECT_EQ(JsonPath::member_of(root).text(), "context[*]");
}

TEST(JsonPath, KeepsTheInnermostStepsOfAVeryLongPath) {
  std::deque<JsonPath> steps;
  const JsonPath root;
  const JsonPath* path = &root;
  for (int i = 0; i < 100'000; ++i) path = &steps.emplace_back(*path, "left");
  const std::string text = JsonPath(*path, "right").text();
  EXPECT_TRUE(text.starts_with("….left.left"));
  EXPECT_TRUE(text.ends_with(".left.right"));
  EXPECT_LT(text.size(), 1000U);
}

TEST(JsonPath, BeginsAnError) {
  const JsonPath root;
  EXPECT_EQ(JsonPath(root, "effect").invalid("is odd").error().message, "$.effect: is odd");
}

}  // namespace
}  // namespace wardlock::cedar
