#include "pap/approval.h"

#include <gtest/gtest.h>

#include <vector>

namespace wardlock::pap {
namespace {

Signature of(std::string person, std::string meaning = "policy", std::string content = "sha256:1") {
  return {.person = std::move(person),
          .printed_name = "Somebody",
          .meaning = std::move(meaning),
          .content = std::move(content),
          .session = "session-1",
          .level = 2,
          .authenticated_ms = 1'000'000,
          .signed_ms = 1'000'000};
}

ApprovalStanding standing(const std::vector<ApprovalNeed>& needs,
                          const std::vector<Signature>& signatures,
                          const std::vector<std::string>& writers = {"ann"}) {
  return standing_of(needs, signatures, "sha256:1", writers, [](std::string_view person) {
    return std::string(person.substr(0, person.find('@')));
  });
}

TEST(Approval, IsCompleteWhenEachNeedHasItsPeople) {
  const std::vector<ApprovalNeed> needs = {{.meaning = "policy", .people = 2},
                                           {.meaning = "privacy"}};
  EXPECT_FALSE(standing(needs, {}).is_complete());
  EXPECT_EQ(standing(needs, {}).missing(), "policy (0 of 2), privacy");
  EXPECT_EQ(standing(needs, {of("bo"), of("cy", "privacy")}).missing(), "policy (1 of 2)");
  const auto all = standing(needs, {of("bo"), of("cy", "privacy"), of("di")});
  EXPECT_TRUE(all.is_complete());
  EXPECT_EQ(all.missing(), "");
  EXPECT_EQ(all.given[0].people, (std::vector<std::string>{"bo", "di"}));
}

TEST(Approval, IsNotGivenByWhoWroteIt) {
  EXPECT_FALSE(standing({{.meaning = "policy"}}, {of("ann")}).is_complete());
  EXPECT_FALSE(standing({{.meaning = "policy"}}, {of("ann@second")}).is_complete())
      << "with another account";
  EXPECT_FALSE(standing({{.meaning = "policy"}}, {of("bo")}, {"ann", "bo"}).is_complete());
}

TEST(Approval, CountsEachNaturalPersonOnce) {
  const std::vector<ApprovalNeed> two = {{.meaning = "policy", .people = 2}};
  EXPECT_FALSE(standing(two, {of("bo"), of("bo")}).is_complete());
  EXPECT_FALSE(standing(two, {of("bo"), of("bo@second")}).is_complete());
  const std::vector<ApprovalNeed> kinds = {{.meaning = "policy"}, {.meaning = "privacy"}};
  EXPECT_EQ(standing(kinds, {of("bo"), of("bo", "privacy")}).missing(), "privacy");
}

TEST(Approval, IsOfOneContent) {
  const std::vector<ApprovalNeed> needs = {{.meaning = "policy"}};
  EXPECT_FALSE(standing(needs, {of("bo", "policy", "sha256:2")}).is_complete());
  EXPECT_TRUE(standing(needs, {of("bo", "policy", "sha256:2"), of("bo")}).is_complete());
}

TEST(Approval, OfWhatIsNotNeededCountsForNothing) {
  const std::vector<ApprovalNeed> needs = {{.meaning = "policy"}};
  EXPECT_FALSE(standing(needs, {of("bo", "privacy")}).is_complete());
  EXPECT_TRUE(standing(needs, {of("bo", "privacy"), of("bo")}).is_complete())
      << "it spends nobody's word";
}

TEST(Signing, NeedsAFreshAndSureAuthentication) {
  const SigningRules rules;
  const std::int64_t now = 1'000'000;
  EXPECT_TRUE(check_signing(of("bo"), rules, now));
  EXPECT_TRUE(check_signing(of("bo"), rules, now + rules.authenticated_within_ms));
  EXPECT_EQ(check_signing(of("bo"), rules, now + rules.authenticated_within_ms + 1).error().code,
            ErrorCode::kUnauthenticated);
  EXPECT_FALSE(check_signing(of("bo"), rules, now - 1)) << "it is in the future";
  Signature weak = of("bo");
  weak.level = 1;
  EXPECT_EQ(check_signing(weak, rules, now).error().code, ErrorCode::kUnauthenticated);
  Signature without = of("bo");
  without.session = "";
  EXPECT_FALSE(check_signing(without, rules, now)) << "a credential of a program signs nothing";
}

}  // namespace
}  // namespace wardlock::pap
