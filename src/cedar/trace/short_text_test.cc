#include "cedar/trace/short_text.h"

#include <gtest/gtest.h>

#include <vector>

namespace wardlock::cedar {
namespace {

class ShortText : public testing::Test {
 protected:
  Value users(std::size_t count) {
    std::vector<Value> members;
    for (std::size_t i = 0; i < count; ++i) {
      members.push_back(Value::entity(make_uid(arena_, "User", std::to_string(i))));
    }
    return make_set(arena_, members);
  }

  Arena arena_;
};

TEST_F(ShortText, ShortValuesAreWhole) {
  EXPECT_EQ(to_short_text(users(2)), "[User::\"0\", User::\"1\"]");
  EXPECT_EQ(to_short_text(Value::string("a\"b")), R"("a\"b")");
  EXPECT_EQ(to_short_text(Value::decimal(15000)), "decimal(\"1.5\")");
  EXPECT_EQ(to_short_text(users(0)), "[]");
}

TEST_F(ShortText, LongSetsAndStringsAreShortened) {
  EXPECT_EQ(to_short_text(users(1000), {.max_members = 1}), "[User::\"0\", … 999 more]");
  EXPECT_EQ(to_short_text(users(2), {.max_members = 0}), "[… 2 more]");
  EXPECT_EQ(to_short_text(Value::string("abcdef"), {.max_bytes = 3}), "\"abc…\"");
  const EntityUid* uid = make_uid(arena_, "User", std::string(100'000, 'x'));
  EXPECT_LT(to_short_text(Value::entity(uid)).size(), 100U);
}

TEST_F(ShortText, DeepValuesAreCutOff) {
  Value value = users(1);
  for (int i = 0; i < 10'000; ++i) {
    std::vector<Value> one = {value};
    value = make_set(arena_, one);
  }
  EXPECT_EQ(to_short_text(value), "[[[[…]]]]");
  std::vector<Field> fields = {{"r", value}};
  EXPECT_EQ(to_short_text(make_record(arena_, fields), {.max_depth = 1}), "{r: […]}");
}

TEST_F(ShortText, BoundedWhateverTheValue) {
  Value value = Value::string(std::string_view("0123456789"));
  std::vector<std::string> names;
  for (int i = 0; i < 60; ++i) names.push_back(std::string(50, 'n') + std::to_string(i));
  for (int depth = 0; depth < 3; ++depth) {
    std::vector<Field> fields;
    for (const std::string& name : names) fields.push_back({name, value});
    value = make_record(arena_, fields);
  }
  EXPECT_LT(to_short_text(value).size(), 16U << 10);
}

TEST_F(ShortText, TheCallerSaysHowAnEntityIsWritten) {
  const auto hide = [](const EntityUid& uid) { return std::string(uid.type) + "::…"; };
  EXPECT_EQ(to_short_text(users(2), {}, hide), "[User::…, User::…]");
}

TEST_F(ShortText, TextIsCutBetweenCharacters) {
  EXPECT_EQ(clip("ärzte", 1), "…");
  EXPECT_EQ(clip("ärzte", 2), "ä…");
  EXPECT_EQ(clip("ärzte", 6), "ärzte");
  EXPECT_EQ(clip("", 0), "");
}

}  // namespace
}  // namespace wardlock::cedar
