#include "access/grant/glass_rules.h"

#include <gtest/gtest.h>

namespace wardlock::access {
namespace {

constexpr std::int64_t kNow = 1'800'000'000'000;

GlassRules rules() {
  GlassRules rules;
  rules.reasons = {{.code = "emergency", .about = "An emergency", .actions = {"view"}}};
  return rules;
}

GlassWish wish(std::string words = "found unconscious") {
  return {.reason = "emergency", .words = std::move(words)};
}

ErrorCode refusal(const GlassWish& wish) {
  const auto checked = check_wish(wish, rules());
  return checked ? ErrorCode::kUnknown : checked.error().code;
}

TEST(GlassRules, AReasonIsACodeAndWords) {
  EXPECT_TRUE(check_wish(wish(), rules()));
  EXPECT_TRUE(check_wish(wish("x"), rules()));
  std::string most;
  for (std::size_t i = 0; i < kMostGlassWords; ++i) most += "ä";
  EXPECT_TRUE(check_wish(wish(most), rules())) << "characters count, not bytes";
  EXPECT_EQ(refusal(wish(most + "x")), ErrorCode::kInvalidArgument);
  EXPECT_EQ(refusal(wish(std::string(1 << 20, 'x'))), ErrorCode::kInvalidArgument);
  EXPECT_EQ(refusal(wish("")), ErrorCode::kInvalidArgument);
  EXPECT_EQ(refusal(wish("   ")), ErrorCode::kInvalidArgument);
  EXPECT_EQ(refusal(wish("two\nlines")), ErrorCode::kInvalidArgument);
  EXPECT_EQ(refusal(wish("\xE2\x80\xAEturned round")), ErrorCode::kInvalidArgument);
  EXPECT_EQ(refusal(wish("\xFF")), ErrorCode::kInvalidArgument);
  GlassWish curious = wish();
  curious.reason = "curiosity";
  EXPECT_EQ(refusal(curious), ErrorCode::kInvalidArgument);
  EXPECT_TRUE(check_wish(curious, rules()).error().message.contains("`emergency`"));
}

TEST(GlassRules, ATimeIsHoursAtMost) {
  GlassWish asked = wish();
  for (const std::int64_t good : {kGlassMinute, 24 * kGlassHour}) {
    asked.lasts_ms = good;
    EXPECT_TRUE(check_wish(asked, rules())) << good;
  }
  for (const std::int64_t bad : {std::int64_t{0}, std::int64_t{-1}, kGlassMinute - 1,
                                 24 * kGlassHour + 1, std::int64_t{INT64_MAX}}) {
    asked.lasts_ms = bad;
    EXPECT_EQ(refusal(asked), ErrorCode::kInvalidArgument) << bad;
  }
}

TEST(GlassRules, ItTakesASecondFactorThatIsFresh) {
  const auto check = [](std::int64_t level, std::int64_t at) {
    return bool(
        check_proof({.session = "s", .level = level, .authenticated_ms = at}, rules(), kNow));
  };
  EXPECT_TRUE(check(2, kNow));
  EXPECT_TRUE(check(3, kNow - 12 * kGlassHour));
  EXPECT_FALSE(check(1, kNow));
  EXPECT_FALSE(check(0, kNow));
  EXPECT_FALSE(check(2, kNow - 12 * kGlassHour - 1)) << "of the shift before";
  EXPECT_TRUE(check(2, kNow + kGlassMinute)) << "another node's clock";
  EXPECT_FALSE(check(2, kNow + kGlassHour)) << "not to come";
}

TEST(GlassRules, ItEndsByItself) {
  EXPECT_EQ(first_end(wish(), rules(), kNow), kNow + 4 * kGlassHour);
  GlassWish asked = wish();
  asked.lasts_ms = kGlassHour;
  EXPECT_EQ(first_end(asked, rules(), kNow), kNow + kGlassHour);
}

TEST(GlassRules, ARenewalGoesOnFromNowAndNotForEver) {
  const std::int64_t opened = kNow - 2 * kGlassHour;
  EXPECT_EQ(renewed_end(opened, opened + 4 * kGlassHour, wish(), rules(), kNow),
            kNow + 4 * kGlassHour);
  GlassWish shorter = wish();
  shorter.lasts_ms = kGlassHour;
  EXPECT_EQ(renewed_end(opened, opened + 4 * kGlassHour, shorter, rules(), kNow),
            opened + 4 * kGlassHour)
      << "a new reason takes nothing away";
  const std::int64_t long_ago = kNow - 22 * kGlassHour;
  EXPECT_EQ(renewed_end(long_ago, kNow + kGlassHour, wish(), rules(), kNow),
            long_ago + 24 * kGlassHour)
      << "a day is the most";
  const auto none = renewed_end(long_ago, long_ago + 24 * kGlassHour, wish(), rules(), kNow);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::kFailedPrecondition);
}

TEST(GlassRules, WhatIsEscalatedIsReviewedSooner) {
  EXPECT_EQ(review_due(kNow, false, rules()), kNow + 72 * kGlassHour);
  EXPECT_EQ(review_due(kNow, true, rules()), kNow + 24 * kGlassHour);
}

TEST(GlassRules, RulesThatMakeNoSenseAreNone) {
  EXPECT_TRUE(check_rules(rules()));
  const auto is_refused = [](auto change) {
    GlassRules changed = rules();
    change(changed);
    return !check_rules(changed);
  };
  EXPECT_TRUE(is_refused([](GlassRules& r) { r.most_ms = 25 * kGlassHour; }));
  EXPECT_TRUE(is_refused([](GlassRules& r) { r.most_ms = 0; }));
  EXPECT_TRUE(is_refused([](GlassRules& r) { r.lasts_ms = r.most_ms + 1; }));
  EXPECT_TRUE(is_refused([](GlassRules& r) { r.lasts_ms = 0; }));
  EXPECT_TRUE(is_refused([](GlassRules& r) { r.warn_before_ms = r.lasts_ms; }));
  EXPECT_TRUE(is_refused([](GlassRules& r) { r.warn_before_ms = -1; }));
  EXPECT_TRUE(is_refused([](GlassRules& r) { r.per_shift = 0; }));
  EXPECT_TRUE(
      is_refused([](GlassRules& r) { r.escalated_review_within_ms = r.review_within_ms + 1; }));
  EXPECT_TRUE(is_refused([](GlassRules& r) { r.reasons.push_back(r.reasons.front()); }));
  EXPECT_TRUE(
      is_refused([](GlassRules& r) { r.reasons.push_back({.code = {}, .actions = {"view"}}); }));
  EXPECT_TRUE(is_refused([](GlassRules& r) { r.reasons.front().actions.clear(); }));
}

}  // namespace
}  // namespace wardlock::access
