#include "directory/ldap/group_plan.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "directory/ldap/account.h"
#include "directory/ldap/apply.h"
#include "directory/ldap/plan.h"
#include "directory/registry/hospital_for_test.h"

namespace wardlock::directory {
namespace {

using Names = std::vector<std::string>;

/// A source of which the test says what groups it has.
class GroupPlanTest : public HospitalForTest {
 protected:
  GroupPlanTest() {
    source_.name = "main";
    source_.tenant = "st-mary";
    source_.attributes = {{"userName", "uid"}, {"manager", "manager"}};
    source_.enters_groups = true;
    source_.most_leaving_percent = 100;
    reading_.is_full = true;
    for (const char* name : {"ada", "bo", "cy"}) add_person(name);
  }

  void add_person(const std::string& uid, const std::string& manager = "") {
    Account& account = reading_.accounts[id(uid)];
    account.id = id(uid);
    account.dn = "uid=" + uid;
    account.entry = LdapEntry{.dn = account.dn, .attributes = {{"uid", {uid}}}};
    if (!manager.empty()) account.entry->attributes["manager"] = {"uid=" + manager};
    reading_.ids_by_dn["uid=" + uid] = id(uid);
  }
  LdapReading::Group& add_group(const std::string& name, const Names& people,
                                const Names& groups = {}) {
    LdapReading::Group& group = reading_.groups[id(name)];
    group = {.dn = "cn=" + name, .name = name, .people = {}, .groups = {}};
    for (const std::string& each : people) group.people.insert(id(each));
    for (const std::string& each : groups) group.groups.insert(id(each));
    return group;
  }
  static std::string id(std::string_view name) {
    std::string hex;
    for (const char c : name) hex += fmt::format("{:02x}", static_cast<unsigned char>(c));
    return fmt::format("00000000-0000-4000-8000-{:0>12}", hex);
  }

  LdapPlan plan() {
    const auto people = read_people_of(source_, *registry_, now_);
    EXPECT_TRUE(people) << people.error().message;
    return make_plan(source_, reading_, *people, std::chrono::year(2027));
  }
  /// Plans, and does it.
  LdapPlan sync() {
    const auto people = read_people_of(source_, *registry_, now_).value();
    LdapPlan made = make_plan(source_, reading_, people, std::chrono::year(2027));
    Mandate mandate = mandate_;
    mandate.actor_type = "Service";
    mandate.actor_id = actor_of(source_);
    if (made.stopped) return made;
    EXPECT_TRUE(apply_plan(made, people, *registry_, mandate, [] { return Result<void>(); }));
    now_ += 1000;
    return made;
  }
  Thing group_called(const std::string& entity_id) {
    return registry_->find_by_identifier("st-mary", "group.entityId", entity_id).value();
  }
  Thing person_called(const std::string& name) {
    return registry_->find_by_identifier("st-mary", "userName", name).value();
  }
  /// Who belongs to the group now, sorted.
  Names members(const std::string& entity_id) {
    Names names;
    const Thing group = group_called(entity_id);
    const auto kept =
        relations({.relation = Relation::kMembership, .object = group.id, .not_ended_by = now_});
    for (const KeptRelation& each : kept) {
      const Thing member = find(each.subject);
      const char* name = member.kind == Kind::kPerson ? "userName" : "displayName";
      names.emplace_back(member.document.json().at(name).get_string());
    }
    std::ranges::sort(names);
    return names;
  }
  static std::string shown(const LdapPlan& plan) {
    std::string out;
    for (const GroupPlan& one : plan.groups) {
      out += fmt::format("{} {} +{} -{};", to_string(one.step), one.name, one.joining.size(),
                         one.leaving.size());
    }
    return out;
  }

  LdapSource source_;
  LdapReading reading_;
};
WARDLOCK_ON_EACH_DATABASE(GroupPlanTest);

TEST_P(GroupPlanTest, GroupsAreEnteredWithTheirMembersOnce) {
  add_group("Nurses", {"ada", "bo"});
  EXPECT_EQ(shown(sync()), "add Nurses +2 -0;");
  EXPECT_EQ(members("main/Nurses"), (Names{"ada", "bo"}));
  EXPECT_EQ(group_called("main/Nurses").document.json().at("displayName").get_string(), "Nurses");
  EXPECT_EQ(shown(sync()), "");
}

TEST_P(GroupPlanTest, WithoutTheSettingThereAreNone) {
  source_.enters_groups = false;
  add_group("Nurses", {"ada"});
  EXPECT_EQ(shown(sync()), "");
}

TEST_P(GroupPlanTest, OnlyWhoCameOrWentIsChanged) {
  add_group("Nurses", {"ada", "bo"});
  sync();
  const auto before = relations({.subject = person_called("bo").id, .not_ended_by = now_});
  add_group("Nurses", {"bo", "cy"});
  const LdapPlan moved = sync();
  EXPECT_EQ(shown(moved), "change Nurses +1 -1;");
  EXPECT_EQ(moved.groups[0].leaving[0].name, "ada");
  EXPECT_EQ(members("main/Nurses"), (Names{"bo", "cy"}));
  const auto after = relations({.subject = person_called("bo").id, .not_ended_by = now_});
  ASSERT_EQ(after.size(), 1U);
  EXPECT_EQ(after[0].id, before[0].id);
}

TEST_P(GroupPlanTest, GroupsBelongToGroups) {
  add_group("Staff", {"cy"}, {"Nurses"});
  add_group("Nurses", {"ada"});
  sync();
  EXPECT_EQ(members("main/Staff"), (Names{"Nurses", "cy"}));
  EXPECT_EQ(shown(sync()), "");
  add_group("Staff", {"cy"});
  EXPECT_EQ(shown(sync()), "change Staff +0 -1;");
  EXPECT_EQ(members("main/Staff"), Names{"cy"});
}

TEST_P(GroupPlanTest, OfACircleOneMembershipIsLeftOutAndTold) {
  add_group("a", {"ada"}, {"b"});
  add_group("b", {"bo"}, {"a", "b"});
  const LdapPlan made = sync();
  EXPECT_TRUE(made.faults.empty()) << made.faults[0].message;
  EXPECT_EQ(made.notes.size(), 2U) << "and b in itself";
  EXPECT_EQ(members("main/a"), (Names{"ada", "b"}));
  EXPECT_EQ(members("main/b"), Names{"bo"});
  EXPECT_EQ(shown(sync()), "");
}

TEST_P(GroupPlanTest, WhoLeavesLeavesTheGroup) {
  add_group("Nurses", {"ada", "bo"});
  sync();
  reading_.accounts.erase(id("ada"));
  reading_.ids_by_dn.erase("uid=ada");
  reading_.groups.at(id("Nurses")).people.erase(id("ada"));
  EXPECT_TRUE(sync().faults.empty());
  EXPECT_EQ(members("main/Nurses"), Names{"bo"});
  add_person("ada");
  add_group("Nurses", {"ada", "bo"});
  sync();
  EXPECT_EQ(members("main/Nurses"), (Names{"ada", "bo"})) << "who comes back";
}

TEST_P(GroupPlanTest, MembersOfOthersStay) {
  add_group("Nurses", {"ada"});
  sync();
  relate({.relation = Relation::kMembership,
          .subject = person_called("bo").id,
          .object = group_called("main/Nurses").id});
  EXPECT_EQ(shown(sync()), "");
  add_group("Nurses", {"ada", "bo"});
  EXPECT_EQ(shown(sync()), "") << "there already";
  EXPECT_EQ(members("main/Nurses"), (Names{"ada", "bo"}));
}

TEST_P(GroupPlanTest, ThatAreGoneCloseAndComeBack) {
  add_group("Nurses", {"ada"});
  sync();
  const LdapReading::Group nurses = reading_.groups.at(id("Nurses"));
  reading_.groups.clear();
  EXPECT_EQ(shown(sync()), "close Nurses +0 -0;");
  EXPECT_EQ(group_called("main/Nurses").state, "closed");
  EXPECT_EQ(members("main/Nurses"), Names{});
  EXPECT_EQ(shown(sync()), "");
  reading_.groups[id("Nurses")] = nurses;
  EXPECT_EQ(shown(sync()), "reopen Nurses +1 -0;");
  EXPECT_EQ(group_called("main/Nurses").state, "active");
  EXPECT_EQ(members("main/Nurses"), Names{"ada"});
  EXPECT_EQ(shown(sync()), "");
}

TEST_P(GroupPlanTest, ThatSomebodyClosedStayClosed) {
  add_group("Nurses", {"ada"});
  add_group("Staff", {}, {"Nurses"});
  sync();
  write([&](Edit& edit) -> Result<void> {
    TRY(edit.set_state(group_called("main/Nurses").id, std::nullopt, "closed"));
    return {};
  });
  now_ += 1000;
  const LdapPlan made = sync();
  EXPECT_EQ(shown(made), "");
  EXPECT_TRUE(made.faults.empty());
  EXPECT_EQ(made.notes.size(), 1U);
}

TEST_P(GroupPlanTest, AnotherOneOfTheSameNameIsRefused) {
  add_group("Nurses", {"ada"});
  sync();
  LdapReading::Group nurses = reading_.groups.at(id("Nurses"));
  reading_.groups.clear();
  reading_.groups[id("other")] = nurses;
  const LdapPlan made = sync();
  ASSERT_EQ(made.faults.size(), 1U);
  EXPECT_EQ(made.faults[0].whom, "cn=Nurses");
  EXPECT_TRUE(made.faults[0].is_of_group);
  EXPECT_EQ(group_called("main/Nurses").state, "closed");
}

TEST_P(GroupPlanTest, WhatIsRenamedThereKeepsItsIdForPolicies) {
  add_group("Nurses", {"ada"});
  sync();
  reading_.groups.at(id("Nurses")).name = "Nursing staff";
  EXPECT_EQ(shown(sync()), "change Nursing staff +0 -0;");
  EXPECT_EQ(group_called("main/Nurses").document.json().at("displayName").get_string(),
            "Nursing staff");
}

TEST_P(GroupPlanTest, OneWithoutAUsableNameIsAFaultOfThatOneAlone) {
  add_group("x", {"ada"}).name = "";
  add_group("y", {"ada"}).name = "a\nb";
  add_group("z", {"ada"});
  const LdapPlan made = sync();
  EXPECT_EQ(shown(made), "add z +1 -0;");
  EXPECT_EQ(made.faults.size(), 2U);
}

TEST_P(GroupPlanTest, NobodyComesToAdministerWardlockByAnotherDirectory) {
  write([&](Edit& edit) { return edit.enter_control_plane_roles(); });
  add_group("Admins", {"ada"});
  add_group("Inner", {}, {});
  reading_.groups.at(id("Admins")).groups.insert(id("Inner"));
  sync();
  relate(
      {.relation = Relation::kRoleAssignment,
       .subject = group_called("main/Admins").id,
       .object =
           registry_->find_by_identifier("st-mary", "role.displayName", "Wardlock::SecurityOfficer")
               .value()
               .id});
  add_group("Admins", {"ada", "bo"}, {"Inner"});
  add_group("Inner", {"cy"});
  const LdapPlan made = sync();
  EXPECT_EQ(made.faults.size(), 2U) << "also over a group in it";
  EXPECT_EQ(members("main/Admins"), (Names{"Inner", "ada"}));
  EXPECT_EQ(members("main/Inner"), Names{});
  add_group("Admins", {}, {"Inner"});
  sync();
  EXPECT_EQ(members("main/Admins"), Names{"Inner"}) << "who is to go goes";
}

TEST_P(GroupPlanTest, ARoleInWardlockGivenMeanwhileCounts) {
  write([&](Edit& edit) { return edit.enter_control_plane_roles(); });
  add_group("Admins", {});
  sync();
  add_group("Admins", {"ada"});
  const auto people = read_people_of(source_, *registry_, now_).value();
  LdapPlan made = make_plan(source_, reading_, people, std::chrono::year(2027));
  relate(
      {.relation = Relation::kRoleAssignment,
       .subject = group_called("main/Admins").id,
       .object =
           registry_->find_by_identifier("st-mary", "role.displayName", "Wardlock::SecurityOfficer")
               .value()
               .id});
  ASSERT_TRUE(apply_plan(made, people, *registry_, mandate_, [] { return Result<void>(); }));
  EXPECT_EQ(made.faults.size(), 1U);
  EXPECT_EQ(members("main/Admins"), Names{});
}

TEST_P(GroupPlanTest, TooManyThatWouldCloseStopIt) {
  for (const char* name : {"a", "b", "c", "d"}) add_group(name, {"ada"});
  sync();
  source_.most_leaving_percent = 30;
  reading_.groups.erase(id("a"));
  EXPECT_FALSE(plan().stopped) << "one may always";
  reading_.groups.erase(id("b"));
  ASSERT_TRUE(plan().stopped);
  EXPECT_TRUE(plan().stopped->contains("2 of 4 groups")) << *plan().stopped;
  source_.most_leaving_percent = 50;
  EXPECT_FALSE(plan().stopped);
}

TEST_P(GroupPlanTest, ManagersAreWhoTheyAreHereEvenWhereTheyAreNewToo) {
  add_person("ada", "zoe");
  add_person("bo", "nobody");
  add_person("zoe");
  const LdapPlan made = sync();
  EXPECT_TRUE(made.faults.empty());
  ASSERT_EQ(made.notes.size(), 1U);
  EXPECT_TRUE(made.notes[0].starts_with("1 people have a manager who is not here"));
  const auto manager = [this](const std::string& name) {
    const Thing person = person_called(name);
    const codec::Json* id = person.document.json().if_contains("manager");
    return id == nullptr ? "" : std::string(id->get_string());
  };
  EXPECT_EQ(manager("ada"), person_called("zoe").id);
  EXPECT_EQ(manager("bo"), "");
  add_person("ada", "bo");
  EXPECT_EQ(sync().people.size(), 1U);
  EXPECT_EQ(manager("ada"), person_called("bo").id);
  add_person("ada");
  sync();
  EXPECT_EQ(manager("ada"), "");
}

TEST_P(GroupPlanTest, AManagerWhoseAccountIsDisabledAndNotHereIsLeftOut) {
  add_person("ada", "zoe");
  add_person("zoe");
  reading_.accounts.at(id("zoe")).is_disabled = true;
  sync();
  EXPECT_TRUE(sync().people.empty()) << "nothing is left to do";
}

}  // namespace
}  // namespace wardlock::directory
