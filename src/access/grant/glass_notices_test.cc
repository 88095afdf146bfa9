#include <algorithm>
#include <string>
#include <vector>

#include "access/grant/glass_for_test.h"
#include "authn/message/tables.h"

namespace wardlock::access {
namespace {

using authn::About;
using directory::Relation;

/// Who is told of a broken glass, on each kind of database.
class GlassNoticesTest : public GlassForTest {
 protected:
  GlassNoticesTest() : GlassForTest({authn::kMessageTables}) {
    write([](directory::Edit& edit) { return edit.enter_control_plane_roles(); });
    glass_.messages = &messages_;
  }

  void link(Relation relation, const Thing& subject, const Thing& object) {
    write([&](directory::Edit& edit) -> Result<void> {
      directory::NewRelation made{.relation = relation, .subject = subject.id, .object = object.id};
      if (relation == Relation::kCare) {
        made.attributes = boost::json::object{{directory::kCareType, "treating"}};
      }
      TRY(edit.relate(made));
      return {};
    });
  }
  void give(const Thing& person, std::string_view role) {
    link(Relation::kRoleAssignment, person,
         must(registry_->find_by_identifier(mandate_.tenant, "role.displayName", role)));
  }
  std::vector<authn::Message> due() {
    must(desk_->tell_opened(mandate_.tenant, [] { return true; }));
    return must(messages_.due(authn::MessageKind::kNotice, 500));
  }
  /// Whom it is told, in order.
  std::vector<std::string> told(About about) {
    std::vector<std::string> people;
    for (const authn::Message& each : due()) {
      if (each.about == about) people.push_back(each.person);
    }
    std::ranges::sort(people);
    return people;
  }
  static std::vector<std::string> ids(std::vector<std::string> some) {
    std::ranges::sort(some);
    return some;
  }

  authn::Messages messages_{*store_, surroundings_, {.has_notices = true}};
  const Thing grey_ = person("grey");
  const Thing bailey_ = person("bailey");
};
INSTANTIATE_TEST_SUITE_P(Each, GlassNoticesTest, testing::ValuesIn(tested_databases()), name_of);

TEST_P(GlassNoticesTest, TheTeamAndTheSecurityOfficersAreTold) {
  const Thing gone = person("gone");
  link(Relation::kCare, grey_, lind_);
  link(Relation::kCare, swift_, lind_);  // who breaks it
  link(Relation::kCare, gone, lind_);
  link(Relation::kCare, person("elsewhere"), patient("MR-201"));
  give(bailey_, "Wardlock::SecurityOfficer");
  set_state(gone, "suspended");
  const GlassGrant grant = open_glass(swift_, lind_);
  EXPECT_EQ(told(About::kGlassBroken), ids({grey_.id, bailey_.id}));
  EXPECT_TRUE(told(About::kGlassBrokenForYou).empty());
  const auto all = due();
  ASSERT_FALSE(all.empty());
  EXPECT_EQ(
      all.front().details,
      (authn::MessageDetails{.happened_ms = now_, .expires_ms = grant.expires_ms, .of = grant.id}));
}

TEST_P(GlassNoticesTest, ThePatientIsToldWhereThatIsSo) {
  glass_.rules.tells = {.team = false, .roles = {}, .patient = true};
  link(Relation::kCare, grey_, lind_);
  open_glass(swift_, lind_);
  EXPECT_TRUE(told(About::kGlassBroken).empty());
  EXPECT_EQ(told(About::kGlassBrokenForYou), ids({lind_.id}));
}

TEST_P(GlassNoticesTest, ADevicesTeamIsItsPatientsAndItsOwner) {
  const Thing pump = device(device_model(organisation("acme")), "SN-7");
  set_state(pump, "commissioned");
  set_state(pump, "inService");
  link(Relation::kOwner, pump, bailey_);
  link(Relation::kDeviceAssignment, pump, lind_);
  link(Relation::kCare, grey_, lind_);
  open_glass(swift_, pump);
  EXPECT_EQ(told(About::kGlassBroken), ids({grey_.id, bailey_.id}));
}

TEST_P(GlassNoticesTest, ItsPersonIsToldOfTheEndOnce) {
  const GlassGrant grant = open_glass(swift_, lind_);
  now_ = grant.expires_ms - kGlassMinute;
  EXPECT_EQ(tend().warned, 1U);
  tend();
  EXPECT_EQ(told(About::kGlassEnds), ids({swift_.id}));
}

TEST_P(GlassNoticesTest, WhatIsNotOpenedIsNotTold) {
  link(Relation::kCare, grey_, lind_);
  EXPECT_FALSE(desk_->open(by(swift_), proof(), lind_.id, {.reason = "curiosity", .words = "x"}));
  EXPECT_TRUE(due().empty());
  const GlassGrant grant = open_glass(swift_, lind_);
  const std::size_t before = due().size();
  open_glass(swift_, lind_);  // renewed
  EXPECT_EQ(due().size(), before);
  EXPECT_EQ(kept(grant).id, grant.id);
}

TEST_P(GlassNoticesTest, ACrowdIsNotWaitedFor) {
  constexpr int kMany = 230;
  for (int i = 0; i < kMany; ++i) link(Relation::kCare, person("p" + std::to_string(i)), lind_);
  open_glass(swift_, lind_);
  EXPECT_EQ(told(About::kGlassBroken).size(), 200U);
  give(bailey_, "Wardlock::SecurityOfficer");
  open_glass(grey_, lind_);
  const auto all = told(About::kGlassBroken);
  EXPECT_EQ(all.size(), 200U + 200U + 1U);
  EXPECT_EQ(std::ranges::count(all, bailey_.id), 1) << "roles come first";
}

}  // namespace
}  // namespace wardlock::access
