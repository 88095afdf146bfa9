#include "explain/shortfall.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>

#include "cedar/parser/parser.h"

namespace wardlock::explain {
namespace {

constexpr auto kT = PartOutcome::kTrue, kF = PartOutcome::kFalse, kE = PartOutcome::kError,
               kW = PartOutcome::kWithheld;

class Shortfall : public testing::Test {
 protected:
  void parse(const std::string& conditions, std::string_view principal = "principal") {
    const std::string text =
        fmt::format("permit ({}, action, resource) {};", principal, conditions);
    auto parsed = cedar::parse_policy(text, "p");
    ASSERT_TRUE(parsed) << text;
    policy_ = *std::move(parsed);
    parts_ = cedar::parts_of(*policy_);
  }

  Reckoning reckon(const std::vector<PartOutcome>& outcomes) {
    outcomes_ = outcomes;
    EXPECT_EQ(outcomes_.size(), parts_.size());
    return {*policy_, parts_, outcomes_};
  }

  /// What is missing: `3` must become true, `!3` false.
  std::string missing(const std::string& conditions, const std::vector<PartOutcome>& outcomes) {
    parse(conditions);
    return text_of(reckon(outcomes).missing());
  }
  std::string held(const std::string& conditions, const std::vector<PartOutcome>& outcomes) {
    parse(conditions);
    const Reckoning reckoning = reckon(outcomes);
    EXPECT_EQ(reckoning.outcome(), PolicyOutcome::kSatisfied);
    return text_of(reckoning.held());
  }
  static std::string text_of(const std::vector<PartValue>& parts) {
    std::string text;
    for (const PartValue& part : parts)
      text += fmt::format("{}{} ", part.value ? "" : "!", part.part);
    return text;
  }

  std::unique_ptr<cedar::Template> policy_;
  std::vector<cedar::Part> parts_;
  std::vector<PartOutcome> outcomes_;
};

constexpr const char* kAnd = "when { context.a && context.b }";
constexpr const char* kOr = "when { context.a || context.b }";
constexpr const char* kIf = "when { if context.a then context.b else context.c }";

TEST_F(Shortfall, AllThatIsMissingIsFoundNotOnlyTheFirst) {
  EXPECT_EQ(missing(kAnd, {kF, kF}), "0 1 ");
  EXPECT_EQ(missing(kAnd, {kF, kT}), "0 ");
  EXPECT_EQ(missing(kAnd, {kE, kW}), "0 1 ");
  EXPECT_EQ(missing(kAnd, {kT, kT}), "");
}

TEST_F(Shortfall, OneAlternativeIsEnough) {
  EXPECT_EQ(missing(kOr, {kF, kF}), "0 ");
  EXPECT_EQ(missing(kOr, {kF, kT}), "");
  EXPECT_EQ(missing("when { (context.a && context.b) || context.c }", {kF, kF, kF}), "2 ");
  // What stands before the alternative must not err.
  EXPECT_EQ(missing(kOr, {kE, kT}), "0 ");
}

TEST_F(Shortfall, UnderNotAndUnlessTheOppositeIsMissing) {
  EXPECT_EQ(missing("unless { context.a }", {kT}), "!0 ");
  EXPECT_EQ(missing("when { !context.a }", {kT}), "!0 ");
  EXPECT_EQ(missing("unless { context.a && context.b }", {kT, kT}), "!0 ");
  EXPECT_EQ(missing("unless { context.a || context.b }", {kT, kF}), "!0 ");
  EXPECT_EQ(missing("unless { context.a || context.b }", {kF, kF}), "");
}

TEST_F(Shortfall, OfTwoBranchesTheNearerOne) {
  EXPECT_EQ(missing(kIf, {kT, kF, kT}), "1 ");
  EXPECT_EQ(missing(kIf, {kE, kT, kF}), "0 ");
  EXPECT_EQ(missing(kIf, {kE, kF, kT}), "!0 ");
  EXPECT_EQ(missing(kIf, {kF, kF, kT}), "");
}

TEST_F(Shortfall, TheScopeCounts) {
  parse("when { context.a }", "principal is User");
  EXPECT_EQ(text_of(reckon({kF, kF}).missing()), "0 1 ");
  EXPECT_EQ(reckon({kF, kE}).outcome(), PolicyOutcome::kUnsatisfied);
  EXPECT_EQ(reckon({kT, kE}).outcome(), PolicyOutcome::kError);
  EXPECT_EQ(reckon({kW, kT}).outcome(), PolicyOutcome::kWithheld);
  EXPECT_EQ(reckon({kW, kF}).outcome(), PolicyOutcome::kUnsatisfied);
}

TEST_F(Shortfall, WhatIsWithheldIsNeverKnown) {
  parse(kAnd);
  EXPECT_EQ(reckon({kW, kT}).outcome(), PolicyOutcome::kWithheld);
  EXPECT_EQ(reckon({kW, kF}).outcome(), PolicyOutcome::kUnsatisfied);
  EXPECT_EQ(reckon({kW, kE}).outcome(), PolicyOutcome::kWithheld);
  parse(kOr);
  EXPECT_EQ(reckon({kW, kF}).outcome(), PolicyOutcome::kWithheld);
  EXPECT_EQ(reckon({kW, kT}).outcome(), PolicyOutcome::kSatisfied);
}

TEST_F(Shortfall, WhatHeldIsWhatItTook) {
  EXPECT_EQ(held(kAnd, {kT, kT}), "0 1 ");
  EXPECT_EQ(held(kOr, {kF, kT}), "1 ");
  EXPECT_EQ(held(kOr, {kT, kE}), "0 ");
  EXPECT_EQ(held(kIf, {kF, kE, kT}), "!0 2 ");
  EXPECT_EQ(held("unless { context.a && context.b }", {kF, kT}), "!0 ");
  EXPECT_EQ(held("unless { context.a || context.b }", {kF, kF}), "!0 !1 ");
}

TEST_F(Shortfall, OnlyWhatIsReachedIsReached) {
  parse(kAnd);
  EXPECT_EQ(reckon({kF, kT}).reached(), (std::vector<bool>{true, false}));
  EXPECT_EQ(reckon({kW, kT}).reached(), (std::vector<bool>{true, false}));
  parse(kIf);
  EXPECT_EQ(reckon({kF, kT, kT}).reached(), (std::vector<bool>{true, false, true}));
}

// ---- Any policy

class AnyShortfall : public Shortfall {
 protected:
  int number(int below) { return std::uniform_int_distribution<int>(0, below - 1)(rng_); }

  std::string condition(int depth) {
    if (depth == 0) return fmt::format("context.a{}", number(100));
    switch (number(5)) {
      case 0: return fmt::format("({} && {})", condition(depth - 1), condition(depth - 1));
      case 1: return fmt::format("({} || {})", condition(depth - 1), condition(depth - 1));
      case 2: return fmt::format("!({})", condition(depth - 1));
      case 3:
        return fmt::format("(if {} then {} else {})", condition(depth - 1), condition(depth - 1),
                           condition(0));
      default: return condition(0);
    }
  }

  /// The fewest changes that satisfy the policy, found by trying.
  std::size_t least_by_trying(const std::vector<PartOutcome>& outcomes) {
    std::size_t least = SIZE_MAX;
    for (unsigned values = 0; values < 1U << outcomes.size(); ++values) {
      std::vector<PartOutcome> tried = outcomes;
      std::size_t changes = 0;
      // A part that is not to become true stays as it is, or becomes false.
      for (unsigned keeps = 0; keeps < 1U << outcomes.size(); ++keeps) {
        if ((keeps & values) != 0) continue;
        tried = outcomes;
        changes = 0;
        for (std::size_t i = 0; i < outcomes.size(); ++i) {
          if ((keeps >> i & 1U) != 0) continue;
          tried[i] = (values >> i & 1U) != 0 ? kT : kF;
          changes += tried[i] == outcomes[i] ? 0 : 1;
        }
        if (reckon(tried).outcome() == PolicyOutcome::kSatisfied) least = std::min(least, changes);
      }
    }
    return least;
  }

  std::mt19937 rng_{20260102};
};

TEST_F(AnyShortfall, WithWhatIsMissingItIsSatisfied) {
  int tried_all = 0;
  for (int i = 0; i < 4000; ++i) {
    parse(fmt::format("when {{ {} }} unless {{ {} }}", condition(number(4)), condition(number(3))),
          i % 2 == 0 ? "principal" : "principal is User");
    std::vector<PartOutcome> outcomes;
    for (std::size_t k = 0; k < parts_.size(); ++k) {
      // An element of the scope never errs.
      const bool is_scope = parts_[k].expr == nullptr;
      outcomes.push_back(is_scope
                             ? std::array{kT, kF, kW}[static_cast<std::size_t>(number(3))]
                             : std::array{kT, kF, kE, kW}[static_cast<std::size_t>(number(4))]);
    }
    const auto missing = reckon(outcomes).missing();
    EXPECT_EQ(missing.empty(), reckon(outcomes).outcome() == PolicyOutcome::kSatisfied);
    std::vector<PartOutcome> changed = outcomes;
    for (const PartValue& part : missing) {
      EXPECT_NE(changed[part.part], part.value ? kT : kF) << "it is so already";
      changed[part.part] = part.value ? kT : kF;
    }
    EXPECT_EQ(reckon(changed).outcome(), PolicyOutcome::kSatisfied);
    if (parts_.size() <= 5 && outcomes.end() == std::ranges::find(outcomes, kW)) {
      EXPECT_EQ(missing.size(), least_by_trying(outcomes));
      ++tried_all;
    }
  }
  EXPECT_GT(tried_all, 200);
}

TEST_F(AnyShortfall, DeepConditionsTakeNoTime) {
  std::string condition = "context.a";
  for (int i = 0; i < 60; ++i) {
    condition = fmt::format("(if ({} || context.b) then context.c else context.d)", condition);
  }
  parse(fmt::format("when {{ {} }}", condition));
  const std::vector<PartOutcome> outcomes(parts_.size(), kF);
  EXPECT_FALSE(reckon(outcomes).missing().empty());
}

}  // namespace
}  // namespace wardlock::explain
