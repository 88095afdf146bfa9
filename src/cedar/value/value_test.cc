#include "cedar/value/value.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace wardlock::cedar {
namespace {

class ValueTest : public testing::Test {
 protected:
  Value set(std::vector<Value> members) { return make_set(arena_, members); }
  Value record(std::vector<Field> fields) { return make_record(arena_, fields); }
  Value entity(std::string_view type, std::string_view id) {
    return Value::entity(make_uid(arena_, type, id));
  }

  /// One or more values of every kind, all different.
  std::vector<Value> samples() {
    return {Value::boolean(false),
            Value::boolean(true),
            Value::integer(-1),
            Value::integer(1),
            Value::string(""),
            Value::string("1"),
            Value::decimal(1),
            Value::datetime(1),
            Value::duration(1),
            entity("A", "B"),
            entity("B", "A"),
            Value::ip(arena_.make<IpAddress>(IpAddress{{10}, 32, false})),
            Value::ip(arena_.make<IpAddress>(IpAddress{{10}, 31, false})),
            set({}),
            set({Value::integer(1)}),
            set({set({})}),
            record({}),
            record({{"a", Value::integer(1)}}),
            record({{"b", Value::integer(1)}})};
  }

  Arena arena_;
};

TEST_F(ValueTest, TheOrderIsTotalAndAgreesWithEquality) {
  const auto values = samples();
  for (const Value& a : values) {
    for (const Value& b : values) {
      EXPECT_EQ(a == b, &a == &b) << to_text(a) << ' ' << to_text(b);
      EXPECT_EQ(compare(a, b) == 0, a == b);
      EXPECT_EQ(compare(a, b) < 0, compare(b, a) > 0);
      for (const Value& c : values) {
        EXPECT_TRUE(!(compare(a, b) < 0 && compare(b, c) < 0) || compare(a, c) < 0);
      }
    }
  }
}

TEST_F(ValueTest, SetsForgetOrderAndRepetition) {
  auto forward = samples();
  auto backward = samples();
  backward.insert(backward.end(), forward.begin(), forward.end());
  std::ranges::reverse(backward);
  const Value a = set(forward), b = set(backward);
  EXPECT_EQ(a, b);
  EXPECT_EQ(a.as_set().size(), forward.size());
  for (const Value& member : forward) EXPECT_TRUE(contains(a.as_set(), member));
  EXPECT_FALSE(contains(a.as_set(), Value::integer(2)));
}

TEST_F(ValueTest, FieldsAreFoundInSmallAndLargeRecords) {
  for (const int size : {0, 1, 8, 9, 100}) {
    std::vector<std::string> names;
    for (int i = 0; i < size; ++i) names.push_back("f" + std::to_string(i * 2));
    std::vector<Field> fields;
    for (int i = 0; i < size; ++i) fields.push_back({names[i], Value::integer(i)});
    const Value made = record(fields);
    for (int i = 0; i < size; ++i) {
      const Value* found = find_field(made.as_record(), names[i]);
      ASSERT_NE(found, nullptr);
      EXPECT_EQ(found->as_long(), i);
    }
    EXPECT_EQ(find_field(made.as_record(), "f1"), nullptr);
    EXPECT_EQ(find_field(made.as_record(), ""), nullptr);
  }
}

TEST_F(ValueTest, TextIsCedar) {
  EXPECT_EQ(to_text(Value::decimal(-5000)), "decimal(\"-0.5\")");
  EXPECT_EQ(to_text(Value::decimal(INT64_MIN)), "decimal(\"-922337203685477.5808\")");
  EXPECT_EQ(to_text(Value::datetime(-1)), "datetime(\"1969-12-31T23:59:59.999Z\")");
  EXPECT_EQ(to_text(Value::datetime(INT64_MIN)),
            "datetime(\"1970-01-01\").offset(duration(\"-9223372036854775808ms\"))");
  EXPECT_EQ(to_text(Value::string("a\"\\\n\x01")), "\"a\\\"\\\\\\n\\u{1}\"");
  EXPECT_EQ(to_text(record({{"b c", Value::boolean(true)}, {"a", set({})}})),
            "{a: [], \"b c\": true}");
}

TEST_F(ValueTest, UidsAreEqualByTheirTexts) {
  const EntityUid* a = make_uid(arena_, "User", "a");
  EXPECT_EQ(*a, *make_uid(arena_, "User", "a"));
  EXPECT_FALSE(*a == *make_uid(arena_, "User", "b"));
  EXPECT_FALSE(*a == *make_uid(arena_, "a", "User"));
}

}  // namespace
}  // namespace wardlock::cedar
