#include "access/delegation/delegation_rules.h"

#include <gtest/gtest.h>

namespace wardlock::access {
namespace {

using directory::Kind;

constexpr std::int64_t kNow = 1'800'000'000'000;
constexpr std::int64_t kDay = 86'400'000;

DelegationWish wish() {
  return {.delegator = "a",
          .delegate = "b",
          .target = "t",
          .actions = {"view"},
          .ticket = "T-1",
          .ends_ms = kNow + kDay};
}

bool fits(const DelegationWish& wish, Kind delegator = Kind::kPerson) {
  return check_delegation(wish, delegator, kNow).has_value();
}

TEST(DelegationRules, WhatFits) {
  EXPECT_TRUE(fits(wish()));
  EXPECT_TRUE(fits(wish(), Kind::kPatient));
  EXPECT_TRUE(fits(wish(), Kind::kOrganisation));
  DelegationWish all = wish();
  all.actions.assign(kMostDelegatedActions, "view");
  all.words = std::string(kMostDelegationWords, 'x');
  all.purpose = std::string(kMostTicketBytes, 'p');
  all.begins_ms = kNow + kDay - 1;
  EXPECT_TRUE(fits(all));
}

TEST(DelegationRules, ActionsAreNamed) {
  DelegationWish one = wish();
  one.actions = {};
  EXPECT_FALSE(fits(one));
  one.actions.assign(kMostDelegatedActions + 1, "view");
  EXPECT_FALSE(fits(one));
  for (const std::string& name :
       {std::string(), std::string("vi\new"), std::string("\xff"), std::string(257, 'x'),
        std::string(1 << 20, 'x'), std::string("view\u202e")}) {
    one.actions = {"view", name};
    EXPECT_FALSE(fits(one)) << name.substr(0, 20);
  }
}

TEST(DelegationRules, TextsAreShortAndCanBeSeen) {
  for (const std::string& text : {std::string(1 << 20, 'x'), std::string("a\nb"),
                                  std::string("\xc3"), std::string("\u202e")}) {
    DelegationWish one = wish();
    one.words = text;
    EXPECT_FALSE(fits(one));
    one = wish();
    one.purpose = text;
    EXPECT_FALSE(fits(one));
    one = wish();
    one.ticket = text;
    EXPECT_FALSE(fits(one));
  }
  EXPECT_TRUE(check_delegation_words(""));
  EXPECT_FALSE(check_delegation_words(std::string(kMostDelegationWords + 1, 'x')));
}

TEST(DelegationRules, ItEndsAndBeginsInTime) {
  const auto lasting = [](std::optional<std::int64_t> begins, std::int64_t ends, Kind delegator) {
    DelegationWish one = wish();
    one.begins_ms = begins;
    one.ends_ms = ends;
    return fits(one, delegator);
  };
  EXPECT_FALSE(lasting({}, kNow, Kind::kPerson));
  EXPECT_FALSE(lasting({}, 0, Kind::kPerson));
  EXPECT_FALSE(lasting(kNow - 5 * kDay, kNow - kDay, Kind::kPerson)) << "over before it begins";
  EXPECT_FALSE(lasting(kNow + kDay, kNow + kDay, Kind::kPerson));
  EXPECT_TRUE(lasting({}, kNow + 31 * kDay, Kind::kPerson));
  EXPECT_FALSE(lasting({}, kNow + 31 * kDay + 1, Kind::kPerson));
  EXPECT_FALSE(lasting(kNow - 100 * kDay, kNow + 32 * kDay, Kind::kPerson));
  EXPECT_TRUE(lasting({}, kNow + 14 * kDay, Kind::kOrganisation));
  EXPECT_FALSE(lasting({}, kNow + 14 * kDay + 1, Kind::kOrganisation));
  EXPECT_TRUE(lasting({}, kNow + 5 * 366 * kDay, Kind::kPatient));
  EXPECT_FALSE(lasting({}, kNow + 5 * 366 * kDay + 1, Kind::kPatient));
  EXPECT_TRUE(lasting(kNow + 366 * kDay, kNow + 367 * kDay, Kind::kPerson));
  EXPECT_FALSE(lasting(kNow + 366 * kDay + 1, kNow + 367 * kDay, Kind::kPerson));
  EXPECT_FALSE(lasting({}, INT64_MAX, Kind::kPatient));
  EXPECT_FALSE(lasting(INT64_MIN, INT64_MAX, Kind::kPatient));
  DelegationWish past = wish();
  past.begins_ms = kNow - 1;
  EXPECT_EQ(first_moment(past, kNow), kNow) << "never in the past";
}

TEST(DelegationRules, AnOrganisationNamesATicket) {
  DelegationWish one = wish();
  one.ticket = "";
  EXPECT_TRUE(fits(one, Kind::kPerson));
  EXPECT_FALSE(fits(one, Kind::kOrganisation));
}

TEST(DelegationRules, OthersDoNotDelegate) {
  for (const Kind kind : {Kind::kDevice, Kind::kService, Kind::kAgent, Kind::kRole, Kind::kGroup}) {
    EXPECT_FALSE(fits(wish(), kind));
    EXPECT_EQ(longest_delegation(kind), 0);
  }
}

TEST(DelegationRules, WhatEachMayDelegateFor) {
  EXPECT_TRUE(check_delegated_target(Kind::kPatient, Kind::kPatient));
  EXPECT_FALSE(check_delegated_target(Kind::kPatient, Kind::kDevice));
  EXPECT_TRUE(check_delegated_target(Kind::kOrganisation, Kind::kDevice));
  EXPECT_FALSE(check_delegated_target(Kind::kOrganisation, Kind::kPatient));
  for (const Kind kind : {Kind::kPatient, Kind::kDevice, Kind::kLocation}) {
    EXPECT_TRUE(check_delegated_target(Kind::kPerson, kind));
  }
  EXPECT_FALSE(check_delegated_target(Kind::kPerson, Kind::kPerson));
  EXPECT_FALSE(check_delegated_target(Kind::kPerson, Kind::kOrganisation));
}

KeptDelegation link(std::string from, std::string to) {
  return {.id = from + to,
          .tenant = "",
          .delegator = std::move(from),
          .delegate = std::move(to),
          .target = "t",
          .actions = {"view", "edit"},
          .may_pass_on = true,
          .begins_ms = kNow - 1,
          .ends_ms = kNow + kDay};
}

TEST(DelegationRules, WhatIsPassedOnIsNoMore) {
  const auto code = [](const DelegationWish& one, const std::vector<KeptDelegation>& chain) {
    const auto checked = check_passed_on(one, chain, kNow);
    return checked ? std::optional<ErrorCode>() : checked.error().code;
  };
  EXPECT_EQ(code(wish(), {link("x", "a")}), std::nullopt);
  EXPECT_EQ(code(wish(), {link("x", "other")}), ErrorCode::kPermissionDenied);
  DelegationWish one = wish();
  one.target = "u";
  EXPECT_EQ(code(one, {link("x", "a")}), ErrorCode::kInvalidArgument);
  one = wish();
  one.actions = {"view", "export"};
  EXPECT_EQ(code(one, {link("x", "a")}), ErrorCode::kInvalidArgument);
  one = wish();
  one.ends_ms = kNow + kDay + 1;
  EXPECT_EQ(code(one, {link("x", "a")}), ErrorCode::kInvalidArgument);
  KeptDelegation other = link("x", "a");
  other.may_pass_on = false;
  EXPECT_EQ(code(wish(), {other}), ErrorCode::kFailedPrecondition);
  other = link("x", "a");
  other.ended_ms = kNow - 1;
  EXPECT_EQ(code(wish(), {other}), ErrorCode::kFailedPrecondition);
  other = link("x", "a");
  other.ends_ms = kNow;
  EXPECT_EQ(code(wish(), {link("y", "a"), other}), ErrorCode::kFailedPrecondition);
}

TEST(DelegationRules, NoCirclesAndNoLongChains) {
  EXPECT_FALSE(check_passed_on(wish(), {link("b", "a")}, kNow)) << "back to who gave it";
  EXPECT_FALSE(check_passed_on(wish(), {link("c", "a"), link("b", "c")}, kNow));
  KeptDelegation entered = link("c", "a");
  entered.made_by = "b";
  EXPECT_FALSE(check_passed_on(wish(), {entered}, kNow)) << "by whom it would be for";
  EXPECT_TRUE(check_passed_on(wish(), {link("c", "a"), link("d", "c"), link("e", "d")}, kNow));
  EXPECT_FALSE(check_passed_on(
      wish(), {link("c", "a"), link("d", "c"), link("e", "d"), link("f", "e")}, kNow));
}

}  // namespace
}  // namespace wardlock::access
