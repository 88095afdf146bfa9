#include "cedar/evaluator/value_operations.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace wardlock::cedar {
namespace {

/// The plain definition: some way to place each segment exists.
bool is_like_by_search(std::string_view text, std::span<const std::string_view> segments) {
  if (segments.size() == 1) return text == segments.front();
  if (!text.starts_with(segments.front())) return false;
  text.remove_prefix(segments.front().size());
  for (std::size_t skipped = 0; skipped <= text.size(); ++skipped) {
    if (is_like_by_search(text.substr(skipped), segments.subspan(1))) return true;
  }
  return false;
}

TEST(Like, AgreesWithItsDefinition) {
  std::mt19937 random(7);
  const auto letters = [&](int max) {
    std::string text;
    for (int n = static_cast<int>(random() % (max + 1)); n > 0; --n) text += "ab"[random() % 2];
    return text;
  };
  StepBudget budget(UINT64_MAX);
  int matches = 0;
  for (int round = 0; round < 20'000; ++round) {
    const std::string text = letters(8);
    std::vector<std::string> owned;
    for (int n = 1 + static_cast<int>(random() % 4); n > 0; --n) owned.push_back(letters(3));
    const std::vector<std::string_view> segments(owned.begin(), owned.end());
    const bool got = is_like(text, segments, budget);
    matches += got ? 1 : 0;
    ASSERT_EQ(got, is_like_by_search(text, segments)) << text << " / " << owned.size();
  }
  EXPECT_GT(matches, 1000);
}

class ValueOperations : public testing::Test {
 protected:
  Arena arena_;
  std::mt19937 random_{3};

  /// Of numbers below `below`, as members or wrapped into records and sets of one.
  Value numbers(std::size_t count, unsigned below, int wrapping = 0) {
    std::vector<Value> members;
    for (std::size_t i = 0; i < count; ++i) {
      Value member = Value::integer(random_() % below);
      const Field field{"f", member};
      if (wrapping == 1) member = Value::record(arena_.copy(std::span(&field, 1)));
      if (wrapping == 2) member = Value::set(arena_.copy(std::span(&member, 1)));
      members.push_back(member);
    }
    return wardlock::cedar::make_set(arena_, members);
  }

  /// How many steps `use` takes of a budget that is enough.
  template <typename Use>
  static std::uint64_t steps(Use use) {
    StepBudget budget(1'000'000'000);
    use(budget);
    EXPECT_FALSE(budget.is_used_up());
    std::uint64_t left = 0;
    for (std::uint64_t bit = 1U << 30; bit > 0; bit >>= 1) {
      StepBudget rest = budget;
      if (rest.take(left + bit)) left += bit;
    }
    return 1'000'000'000 - left;
  }
};

TEST_F(ValueOperations, SetsAreComparedAsMemberByMember) {
  StepBudget budget(UINT64_MAX);
  int all = 0, any = 0;
  for (int round = 0; round < 3000; ++round) {
    const int wrapping = round % 3;
    const Value a = numbers(random_() % 40, 30, wrapping), b = numbers(random_() % 6, 60, wrapping);
    const auto in = [&](const Value& set) {
      return [&](const Value& member) {
        return std::ranges::find(set.as_set(), member) != set.as_set().end();
      };
    };
    const bool has_all = std::ranges::all_of(b.as_set(), in(a));
    const bool has_any = std::ranges::any_of(b.as_set(), in(a));
    ASSERT_EQ(contains_all(a.as_set(), b.as_set(), budget), has_all);
    ASSERT_EQ(contains_any(a.as_set(), b.as_set(), budget), has_any);
    ASSERT_EQ(contains_any(b.as_set(), a.as_set(), budget), has_any);
    ASSERT_EQ(equal(a, b, budget), a == b);
    for (const Value& member : b.as_set()) {
      ASSERT_EQ(contains(a.as_set(), member, budget), in(a)(member));
    }
    all += has_all ? 1 : 0;
    any += has_any ? 1 : 0;
  }
  EXPECT_GT(all, 300);
  EXPECT_GT(any, all);
}

TEST_F(ValueOperations, LargeSetsAreComparedInLinearTime) {
  for (const std::size_t count : {1000U, 16'000U}) {
    const Value a = numbers(count, 1'000'000'000), b = numbers(count, 1'000'000'000);
    EXPECT_LE(steps([&](StepBudget& s) { contains_all(a.as_set(), a.as_set(), s); }), 4 * count);
    EXPECT_LE(steps([&](StepBudget& s) { contains_any(a.as_set(), b.as_set(), s); }), 5 * count);
    EXPECT_LE(steps([&](StepBudget& s) { equal(a, b, s); }), count + 1);
    EXPECT_LE(steps([&](StepBudget& s) { contains(a.as_set(), Value::integer(7), s); }), 64U);
  }
}

TEST_F(ValueOperations, DeepValuesCostWhatTheyHold) {
  const Value large = numbers(1000, 1'000'000'000);
  const std::vector<Value> same(100, large);
  std::vector<Value> members = same;
  EXPECT_GE(steps([&](StepBudget& s) { make_set(arena_, members, s); }), 100'000U);
  const Value nested = Value::set(same);
  const Value equal_to_it = Value::set(arena_.copy(large.as_set()));
  EXPECT_GE(steps([&](StepBudget& s) { contains(nested.as_set(), equal_to_it, s); }), 999U);
  const std::string a(64'000, 'a');
  const Value text = Value::string(a), copy = Value::string(arena_.copy(std::string_view(a)));
  EXPECT_GE(steps([&](StepBudget& s) { equal(text, copy, s); }), 1000U);
}

TEST_F(ValueOperations, AUsedUpBudgetEndsThem) {
  const Value a = numbers(500, 1'000'000'000), b = numbers(500, 1'000'000'000);
  std::vector<Value> members(a.as_set().begin(), a.as_set().end());
  const std::string text(10'000, 'a');
  const std::vector<std::string_view> segments = {"", "b", "c", ""};
  const auto ends = [](auto use) {
    StepBudget budget(3);
    use(budget);
    return budget.is_used_up();
  };
  EXPECT_TRUE(ends([&](StepBudget& s) { equal(a, b, s); }));
  EXPECT_TRUE(ends([&](StepBudget& s) { contains(a.as_set(), b.as_set()[0], s); }));
  EXPECT_TRUE(ends([&](StepBudget& s) { contains_all(a.as_set(), a.as_set(), s); }));
  EXPECT_TRUE(ends([&](StepBudget& s) { contains_any(a.as_set(), b.as_set(), s); }));
  EXPECT_TRUE(ends([&](StepBudget& s) { make_set(arena_, members, s); }));
  EXPECT_TRUE(ends([&](StepBudget& s) { is_like(text, segments, s); }));
}

/// The least of some measurements of a search in `size` bytes for what almost is there everywhere.
double seconds_to_search(std::size_t size) {
  const std::string half(size / 20, 'a');
  const std::string text(size, 'a'), segment = half + "b" + half;
  const std::vector<std::string_view> segments = {"", segment, ""};
  double least = 1e9;
  for (int i = 0; i < 5; ++i) {
    StepBudget budget(UINT64_MAX);
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_FALSE(is_like(text, segments, budget));
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    least = std::min(least, taken.count());
  }
  return least;
}

TEST(Like, TakesTwiceAsLongForTwiceTheText) {
  // Comparing at each place, it would take 64 times as long for eight times the text.
  EXPECT_LT(seconds_to_search(4'000'000), 24 * seconds_to_search(500'000));
  const std::string text(100'000, 'a'), segment = std::string(5'000, 'a') + "b";
  StepBudget budget(UINT64_MAX);
  EXPECT_TRUE(
      is_like(text + segment + text, std::vector<std::string_view>{"", segment, ""}, budget));
}

}  // namespace
}  // namespace wardlock::cedar
