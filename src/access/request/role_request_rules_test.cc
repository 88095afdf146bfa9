#include "access/request/role_request_rules.h"

#include <gtest/gtest.h>

#include <string>

#include "access/request/role_request.h"

namespace wardlock::access {
namespace {

RoleWish wish() { return {.role = "r", .reason = "covering"}; }

bool is_good(const RoleWish& wish) { return check_role_wish(wish, {}).has_value(); }

TEST(RoleRequestRules, AWishIsForARoleAndSaysWhy) {
  EXPECT_TRUE(is_good(wish()));
  RoleWish bad = wish();
  bad.role = "";
  EXPECT_FALSE(is_good(bad));
  for (const std::string& reason :
       {std::string(), std::string("   "), std::string("a\nb"), std::string("a\x1b[2J"),
        std::string("\xff"), std::string("\u202e"), std::string(4097, 'x'),
        std::string(1'000'000, 'x')}) {
    bad = wish();
    bad.reason = reason;
    EXPECT_FALSE(is_good(bad)) << reason.substr(0, 20);
  }
  RoleWish good = wish();
  good.reason = std::string(4096, 'x');
  EXPECT_TRUE(is_good(good));
  good.ticket = "T-481";
  EXPECT_TRUE(is_good(good));
  for (const std::string& ticket : {std::string("a\nb"), std::string(129, 'x')}) {
    bad = wish();
    bad.ticket = ticket;
    EXPECT_FALSE(is_good(bad)) << ticket.substr(0, 20);
  }
}

TEST(RoleRequestRules, ItLastsSomeHours) {
  RoleWish one = wish();
  for (const std::int64_t lasts : {kRequestMinute, kRequestHour, 8 * kRequestHour}) {
    one.lasts_ms = lasts;
    EXPECT_TRUE(is_good(one)) << lasts;
  }
  for (const std::int64_t lasts :
       {std::int64_t{0}, -kRequestHour, kRequestMinute - 1, 8 * kRequestHour + 1}) {
    one.lasts_ms = lasts;
    EXPECT_FALSE(is_good(one)) << lasts;
  }
}

TEST(RoleRequestRules, RulesMakeSense) {
  EXPECT_TRUE(check_rules(RoleRequestRules(), kLongestRole));
  EXPECT_TRUE(check_rules(RoleRequestRules{.most_ms = kLongestRole}, kLongestRole));
  EXPECT_FALSE(check_rules(RoleRequestRules{.most_ms = kLongestRole + 1}, kLongestRole));
  EXPECT_FALSE(check_rules(RoleRequestRules{.lasts_ms = kRequestHour, .most_ms = kRequestMinute},
                           kLongestRole));
  EXPECT_FALSE(check_rules(RoleRequestRules{.lasts_ms = 0}, kLongestRole));
  EXPECT_TRUE(check_rules(kUsualApprovals, kLongestApproval));
  EXPECT_FALSE(check_rules(RoleRequestRules{.most_ms = kLongestApproval + 1}, kLongestApproval));
  EXPECT_FALSE(check_rules(RoleRequestRules{.answer_within_ms = 0}, kLongestRole));
  EXPECT_FALSE(check_rules(RoleRequestRules{.answer_within_ms = 32 * kRequestDay}, kLongestRole));
}

TEST(RoleRequestRules, AnActionHasANameAndLastsAnHour) {
  const auto is_good_action = [](const ActionWish& wish) {
    return check_action_wish(wish, kUsualApprovals).has_value();
  };
  const ActionWish good{.action = "updateFirmware", .target = "t", .reason = "pump SN-7"};
  EXPECT_TRUE(is_good_action(good));
  ActionWish bad = good;
  for (const std::string& action : {std::string(), std::string("a\nb"), std::string("\xff"),
                                    std::string("\u202e"), std::string(257, 'x')}) {
    bad.action = action;
    EXPECT_FALSE(is_good_action(bad)) << action.substr(0, 20);
  }
  bad = good;
  bad.reason = "";
  EXPECT_FALSE(is_good_action(bad));
  bad = good;
  bad.ticket = std::string(129, 'x');
  EXPECT_FALSE(is_good_action(bad));
  bad = good;
  bad.lasts_ms = kRequestHour + 1;
  EXPECT_FALSE(is_good_action(bad)) << "what is usual for roles is not for these";
}

TEST(RoleRequestRules, ARefusalSaysWhy) {
  EXPECT_TRUE(check_answer_words("", false));
  EXPECT_TRUE(check_answer_words("ask your ward", true));
  EXPECT_FALSE(check_answer_words("", true));
  EXPECT_FALSE(check_answer_words("  ", true));
  EXPECT_FALSE(check_answer_words("a\nb", false));
  EXPECT_FALSE(check_answer_words(std::string(1'000'000, 'x'), false));
}

TEST(RoleRequest, ItsTimeEndsWhetherItIsNotedOrNot) {
  RoleRequest request;
  request.due_ms = 100;
  EXPECT_EQ(request.state_at(99), RoleRequestState::kOpen);
  EXPECT_EQ(request.state_at(100), RoleRequestState::kExpired);
  request.state = RoleRequestState::kGranted;
  request.ends_ms = 200;
  EXPECT_EQ(request.state_at(199), RoleRequestState::kGranted) << "answered in time";
  EXPECT_EQ(request.state_at(200), RoleRequestState::kOver);
  request.state = RoleRequestState::kRefused;
  EXPECT_EQ(request.state_at(300), RoleRequestState::kRefused);
}

TEST(RoleRequest, StatesHaveNames) {
  for (int i = 0; i <= static_cast<int>(RoleRequestState::kLapsed); ++i) {
    const auto state = static_cast<RoleRequestState>(i);
    EXPECT_EQ(find_role_request_state(to_string(state)), state);
  }
  EXPECT_EQ(find_role_request_state("approved"), std::nullopt);
}

}  // namespace
}  // namespace wardlock::access
