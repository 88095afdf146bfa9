#include "api/admin/changes.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "api/admin/admin_for_test.h"
#include "api/admin/operations.h"

namespace wardlock::admin {
namespace {

using directory::Kind;
using directory::Thing;

class ChangesTest : public AdminForTest {
 protected:
  std::string kinds(const Answer& answer) {
    std::string out;
    for (std::size_t i = 0; i < answer.count("changes"); ++i) {
      out += answer.at(fmt::format("changes.{}.what", i)) + " " +
             answer.at(fmt::format("changes.{}.kind", i)) + ";";
    }
    return out;
  }
};
WARDLOCK_ON_EACH_DATABASE(ChangesTest);

TEST_P(ChangesTest, ACopyFollows) {
  const Thing kim = person("kim");
  const Thing nurses = group("Nurses");
  relate({.relation = directory::Relation::kMembership, .subject = kim.id, .object = nurses.id});
  const Answer first = get("changes?count=2");
  EXPECT_EQ(kinds(first), "created person;created group;");
  EXPECT_EQ(first.at("changes.0.after.document.userName"), "kim");
  EXPECT_EQ(first.at("isLast"), "false");
  const Answer second = get("changes?after=" + first.at("next"));
  EXPECT_EQ(kinds(second), "related membership;");
  EXPECT_EQ(second.at("isLast"), "true");
  const Answer none = get("changes?after=" + second.at("next"));
  EXPECT_EQ(none.count("changes"), 0U);
  EXPECT_EQ(none.at("next"), second.at("next"));
  EXPECT_EQ(get("changes?after=99").status, 400);
  EXPECT_EQ(get("changes?after=x").status, 400);
  EXPECT_EQ(get("changes?after=").status, 400);
  EXPECT_EQ(get("changes?sensitive=").status, 400);
  EXPECT_EQ(get("changes?kind=persn").status, 400);
  for (const char* path : {"changes?kind=", "relations?kind=", "review?kind=", "export?kind="}) {
    EXPECT_EQ(get(path).status, 400) << path << ": whoever means all leaves it out";
  }
  write([&](directory::Edit& edit) { return edit.remove(kim.id, std::nullopt); });
  const Answer gone = get("changes?kind=person&after=" + second.at("next"));
  EXPECT_EQ(kinds(gone), "removed person;");
  EXPECT_EQ(gone.at("changes.0.after"), "null");
}

TEST_P(ChangesTest, TellsOfTheKindsAskedForThatMayBeTakenAway) {
  const Thing pump = device(device_model(organisation("ACME")), "SN-1");
  patient("P-1");
  EXPECT_EQ(kinds(get("changes?kind=device&kind=deviceModel")),
            "created deviceModel;created device;");
  gate_.denies = {"export all patient"};
  EXPECT_EQ(get("changes").status, 403);
  EXPECT_EQ(get("changes?kind=patient").status, 403);
  EXPECT_EQ(get("changes?kind=deviceAssignment").status, 403) << "it names patients";
  EXPECT_EQ(get("changes?kind=device").status, 200);
  gate_.denies = {"export all person"};
  EXPECT_EQ(get("changes?kind=credential").status, 403);
}

TEST_P(ChangesTest, WithholdsWhatIsSensitive) {
  create(Kind::kPatient, R"({"recordNumber":"P-1","isConfidential":true})");
  EXPECT_FALSE(codec::to_json_text(get("changes").body).contains("isConfidential"));
  EXPECT_TRUE(codec::to_json_text(get("changes?sensitive=true").body).contains("isConfidential"));
  gate_.denies = {"readSensitive"};
  EXPECT_EQ(get("changes?sensitive=true").status, 403);
}

TEST_P(ChangesTest, AnotherTenantsAreNotTold) {
  person("kim");
  mandate_.tenant = "st-luke";
  person("grey");
  const Answer own = get("changes");
  EXPECT_EQ(own.count("changes"), 1U);
  EXPECT_EQ(own.at("changes.0.after.document.userName"), "grey");
  EXPECT_EQ(own.at("next"), "2") << "revisions are those of all";
}

TEST_P(ChangesTest, WhatIsForgottenIsGone) {
  person("kim");
  person("grey");
  ASSERT_TRUE(registry_->forget_changes(1));
  const Answer gone = get("changes");
  EXPECT_EQ(gone.status, 410);
  EXPECT_TRUE(gone.at("detail").contains("read the lists anew"));
  EXPECT_EQ(get("changes?after=1").count("changes"), 1U);
  ASSERT_TRUE(registry_->forget_changes(2));
  EXPECT_EQ(get("changes?after=1").status, 410);
  EXPECT_EQ(get("changes?after=2").status, 200);
}

TEST_P(ChangesTest, WhoAsksIsTold) {
  const Answer unknown = get("whoami");
  EXPECT_EQ(unknown.at("id"), "admin-1");
  EXPECT_EQ(unknown.at("thing"), "");
  const Thing kim = person("kim");
  write([](directory::Edit& edit) { return edit.enter_control_plane_roles(); });
  const auto officer =
      registry_->find_by_identifier("st-mary", "role.displayName", "Wardlock::SecurityOfficer");
  ASSERT_TRUE(officer);
  relate(
      {.relation = directory::Relation::kRoleAssignment, .subject = kim.id, .object = officer->id});
  mandate_.actor_id = kim.id;
  gate_.denies = {"read"};
  const Answer known = get("whoami");
  EXPECT_EQ(known.at("thing.attributes.userName"), "kim");
  EXPECT_EQ(known.at("roles.0"), "SecurityOfficer");
  EXPECT_EQ(get("whoami?x=1").status, 400);
}

}  // namespace
}  // namespace wardlock::admin
