#include "directory/feed/projection.h"

#include <gtest/gtest.h>

#include "directory/feed/seen_for_test.h"

namespace wardlock::directory {
namespace {

class ProjectionTest : public SeenForTest {
 protected:
  Thing hospital(const std::string& code, const std::string& more = "") {
    return organisation(code, R"(,"entityType":"Hospital")" + more);
  }
  Thing manufacturer(const std::string& code) {
    return create(Kind::kOrganisation,
                  R"({"displayName":"M","organisationType":"manufacturer","code":")" + code +
                      R"(","entityType":"Manufacturer"})");
  }
  Thing pump_model(const Thing& manufacturer, const std::string& more = "") {
    return create(Kind::kDeviceModel,
                  R"({"displayName":"P4 pump","modelNumber":"P4","entityType":"Pump",)"
                  R"("manufacturer":")" +
                      manufacturer.id + "\"" + more + "}");
  }
  Thing pump(const Thing& model, const std::string& id, const std::string& more = "",
             std::string_view state = "inService") {
    return create(Kind::kDevice,
                  R"({"serialNumber":"S-)" + id + R"(","entityId":")" + id + R"(","model":")" +
                      model.id + "\"" + more + "}",
                  state);
  }
  Thing team(const std::string& id, const std::string& type = "Team") {
    return create(Kind::kGroup,
                  R"({"displayName":"T","entityType":")" + type + R"(","entityId":")" + id + "\"}");
  }
};
WARDLOCK_ON_EACH_DATABASE(ProjectionTest);

TEST_P(ProjectionTest, APersonHasAttributesRelationsAndParents) {
  const Thing mary = hospital("mary");
  const Thing cardiology = ward("cardiology", mary);
  const Thing grey =
      user("grey", R"(,"displayName":"Ada Grey","contractUntil":"2030-01-01T00:00:00Z",)"
                   R"("facts":[{"name":"mayDose","boolean":true}])");
  assign(grey, role("Physician"));
  relate({.relation = Relation::kEmployment,
          .subject = grey.id,
          .object = mary.id,
          .scope = cardiology.id,
          .attributes = json(R"({"employmentType":"employee"})")});
  load();
  EXPECT_EQ(seen("User", "grey"),
            R"(User::"grey" {contractUntil: datetime("2030-01-01T00:00:00.000Z"), )"
            R"(hospital: Hospital::"mary", mayDose: true, name: "Ada Grey", scopedRoles: [], )"
            R"(ward: Ward::"cardiology"} in [Hospital::"mary", Role::"Physician", )"
            R"(Ward::"cardiology"])");
  EXPECT_EQ(seen("Ward", "cardiology"), R"(Ward::"cardiology" {name: "W"} in [Hospital::"mary"])");
  EXPECT_EQ(why_hidden(grey), "");
}

TEST_P(ProjectionTest, FactsBecomeWhatTheSchemaSays) {
  hospital("mary", R"(,"facts":[{"name":"supportNetwork","text":"10.20.0.0/16"},)"
                   R"({"name":"dayBegins","text":"7h"},{"name":"unasked","text":"x"}])");
  load();
  EXPECT_EQ(seen("Hospital", "mary"),
            R"(Hospital::"mary" {dayBegins: duration("25200000ms"), name: "X", )"
            R"(supportNetwork: ip("10.20.0.0/16")} in [])");
}

TEST_P(ProjectionTest, AFactOfAnotherTypeHides) {
  const Thing mary = hospital("mary", R"(,"facts":[{"name":"supportNetwork","text":"10.20/16"}])");
  const Thing other = hospital("other", R"(,"facts":[{"name":"dayBegins","integer":7}])");
  load();
  EXPECT_EQ(seen("Hospital", "mary"), "");
  EXPECT_EQ(why_hidden(mary),
            "its `supportNetwork` is not of the type that the policies' schema says: ipaddr");
  EXPECT_EQ(seen("Hospital", "other"), "");
  EXPECT_EQ(feed_->hidden_count(), 2);
}

TEST_P(ProjectionTest, ADeviceShowsWhatItsModelHas) {
  const Thing maker = manufacturer("meridian");
  const Thing model = pump_model(maker, R"(,"facts":[{"name":"maxRate","integer":120}])");
  const Thing mary = hospital("mary");
  const Thing icu = ward("icu", mary);
  const Thing p4 = pump(model, "pump-7", R"(,"organisation":")" + mary.id + "\"");
  const Thing own = pump(model, "pump-8", R"(,"facts":[{"name":"maxRate","integer":60}])");
  const Thing patient = patient_known_as("p-1");
  relate({.relation = Relation::kDeviceLocation, .subject = p4.id, .object = icu.id});
  relate({.relation = Relation::kDeviceAssignment, .subject = p4.id, .object = patient.id});
  load();
  EXPECT_EQ(seen("Pump", "pump-7"),
            R"(Pump::"pump-7" {hospital: Hospital::"mary", inService: true, )"
            R"(manufacturer: Manufacturer::"meridian", maxRate: 120, model: "P4 pump", )"
            R"(patient: Patient::"p-1", serial: "S-pump-7"} in [Hospital::"mary", )"
            R"(Patient::"p-1", Ward::"icu"])");
  EXPECT_TRUE(seen("Pump", "pump-8").contains("maxRate: 60")) << "its own comes first";
}

TEST_P(ProjectionTest, ADeviceOutOfServiceIsSeenOnlyWherePoliciesCanTell) {
  const Thing maker = manufacturer("meridian");
  const Thing model = pump_model(maker);
  const Thing scanner =
      create(Kind::kDeviceModel, R"({"displayName":"S","modelNumber":"S","entityType":"Scanner",)"
                                 R"("manufacturer":")" +
                                     maker.id + "\"}");
  const Thing kept = pump(model, "kept-apart");
  const Thing gone = pump(model, "gone");
  const Thing made = pump(model, "made", "", "manufactured");
  const Thing scans = pump(scanner, "scans");
  const Thing idle = pump(scanner, "idle", "", "commissioned");
  set_state(kept, "quarantined");
  set_state(gone, "retired");
  load();
  EXPECT_TRUE(seen("Pump", "kept-apart").contains("inService: false"));
  EXPECT_EQ(seen("Pump", "gone"), "");
  EXPECT_EQ(why_hidden(gone), "it is `retired`");
  EXPECT_EQ(seen("Pump", "made"), "");
  EXPECT_NE(seen("Scanner", "scans"), "");
  EXPECT_EQ(seen("Scanner", "idle"), "") << "no policy could tell that it is not in service";
  EXPECT_EQ(why_hidden(idle), "it is `commissioned`");
}

TEST_P(ProjectionTest, ThoseWhoAreNotInForceAreNowhere) {
  const Thing grey = user("grey");
  const Thing stone = user("stone");
  const Thing left = user("left");
  const Thing patient = patient_known_as("p-1");
  for (const Thing& person : {grey, stone, left}) care(person, patient, "treating");
  set_state(stone, "suspended");
  set_state(left, "left");
  load();
  EXPECT_EQ(seen("User", "stone"), "");
  EXPECT_EQ(seen("User", "left"), "");
  EXPECT_TRUE(seen("Patient", "p-1").contains(R"(careTeam: [User::"grey"])"))
      << seen("Patient", "p-1");
}

TEST_P(ProjectionTest, AnExceptionIsATagAndNoCareTeam) {
  const Thing grey = user("grey");
  const Thing patient = patient_known_as("p-1");
  const Thing endless = patient_known_as("p-2");
  care(grey, patient, "exception", 4'102'444'800'000);
  care(grey, endless, "exception");
  load();
  EXPECT_TRUE(seen("Patient", "p-1").contains("careTeam: []"));
  EXPECT_TRUE(
      seen("User", "grey")
          .ends_with(
              R"( tags {MR-p-1: {reason: "as agreed", until: datetime("2100-01-01T00:00:00.000Z")}})"))
      << seen("User", "grey");
}

TEST_P(ProjectionTest, ARoleInOnePlaceIsNoRoleEverywhere) {
  const Thing mary = hospital("mary");
  const Thing icu = ward("icu", mary);
  const Thing grey = user("grey");
  const Thing physician = role("Physician");
  relate({.relation = Relation::kRoleAssignment,
          .subject = grey.id,
          .object = physician.id,
          .scope = icu.id});
  relate({.relation = Relation::kRoleAssignment,
          .subject = grey.id,
          .object = role("Nurse").id,
          .scope = mary.id});
  load();
  EXPECT_EQ(seen("User", "grey"),
            R"(User::"grey" {scopedRoles: [{role: Role::"Physician", scope: Ward::"icu"}]} in [])");
}

TEST_P(ProjectionTest, RolesReachMembersOfGroupsAndThoseWhoInheritThem) {
  const Thing physician = role("Physician");
  const Thing clinician = role("Clinician");
  relate({.relation = Relation::kRoleInheritance, .subject = physician.id, .object = clinician.id});
  const Thing night = team("night");
  assign(night, physician);
  const Thing grey = user("grey");
  relate({.relation = Relation::kMembership, .subject = grey.id, .object = night.id});
  load();
  EXPECT_EQ(seen("User", "grey"), R"(User::"grey" {scopedRoles: []} in [Team::"night"])");
  const cedar::EntityUid uid{"User", "grey", cedar::hash_uid("User", "grey")};
  const cedar::EntityUid group{"Role", "Clinician", cedar::hash_uid("Role", "Clinician")};
  EXPECT_TRUE(feed_->entities().find(uid)->has_ancestor(group));
}

TEST_P(ProjectionTest, NobodyTakesTheTypeOfAnotherKind) {
  const Thing physician = team("Physician", "Role");
  const Thing fake_user = team("grey", "User");
  const Thing grant = team("g", "Wardlock::Grant");
  const Thing action = team("view", "Action");
  const Thing grey = user("grey");
  relate({.relation = Relation::kMembership, .subject = grey.id, .object = physician.id});
  load();
  EXPECT_EQ(seen("Role", "Physician"), "");
  EXPECT_EQ(seen("User", "grey"), R"(User::"grey" {scopedRoles: []} in [])");
  EXPECT_EQ(why_hidden(physician), "`Role` is the type of roles; choose another `entityType`");
  EXPECT_EQ(why_hidden(grant),
            "`Wardlock::Grant` is no type for a thing; choose another `entityType`");
  EXPECT_NE(why_hidden(action), "");
  EXPECT_NE(why_hidden(fake_user), "");
}

TEST_P(ProjectionTest, OfTwoWithOneNameTheFirstIsSeen) {
  const Thing mary = hospital("mary");
  const Thing impostor = team("mary", "Hospital");
  const Thing grey = user("grey");
  relate({.relation = Relation::kMembership, .subject = grey.id, .object = impostor.id});
  load();
  EXPECT_EQ(seen("Hospital", "mary"), R"(Hospital::"mary" {name: "X"} in [])");
  EXPECT_EQ(seen("User", "grey"), R"(User::"grey" {scopedRoles: []} in [])");
  EXPECT_TRUE(why_hidden(impostor).contains("is another thing's; of two"));
  EXPECT_EQ(feed_->hidden_count(), 1);
}

TEST_P(ProjectionTest, RolesOfWardlockItselfAreNotSeen) {
  write([](Edit& edit) { return edit.enter_control_plane_roles(); });
  const auto administrator =
      registry_->find_by_identifier(mandate_.tenant, "role.displayName", "Wardlock::Administrator");
  ASSERT_TRUE(administrator);
  const Thing grey = user("grey");
  assign(grey, *administrator);
  load();
  EXPECT_EQ(seen("Role", "Wardlock::Administrator"), "");
  EXPECT_EQ(seen("User", "grey"), R"(User::"grey" {scopedRoles: []} in [])");
  EXPECT_TRUE(why_hidden(*administrator).contains("a role in Wardlock itself"));
  EXPECT_EQ(feed_->hidden_count(), 0);
}

TEST_P(ProjectionTest, WhatTheSchemaRequiresAndIsMissingHides) {
  const Thing bare = create(Kind::kPatient, R"({"recordNumber":"MR-1"})");
  load();
  EXPECT_EQ(seen("Patient", bare.id), "");
  EXPECT_EQ(feed_->hidden_count(), 1);
  EXPECT_EQ(feed_->hidden().front().id, bare.id);
  EXPECT_EQ(feed_->hidden().front().kind, "patient");
  EXPECT_TRUE(why_hidden(bare).ends_with("isConfidential: this required attribute is missing"))
      << why_hidden(bare);
}

TEST_P(ProjectionTest, WhatIsKeptUnderAnotherNameIsToldWithBoth) {
  schema_text_.replace(schema_text_.find("name?: String"), 13, "displayName: String");
  const Thing kim = user("kim", R"(,"displayName":"Kim")");
  load();
  EXPECT_TRUE(
      why_hidden(kim).ends_with("displayName: this required attribute is missing; "
                                "`displayName` of people is `name` in policies"))
      << why_hidden(kim);
}

TEST_P(ProjectionTest, WhoIsHiddenIsHiddenFromOthersToo) {
  schema_text_.replace(schema_text_.find("name?: String"), 13, "name: String");
  const Thing nameless = user("nameless");
  const Thing patient = patient_known_as("p-1");
  care(nameless, patient, "treating");
  const Thing maker = create(
      Kind::kOrganisation,
      R"({"displayName":"M","organisationType":"manufacturer","code":"m","entityType":"Hospital"})");
  const Thing orphan = pump(pump_model(maker), "orphan");
  load();
  EXPECT_TRUE(seen("Patient", "p-1").contains("careTeam: []")) << seen("Patient", "p-1");
  EXPECT_TRUE(why_hidden(orphan).contains("manufacturer: this required attribute is missing"));
}

TEST_P(ProjectionTest, TypesOfTheFileAreTheFilesAlone) {
  file_ = R"([{"uid":{"type":"Team","id":"day"},"attrs":{},"parents":[]},
              {"uid":{"type":"LabReport","id":"l-1"},"attrs":{},
               "parents":[{"type":"Patient","id":"p-1"}]}])";
  const Thing night = team("night");
  const Thing grey = user("grey");
  relate({.relation = Relation::kMembership, .subject = grey.id, .object = night.id});
  patient_known_as("p-1");
  load();
  EXPECT_NE(seen("Team", "day"), "");
  EXPECT_EQ(seen("Team", "night"), "");
  EXPECT_EQ(seen("User", "grey"), R"(User::"grey" {scopedRoles: []} in [])");
  EXPECT_EQ(seen("LabReport", "l-1"), R"(LabReport::"l-1" {} in [Patient::"p-1"])");
  ASSERT_EQ(feed_->warnings().size(), 1);
  EXPECT_TRUE(feed_->warnings().front().contains("`Team`"));
  EXPECT_EQ(feed_->hidden_count(), 0);
  EXPECT_TRUE(why_hidden(night).contains("the tenant's file"));
}

TEST_P(ProjectionTest, PeopleAreKnownAsTheConfigurationSays) {
  ASSERT_TRUE(add_known_by(known_by_, "person", "userName"));
  const Thing grey = person("grey");
  const Thing other = person("stone", R"(,"entityId":"s-1")");
  load();
  EXPECT_NE(seen("User", "grey"), "");
  EXPECT_EQ(seen("User", grey.id), "");
  EXPECT_NE(seen("User", "s-1"), "") << "entityId comes first";
  known_by_.clear();
  load();
  EXPECT_NE(seen("User", grey.id), "") << "its id here, where nothing else is said";
}

TEST_P(ProjectionTest, WhoCannotBeToldApartIsNoName) {
  KnownBy known_by;
  for (const auto& [kind, attribute] : {std::pair("people", "userName"),
                                        {"person", "displayName"},
                                        {"person", "nothing"},
                                        {"person", "emails"},
                                        {"device", "macAddresses"},
                                        {"device", "serialNumber"},
                                        {"role", "displayName"},
                                        {"person", ""},
                                        {"", "userName"}}) {
    EXPECT_FALSE(add_known_by(known_by, kind, attribute)) << kind << "." << attribute;
  }
  EXPECT_TRUE(known_by.empty());
  EXPECT_TRUE(add_known_by(known_by, "device", "assetTag"));
}

TEST_P(ProjectionTest, AServiceNobodyAnswersForStandsStill) {
  const Thing mary = hospital("mary");
  const Thing grey = user("grey");
  const Thing gateway =
      create(Kind::kService, R"({"clientId":"gw","displayName":"G","purpose":"P","entityId":"gw",)"
                             R"("organisation":")" +
                                 mary.id + "\"}");
  const KeptRelation owner =
      relate({.relation = Relation::kOwner, .subject = gateway.id, .object = grey.id});
  set_state(gateway, "active");
  load();
  EXPECT_EQ(seen("Service", "gw"),
            R"(Service::"gw" {hospital: Hospital::"mary"} in [Hospital::"mary"])");
  end(owner);
  load();
  EXPECT_EQ(seen("Service", "gw"), "");
  EXPECT_EQ(why_hidden(gateway), "nobody answers for it: give it an owner");
}

TEST_P(ProjectionTest, AnotherTenantsThingsAreNotThere) {
  const Thing grey = user("grey");
  mandate_.tenant = "riverside";
  const Thing other = user("stone");
  mandate_.tenant = "st-mary";
  load();
  EXPECT_NE(seen("User", "grey"), "");
  EXPECT_EQ(seen("User", "stone"), "");
  const auto explained = feed_->explain(other.id, now_);
  ASSERT_FALSE(explained);
  EXPECT_EQ(explained.error().code, ErrorCode::kNotFound);
  for (const std::string_view id : {"", "grey", "0199b2e0", "../etc"}) {
    EXPECT_EQ(feed_->explain(id, now_).error().code, ErrorCode::kNotFound) << id;
  }
}

TEST_P(ProjectionTest, AnEntityIsExplainedAsJson) {
  const Thing grey = user("grey", R"(,"displayName":"Ada")");
  assign(grey, role("Physician"));
  load();
  const auto explained = feed_->explain(grey.id, now_);
  ASSERT_TRUE(explained);
  EXPECT_EQ(explained->entity,
            R"({"uid":{"type":"User","id":"grey"},"attrs":{"name":"Ada","scopedRoles":[]},)"
            R"("parents":[{"type":"Role","id":"Physician"}]})");
}

}  // namespace
}  // namespace wardlock::directory
