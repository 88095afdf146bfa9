#include "access/review/review_rules.h"

#include <gtest/gtest.h>

#include <set>

namespace wardlock::access {
namespace {

using Candidates = std::vector<ReviewCandidate>;
using Pairs = std::vector<ReviewPair>;
using Rings = std::vector<std::vector<std::string>>;

bool same(std::string_view one, std::string_view other) {
  return one.substr(0, one.find('/')) == other.substr(0, other.find('/'));
}

/// All who may be drawn.
std::set<std::string> drawn(const Candidates& candidates, const Pairs& lately = {},
                            std::string_view unit = "emergency") {
  std::set<std::string> people;
  for (std::size_t i = 0; i < candidates.size() + 1; ++i) {
    const auto one = draw_reviewer(candidates, "swift", unit, lately, &same,
                                   [i](std::size_t bound) { return i % bound; });
    people.insert(one.value_or("nobody"));
  }
  return people;
}

using People = std::set<std::string>;

TEST(DrawReviewer, NeverThePersonUnderWhicheverAccount) {
  EXPECT_EQ(drawn({}), People({"nobody"}));
  EXPECT_EQ(drawn({{"swift", "surgery"}}), People({"nobody"}));
  EXPECT_EQ(drawn({{"swift/second", "surgery"}}), People({"nobody"}));
  EXPECT_EQ(drawn({{"swift", "surgery"}, {"ann", "emergency"}}), People({"ann"}));
}

TEST(DrawReviewer, FromOtherUnitsWhereThereAreSuch) {
  EXPECT_EQ(drawn({{"ann", "emergency"}, {"bo", "surgery"}, {"cy", "radiology"}, {"di", ""}}),
            People({"bo", "cy", "di"}));
  EXPECT_EQ(drawn({{"ann", "emergency"}, {"bo", "emergency"}}), People({"ann", "bo"}));
  EXPECT_EQ(drawn({{"ann", ""}, {"bo", "surgery"}}, {}, ""), People({"ann", "bo"}))
      << "where nobody knows the unit, it is nobody's";
}

TEST(DrawReviewer, NotWhomThePersonReviewedLately) {
  const Pairs lately = {{"swift", "bo"}};
  EXPECT_EQ(drawn({{"bo", "surgery"}, {"cy", "radiology"}}, lately), People({"cy"}));
  EXPECT_EQ(drawn({{"bo", "surgery"}}, lately), People({"bo"})) << "where there is nobody else";
  EXPECT_EQ(drawn({{"bo", "surgery"}, {"ann", "emergency"}}, lately), People({"bo"}))
      << "the unit weighs more";
  EXPECT_EQ(drawn({{"bo", "surgery"}, {"cy", "radiology"}}, {{"bo", "swift"}}),
            People({"bo", "cy"}))
      << "the other way round it is no favour returned";
}

TEST(FindRings, AreThoseWhoReviewedEachOther) {
  EXPECT_EQ(find_rings(Pairs{}), Rings{});
  EXPECT_EQ(find_rings(Pairs{{"a", "b"}, {"b", "c"}}), Rings{});
  EXPECT_EQ(find_rings(Pairs{{"a", "a"}}), Rings{});
  EXPECT_EQ(find_rings(Pairs{{"a", "b"}, {"b", "a"}}), (Rings{{"a", "b"}}));
  EXPECT_EQ(find_rings(Pairs{{"c", "a"}, {"a", "b"}, {"b", "c"}, {"c", "d"}}),
            (Rings{{"a", "b", "c"}}))
      << "around counts, and who is only at its end is in none";
  EXPECT_EQ(find_rings(Pairs{{"a", "b"}, {"b", "a"}, {"x", "y"}, {"y", "x"}, {"b", "x"}}),
            (Rings{{"a", "b"}, {"x", "y"}}));
}

TEST(ReviewWords, AreNeededWhereSomethingWasWrong) {
  EXPECT_TRUE(check_review_words(Finding::kAppropriate, ""));
  EXPECT_TRUE(check_review_words(Finding::kMisuse, "a neighbour's chart"));
  EXPECT_FALSE(check_review_words(Finding::kMisuse, ""));
  EXPECT_FALSE(check_review_words(Finding::kFollowUp, "  "));
  EXPECT_FALSE(check_review_words(Finding::kAppropriate, std::string(1001, 'x')));
  EXPECT_FALSE(check_review_words(Finding::kAppropriate, "two\nlines"));
  EXPECT_FALSE(check_review_words(Finding::kAppropriate, "\xFF"));
}

TEST(Findings, HaveNames) {
  for (const Finding each : {Finding::kAppropriate, Finding::kFollowUp, Finding::kMisuse}) {
    EXPECT_EQ(find_finding(to_string(each)), each);
  }
  EXPECT_EQ(find_finding("fine"), std::nullopt);
  EXPECT_EQ(find_finding(""), std::nullopt);
}

}  // namespace
}  // namespace wardlock::access
