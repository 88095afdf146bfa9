#include "cedar/evaluator/value_operations.h"

#include <gtest/gtest.h>

#include <random>
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

}  // namespace
}  // namespace wardlock::cedar
