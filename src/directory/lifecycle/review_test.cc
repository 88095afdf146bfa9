#include "directory/lifecycle/review.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "directory/lifecycle/review_for_test.h"

namespace wardlock::directory {
namespace {

using ReviewTest = ReviewForTest;
WARDLOCK_ON_EACH_DATABASE(ReviewTest);

using Lines = std::vector<std::string>;

TEST_P(ReviewTest, NothingIsFoundWhereAllIsWell) {
  employ(person("kim"), "employee");
  const Thing gateway = service("gateway");
  issue(gateway);
  EXPECT_EQ(all(), Lines());
}

TEST_P(ReviewTest, WhoseContractHasEnded) {
  const Thing kim = person("kim", until(now_ + kDay));
  assign(kim, role("Nurse"));
  EXPECT_EQ(all(), Lines());
  now_ += kDay;
  EXPECT_EQ(all(), (Lines{"contractEnded kim at 1d", "roleOfEnded kim Nurse at 0d"}));
  go(kim, "left");
  EXPECT_EQ(all(), Lines()) << "it ended all that was held";
}

TEST_P(ReviewTest, WhoIsEmployedNoMore) {
  const Thing kim = person("kim");
  const KeptRelation first = employ(kim, "employee");
  const KeptRelation second = employ(kim, "student");
  now_ += kDay;
  end(first);
  EXPECT_EQ(all(), Lines()) << "the other goes on";
  end(second);
  assign(kim, role("Nurse"));
  EXPECT_EQ(all(), (Lines{"employmentEnded kim at 1d", "roleOfEnded kim Nurse at 1d"}));
  go(kim, "suspended");
  EXPECT_EQ(all(), (Lines{"roleOfEnded kim Nurse at 1d"}));
}

TEST_P(ReviewTest, WhoHasMovedAndKeptARole) {
  const Thing kim = person("kim");
  const Thing nurse = role("Nurse");
  const Thing old_ward = ward("W4", hospital_);
  const KeptRelation old_place = employ(kim, "employee", &old_ward);
  const Thing new_ward = ward("W5", hospital_);
  assign(kim, nurse, &old_ward);
  assign(kim, nurse, &new_ward);
  now_ += kDay;
  employ(kim, "employee", &new_ward);
  EXPECT_EQ(all(), Lines()) << "both count";
  end(old_place);
  EXPECT_EQ(all(), (Lines{"roleOfOldPlace kim Nurse at 1d"}));
}

TEST_P(ReviewTest, WhoIsFromOutsideAndHasARoleForEver) {
  const Thing kim = person("kim");
  const Thing lee = person("lee");
  for (const Thing* each : {&kim, &lee}) assign(*each, role("Maintainer-" + each->id));
  employ(kim, "contractor");
  employ(lee, "employee");
  EXPECT_EQ(all(), (Lines{"outsiderWithoutEnd kim Maintainer-" + kim.id + " at 0d"}));
  assign(kim, role("Guest"), nullptr, now_ + kDay);
  EXPECT_EQ(all().size(), 1) << "it has an end";
}

TEST_P(ReviewTest, WhoNeverCame) {
  create(Kind::kPerson, R"({"userName":"kim"})", "invited");
  now_ += 30 * kDay - 1;
  EXPECT_EQ(all(), Lines());
  ++now_;
  EXPECT_EQ(all(), (Lines{"neverCame kim at 0d"}));
}

TEST_P(ReviewTest, WhoIsDormantIsMeasuredByCredentialsAlone) {
  person("without");
  const Thing kim = person("kim");
  const Credential one = issue(kim, 3000);
  issue(kim, 3000);
  now_ += 90 * kDay;
  EXPECT_EQ(of_kind("dormant"), (Lines{"dormant kim at 0d"})) << "who has none is not measured";
  ASSERT_TRUE(registry_->note_uses(std::vector<Registry::Use>{{one.id, now_}}));
  EXPECT_EQ(of_kind("dormant"), Lines());
  EXPECT_EQ(of_kind("credentialUnused").size(), 1) << "the other one";
  now_ += 90 * kDay;
  EXPECT_EQ(of_kind("dormant"), (Lines{"dormant kim at 90d"}));
  EXPECT_EQ(of_kind("credentialUnused").size(), 2);
}

TEST_P(ReviewTest, WhoseRightsAreToBeReviewed) {
  const Thing kim = person("kim", R"(,"rightsReviewedUntil":")" + to_time_text(now_ + kDay) + '"');
  EXPECT_EQ(all(), Lines());
  now_ += kDay;
  EXPECT_EQ(all(), (Lines{"reviewDue kim at 1d"}));
}

TEST_P(ReviewTest, WhoHasRolesThatExcludeEachOther) {
  const Thing prescriber = role("Prescriber");
  const Thing pharmacist = role("Pharmacist");
  const Thing physician = role("Physician");
  const Thing ward = group("ward");
  const Thing kim = person("kim");
  const Thing lee = person("lee");
  const Thing second = person("lee-2");
  assign(kim, pharmacist);
  assign(ward, physician);
  relate(
      {.relation = Relation::kRoleInheritance, .subject = physician.id, .object = prescriber.id});
  relate({.relation = Relation::kMembership, .subject = kim.id, .object = ward.id});
  assign(lee, pharmacist);
  assign(second, prescriber);
  now_ += kDay;
  EXPECT_EQ(all(), Lines());
  const KeptRelation exclusion =
      relate({.relation = Relation::kExclusion, .subject = prescriber.id, .object = pharmacist.id});
  EXPECT_EQ(all(), (Lines{"rolesTogether kim Prescriber at 1d"})) << "they stay, and are told of";
  end(exclusion);
  relate({.relation = Relation::kAccountOf, .subject = second.id, .object = lee.id});
  relate({.relation = Relation::kExclusion, .subject = pharmacist.id, .object = prescriber.id});
  EXPECT_EQ(all(),
            (Lines{"rolesTogether kim Prescriber at 1d", "rolesTogether lee Pharmacist at 1d",
                   "rolesTogether lee-2 Prescriber at 1d"}));
}

TEST_P(ReviewTest, PrivilegedRolesThatNobodyReviewed) {
  write([](Edit& edit) { return edit.enter_control_plane_roles(); });
  const Thing kim = person("kim");
  const Thing lee = person("lee");
  assign(kim, control_plane_role("Auditor"));
  assign(lee, control_plane_role("Auditor"));
  assign(kim, create(Kind::kRole, R"({"displayName":"Chief","isPrivileged":true})"));
  assign(kim, role("Wardlocked"));
  now_ += 90 * kDay;
  change(lee, R"({"userName":"lee","rightsReviewedUntil":")" + to_time_text(now_ + kDay) + "\"}");
  EXPECT_EQ(all(), (Lines{"privilegedUnreviewed kim Wardlock::Auditor at 0d",
                          "privilegedUnreviewed kim Chief at 0d"}));
  now_ += kDay;
  EXPECT_EQ(all().size(), 4) << "of lee the review is due, too";
}

TEST_P(ReviewTest, ServicesForWhichNobodyAnswers) {
  const Thing owner = person("owner");
  const Thing gateway = service("gateway", &owner);
  EXPECT_EQ(all(), Lines());
  now_ += kDay;
  go(owner, "suspended");
  EXPECT_EQ(all(), (Lines{"ownerInactive gateway at 1d"}));
  now_ += kDay;
  go(owner, "left");
  EXPECT_EQ(all(), (Lines{"ownerMissing gateway at 2d"}));
  relate({.relation = Relation::kOwner, .subject = gateway.id, .object = person("next").id});
  EXPECT_EQ(all(), Lines());
  go(gateway, "retired");
  EXPECT_EQ(all(), Lines());
}

TEST_P(ReviewTest, ServicesWhoseLastOwnerWillGo) {
  const Thing first = person("first", until(now_ + 20 * kDay));
  const Thing second = person("second");
  const Thing gateway = service("gateway", &first);
  EXPECT_EQ(all(), Lines());
  now_ += 6 * kDay;
  EXPECT_EQ(all(), (Lines{"ownerLeaves gateway at 20d"}));
  relate({.relation = Relation::kOwner,
          .subject = gateway.id,
          .object = second.id,
          .until_ms = now_ + 15 * kDay});
  EXPECT_EQ(all(), Lines());
  now_ += kDay;
  EXPECT_EQ(all(), (Lines{"ownerLeaves gateway at 21d"}));
}

TEST_P(ReviewTest, CredentialsThatShouldBeRenewed) {
  const Thing gateway = service("gateway");
  const Credential old = issue(gateway, 400);
  const Credential brief = issue(gateway, 10);
  EXPECT_EQ(of_kind("credentialExpires"), Lines()) << "it has a longer one";
  now_ += 365 * kDay;
  ASSERT_TRUE(registry_->note_uses(std::vector<Registry::Use>{{old.id, now_}}));
  EXPECT_EQ(all(), (Lines{"credentialOld gateway at 0d"}));
  now_ += 21 * kDay;
  EXPECT_EQ(all(), (Lines{"credentialOld gateway at 0d", "credentialExpires gateway at 400d"}));
  write([&](Edit& edit) { return edit.revoke_credential(old.id); });
  EXPECT_EQ(all(), Lines());
}

TEST_P(ReviewTest, WhatIsToBeRotated) {
  const Thing gateway = service("gateway", nullptr, rotate_before(now_ + 20 * kDay));
  issue(gateway, 15);
  now_ += 6 * kDay;
  EXPECT_EQ(of_kind("rotationDue"), Lines()) << "what it has is over by then";
  issue(gateway, 80);
  EXPECT_EQ(of_kind("rotationDue"), (Lines{"rotationDue gateway at 20d"}));
}

TEST_P(ReviewTest, DevicesKeptApart) {
  const Thing pump = device(device_model(maker_), "SN-1");
  go(pump, "commissioned");
  go(pump, "quarantined");
  now_ += 30 * kDay;
  EXPECT_EQ(all(), (Lines{"quarantined SN-1 at 0d"}));
  go(pump, "retired");
  EXPECT_EQ(all(), Lines());
}

TEST_P(ReviewTest, WhatTheGoneStillHave) {
  const Thing pump = device(device_model(maker_), "SN-1");
  const Thing place = ward("W4", hospital_);
  relate({.relation = Relation::kDeviceLocation, .subject = pump.id, .object = place.id});
  go(pump, "retired");
  EXPECT_EQ(all(), Lines());
  storage::write(*store_, "UPDATE relation SET ended = 0, valid_until_ms = NULL");
  EXPECT_EQ(all(), (Lines{"relationOfGone SN-1 W4 at 0d"}));
}

TEST_P(ReviewTest, PagesLeaveNothingOut) {
  for (int i = 0; i < 7; ++i) {
    create(Kind::kPerson, fmt::format(R"({{"userName":"invited-{}"}})", i), "invited");
    const Thing gone = person(fmt::format("gone-{}", i), until(now_ + kDay));
    assign(gone, role(fmt::format("Role-{}", i)));
  }
  now_ += 40 * kDay;
  const Lines whole = all();
  EXPECT_EQ(whole.size(), 21);
  for (const std::size_t count : {1, 3, 7, 20, 21, 22}) EXPECT_EQ(all(count), whole) << count;
  EXPECT_EQ(counts(), (Lines{"contractEnded 7", "roleOfEnded 7", "neverCame 7"}));
}

TEST_P(ReviewTest, OthersAndWhatMayNotBeSeenStayOut) {
  assign(person("kim", until(now_ + kDay)), role("Nurse"));
  now_ += kDay;
  mandate_.tenant = "st-john";
  EXPECT_EQ(all(), Lines());
  mandate_.tenant = "st-mary";
  query_.seen = {Kind::kPerson};
  EXPECT_EQ(all(), (Lines{"contractEnded kim at 1d"})) << "roles may not be seen";
  EXPECT_TRUE(is_seen(*find_finding_kind("contractEnded"), query_.seen));
  EXPECT_FALSE(is_seen(*find_finding_kind("roleOfEnded"), query_.seen));
  query_.seen = {Kind::kDevice};
  EXPECT_EQ(all(), Lines());
}

TEST_P(ReviewTest, ACursorOfSomethingElseIsRefused) {
  for (const char* cursor : {"x", "dormant", "neverThere:1", ":"}) {
    query_.cursor = cursor;
    const auto page = review(*registry_, mandate_.tenant, rules_, query_, now_);
    ASSERT_FALSE(page) << cursor;
    EXPECT_EQ(page.error().code, ErrorCode::kInvalidArgument);
  }
}

TEST(FindingReference, TheDocumentIsUpToDate) {
  std::ifstream file(WARDLOCK_SOURCE_DIR "/docs/lifecycle.md");
  const std::string text(std::istreambuf_iterator<char>(file), {});
  EXPECT_NE(text.find("\n" + finding_reference()), std::string::npos) << "run ./dev docs";
}

}  // namespace
}  // namespace wardlock::directory
