#include "directory/lifecycle/review_run.h"

#include <gtest/gtest.h>

#include "directory/lifecycle/review_for_test.h"

namespace wardlock::directory {
namespace {

class ReviewRunTest : public ReviewForTest {
 protected:
  ReviewRunTest() {
    write([](Edit& edit) { return edit.enter_control_plane_roles(); });
    rules_.suspend_dormant_after = std::chrono::hours(120 * 24);
    rules_.leave_after_contract = std::chrono::hours(7 * 24);
  }

  ReviewOutcome run() {
    auto outcome = act_on_findings(*registry_, mandate_.tenant, rules_, now_, [] { return true; });
    EXPECT_TRUE(outcome) << outcome.error().message;
    return *std::move(outcome);
  }
  /// Who has that role of administration, and a credential.
  Thing administrator(const std::string& name, const std::string& role,
                      const std::string& more = "") {
    Thing made = person(name, more);
    assign(made, control_plane_role(role));
    credentials_.push_back(issue(made, 3000));
    return made;
  }
  std::string state(const Thing& thing) { return find(thing.id).state; }

  std::vector<Credential> credentials_;
};
WARDLOCK_ON_EACH_DATABASE(ReviewRunTest);

TEST_P(ReviewRunTest, NothingIsDoneThatNobodyAskedFor) {
  rules_ = ReviewRules();
  const Thing desk = administrator("desk", "HelpDesk", until(now_ + kDay));
  now_ += 1000 * kDay;
  const std::uint64_t before = *registry_->revision();
  const ReviewOutcome outcome = run();
  EXPECT_EQ(outcome.suspended + outcome.left + outcome.spared, 0);
  EXPECT_EQ(state(desk), "active");
  EXPECT_EQ(*registry_->revision(), before);
}

TEST_P(ReviewRunTest, WhoOnlyAdministersAndIsDormantIsSuspended) {
  const Thing desk = administrator("desk", "HelpDesk");
  now_ += 120 * kDay - 1;
  EXPECT_EQ(run().suspended, 0);
  ++now_;
  EXPECT_EQ(run().suspended, 1);
  EXPECT_EQ(state(desk), "suspended");
  const std::string event = last_event();
  EXPECT_TRUE(event.contains("review: dormant, last used or issued ")) << event;
  EXPECT_TRUE(event.contains("suspended")) << event;
  EXPECT_EQ(run().suspended, 0) << "once";
}

TEST_P(ReviewRunTest, WhoWorksAtTheBedsideIsNotMeasuredByCredentials) {
  const Thing nurse = administrator("nurse", "HelpDesk");
  assign(nurse, role("Nurse"));
  const Thing employee = administrator("employee", "HelpDesk");
  employ(employee, "employee");
  const Thing member = administrator("member", "HelpDesk");
  relate({.relation = Relation::kMembership, .subject = member.id, .object = group("g").id});
  const Thing plain = person("plain");
  issue(plain, 3000);
  now_ += 500 * kDay;
  EXPECT_EQ(run().suspended, 0);
  for (const Thing* each : {&nurse, &employee, &member, &plain}) EXPECT_EQ(state(*each), "active");
}

TEST_P(ReviewRunTest, AccountsForEmergenciesStay) {
  administrator("other", "Administrator");
  const std::string more = R"(,"isEmergencyAccount":true)" + until(now_ + kDay);
  const Thing kept = administrator("kept", "HelpDesk", more);
  now_ += 500 * kDay;
  const ReviewOutcome outcome = run();
  EXPECT_EQ(state(kept), "active");
  EXPECT_EQ(outcome.left, 0);
  EXPECT_GE(outcome.spared, 2) << "to be suspended, and to leave";
}

TEST_P(ReviewRunTest, TheLastAdministratorStays) {
  for (const char* role : {"Administrator", "SecurityOfficer"}) {
    const Thing first = administrator(std::string("first-") + role, role);
    const Thing second = administrator(std::string("second-") + role, role, until(now_ + kDay));
    now_ += 200 * kDay;
    const ReviewOutcome outcome = run();
    EXPECT_EQ(state(second), "left");
    EXPECT_EQ(state(first), "active") << role;
    EXPECT_EQ(outcome.suspended, 0);
    EXPECT_GE(outcome.spared, 1);
  }
}

TEST_P(ReviewRunTest, WhoHasNoCredentialIsNobodyToRelyOn) {
  const Thing able = administrator("able", "Administrator");
  assign(person("unable"), control_plane_role("Administrator"));
  now_ += 200 * kDay;
  run();
  EXPECT_EQ(state(able), "active");
  administrator("another", "Administrator");
  run();
  EXPECT_EQ(state(able), "suspended");
}

TEST_P(ReviewRunTest, AnotherThroughAGroupWillDo) {
  const Thing able = administrator("able", "Administrator");
  now_ += 200 * kDay;
  const Thing admins = group("admins");
  const Thing inner = group("inner");
  const Thing member = person("member");
  assign(admins, control_plane_role("Administrator"));
  relate({.relation = Relation::kMembership, .subject = inner.id, .object = admins.id});
  relate({.relation = Relation::kMembership, .subject = member.id, .object = inner.id});
  issue(member, 3000);
  run();
  EXPECT_EQ(state(able), "suspended");
}

TEST_P(ReviewRunTest, WhoseContractEndedLeavesAfterAWhile) {
  const Thing kim = person("kim", until(now_ + kDay));
  const KeptRelation nurse = assign(kim, role("Nurse"));
  now_ += 7 * kDay;
  EXPECT_EQ(run().left, 0);
  now_ += kDay;
  const ReviewOutcome outcome = run();
  EXPECT_EQ(outcome.left, 1);
  EXPECT_EQ(state(kim), "left");
  EXPECT_TRUE(registry_->find_relation(mandate_.tenant, nurse.id)->is_ended);
  for (const auto& [kind, count] : outcome.counts) EXPECT_EQ(count, 0) << kind->name;
}

TEST_P(ReviewRunTest, OtherTenantsAreLeftAlone) {
  const Thing kim = person("kim", until(now_ + kDay));
  now_ += 100 * kDay;
  const auto outcome = act_on_findings(*registry_, "st-john", rules_, now_, [] { return true; });
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->left, 0);
  EXPECT_EQ(state(kim), "active");
}

TEST_P(ReviewRunTest, ItEndsWhenItIsTold) {
  const Thing kim = person("kim", until(now_ + kDay));
  now_ += 100 * kDay;
  const auto outcome =
      act_on_findings(*registry_, mandate_.tenant, rules_, now_, [] { return false; });
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::kCancelled);
  EXPECT_EQ(state(kim), "active");
}

}  // namespace
}  // namespace wardlock::directory
