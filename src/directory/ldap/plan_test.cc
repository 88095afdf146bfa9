#include "directory/ldap/plan.h"

#include <gtest/gtest.h>

#include <string>

#include "directory/ldap/apply.h"
#include "directory/registry/hospital_for_test.h"

namespace wardlock::directory {
namespace {

using Step = PersonPlan::Step;

std::string uuid(int number) {
  return "00000000-0000-4000-8000-00000000000" + std::to_string(number);
}

/// A source of which the test says what it has.
class PlanTest : public HospitalForTest {
 protected:
  PlanTest() {
    source_.name = "main";
    source_.tenant = "st-mary";
    source_.attributes = {{"userName", "uid"}, {"title", "title"}};
    source_.most_leaving_percent = 100;
    reading_.is_full = true;
  }

  Account& account(int number, const std::string& uid, const std::string& title = "") {
    Account& account = reading_.accounts[uuid(number)];
    account.id = uuid(number);
    account.dn = "uid=" + uid;
    account.entry = LdapEntry{.dn = account.dn, .attributes = {{"uid", {uid}}}};
    if (!title.empty()) account.entry->attributes["title"] = {title};
    return account;
  }
  LdapPlan plan() {
    const auto people = read_people_of(source_, *registry_, now_);
    EXPECT_TRUE(people) << people.error().message;
    return make_plan(source_, reading_, *people, std::chrono::year(2027));
  }
  /// Plans, and does it.
  LdapPlan sync() {
    auto people = read_people_of(source_, *registry_, now_).value();
    LdapPlan made = make_plan(source_, reading_, people, std::chrono::year(2027));
    Mandate mandate = mandate_;
    mandate.actor_type = "Service";
    mandate.actor_id = actor_of(source_);
    EXPECT_TRUE(apply_plan(made, people, *registry_, mandate, [] { return Result<void>(); }));
    return made;
  }
  Thing found(const std::string& name) {
    return registry_->find_by_identifier("st-mary", "userName", name).value();
  }
  void set_state(const Thing& thing, std::string_view state) {
    write([&](Edit& edit) -> Result<void> {
      TRY(edit.set_state(thing.id, std::nullopt, state));
      return {};
    });
  }
  static std::string shown(const LdapPlan& plan) {
    std::string out;
    for (const PersonPlan& one : plan.people) {
      out += std::string(to_string(one.step)) + " " + one.user_name + ";";
    }
    return out;
  }

  LdapSource source_;
  LdapReading reading_;
};
WARDLOCK_ON_EACH_DATABASE(PlanTest);

TEST_P(PlanTest, WhoIsThereIsEnteredOnce) {
  account(1, "ada", "Nurse");
  EXPECT_EQ(shown(plan()), "add ada;");
  EXPECT_EQ(shown(sync()), "add ada;");
  EXPECT_EQ(shown(sync()), "");
  EXPECT_EQ(found("ada").state, "active");
  EXPECT_TRUE(last_event().contains("ldap:main"));
}

TEST_P(PlanTest, WhoIsGoneLeavesAndComesBack) {
  account(1, "ada");
  account(2, "bo");
  sync();
  reading_.accounts.erase(uuid(1));
  EXPECT_EQ(shown(sync()), "leave ada;");
  EXPECT_EQ(found("ada").state, "left");
  EXPECT_EQ(shown(sync()), "");
  account(1, "ada", "Nurse");
  EXPECT_EQ(shown(sync()), "return ada;");
  EXPECT_EQ(found("ada").state, "active");
  EXPECT_FALSE(fact(found("ada").document.json(), kEndedBySource));
}

TEST_P(PlanTest, WhoLeftHereStaysAway) {
  account(1, "ada");
  sync();
  set_state(found("ada"), "left");
  const LdapPlan again = sync();
  EXPECT_EQ(shown(again), "");
  ASSERT_EQ(again.notes.size(), 1U);
  EXPECT_TRUE(again.notes[0].contains("disable the account there"));
  EXPECT_EQ(found("ada").state, "left");
}

TEST_P(PlanTest, WhomSomebodySuspendedStaysSuspended) {
  account(1, "ada");
  sync();
  set_state(found("ada"), "suspended");
  EXPECT_EQ(shown(sync()), "") << "enabled there, and not by the source suspended";
  reading_.accounts.at(uuid(1)).is_disabled = true;
  sync();
  reading_.accounts.at(uuid(1)).is_disabled = false;
  sync();
  EXPECT_EQ(found("ada").state, "suspended");
}

TEST_P(PlanTest, TheInvitedAreSuspendedToo) {
  account(1, "ada").is_disabled = false;
  create(Kind::kPerson, R"({"userName":"ada","externalId":"ldap:main:)" + uuid(1) + "\"}",
         "invited");
  reading_.accounts.at(uuid(1)).is_disabled = true;
  EXPECT_EQ(shown(sync()), "suspend ada;");
  EXPECT_EQ(found("ada").state, "suspended");
  reading_.accounts.at(uuid(1)).is_disabled = false;
  EXPECT_EQ(shown(sync()), "resume ada;");
}

TEST_P(PlanTest, OnlyPeopleOfTheSourceAreTouched) {
  person("eve");
  create(Kind::kPerson, R"({"userName":"kim","externalId":"ldap:main2:)" + uuid(1) + "\"}",
         "active");
  create(Kind::kPerson, R"({"userName":"lee","externalId":"ldap:other:)" + uuid(2) + "\"}",
         "active");
  EXPECT_EQ(shown(sync()), "");
  for (const char* name : {"eve", "kim", "lee"}) EXPECT_EQ(found(name).state, "active") << name;
}

TEST_P(PlanTest, ANameThatIsAnothersIsAFaultOfThatOneAlone) {
  person("ada");
  account(1, "ada");
  account(2, "bo");
  const LdapPlan done = sync();
  ASSERT_EQ(done.faults.size(), 1U);
  EXPECT_EQ(done.faults[0].whom, "uid=ada");
  EXPECT_FALSE(found("ada").document.json().contains("externalId"));
  EXPECT_EQ(found("bo").state, "active");
}

TEST_P(PlanTest, AnEntryThatIsUnsoundIsNoLeaver) {
  account(1, "ada", "Nurse");
  sync();
  account(1, "ada", "\xff");
  const LdapPlan made = plan();
  EXPECT_EQ(shown(made), "");
  EXPECT_EQ(made.faults.size(), 1U);
  account(2, "");
  EXPECT_EQ(plan().faults.size(), 2U) << "nobody without a user name";
}

TEST_P(PlanTest, RolesFollowTheGroups) {
  role("Physician");
  source_.roles = {{"cn=physicians", "Physician"}};
  account(1, "ada");
  account(2, "bo");
  reading_.role_holders["Physician"] = {uuid(1)};
  EXPECT_EQ(sync().people[0].roles_given, std::vector<std::string>{"Physician"});
  reading_.role_holders["Physician"] = {uuid(2)};
  const LdapPlan moved = sync();
  ASSERT_EQ(moved.people.size(), 2U);
  EXPECT_EQ(moved.people[0].roles_taken, std::vector<std::string>{"Physician"});
  EXPECT_EQ(moved.people[1].roles_given, std::vector<std::string>{"Physician"});
  EXPECT_EQ(relations({.subject = found("ada").id, .not_ended_by = now_}).size(), 0U);
  EXPECT_EQ(relations({.subject = found("bo").id, .not_ended_by = now_}).size(), 1U);
}

TEST_P(PlanTest, RolesThatOthersGaveStay) {
  const Thing physician = role("Physician");
  source_.roles = {{"cn=physicians", "Physician"}};
  reading_.role_holders["Physician"] = {};
  account(1, "ada");
  sync();
  relate(
      {.relation = Relation::kRoleAssignment, .subject = found("ada").id, .object = physician.id});
  EXPECT_EQ(shown(sync()), "");
  reading_.role_holders["Physician"] = {uuid(1)};
  EXPECT_EQ(shown(sync()), "") << "there already";
}

TEST_P(PlanTest, NobodyLosesARoleWhoseGroupIsNotThere) {
  role("Physician");
  source_.roles = {{"cn=physicians", "Physician"}};
  account(1, "ada");
  reading_.role_holders["Physician"] = {uuid(1)};
  sync();
  reading_.role_holders.clear();
  reading_.missing_groups = {{"cn=physicians", "Physician"}};
  const LdapPlan made = plan();
  EXPECT_EQ(shown(made), "");
  EXPECT_EQ(made.faults.size(), 1U);
}

TEST_P(PlanTest, ARoleMustBeThere) {
  source_.roles = {{"cn=physicians", "Physician"}};
  const auto people = read_people_of(source_, *registry_, now_);
  ASSERT_FALSE(people);
  EXPECT_EQ(people.error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(people.error().message.contains("`Physician`"));
}

TEST_P(PlanTest, TooManyWhoWouldLeaveStopIt) {
  for (int i = 0; i < 9; ++i) account(i, "p" + std::to_string(i));
  sync();
  source_.most_leaving_percent = 20;
  reading_.accounts.erase(uuid(0));
  EXPECT_FALSE(plan().stopped) << "one may always";
  reading_.accounts.at(uuid(1)).is_disabled = true;
  ASSERT_TRUE(plan().stopped) << "2 of 9";
  EXPECT_TRUE(plan().stopped->contains("2 of 9 people"));
  source_.most_leaving_percent = 23;
  EXPECT_FALSE(plan().stopped);
  source_.most_leaving_percent = 0;
  EXPECT_TRUE(plan().stopped);
}

TEST_P(PlanTest, NamesThatLookAlikeAreFlagged) {
  person("admin1");
  account(1, "adminl");
  account(2, "bo");
  LdapPlan made = plan();
  ASSERT_TRUE(flag_look_alikes(source_, *registry_, made));
  ASSERT_EQ(made.look_alikes.size(), 1U);
  EXPECT_EQ(made.look_alikes[0].whom, "adminl");
  EXPECT_TRUE(made.look_alikes[0].message.contains("`admin1`"));
  sync();
  LdapPlan again = plan();
  ASSERT_TRUE(flag_look_alikes(source_, *registry_, again));
  EXPECT_TRUE(again.look_alikes.empty()) << "told once";
  account(3, "paypal");
  account(4, "paypa1");
  LdapPlan both = plan();
  ASSERT_TRUE(flag_look_alikes(source_, *registry_, both));
  EXPECT_FALSE(both.look_alikes.empty());
}

TEST_P(PlanTest, WhoIsNewAndWasNotReadIsReadInFull) {
  reading_.is_full = false;
  account(1, "ada").entry.reset();
  const auto people = read_people_of(source_, *registry_, now_).value();
  EXPECT_TRUE(lacks_entries(source_, reading_, people));
  reading_.accounts.at(uuid(1)).is_disabled = true;
  EXPECT_FALSE(lacks_entries(source_, reading_, people));
}

}  // namespace
}  // namespace wardlock::directory
