#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "directory/registry/hospital_for_test.h"

namespace wardlock::directory {
namespace {

class SeparationTest : public HospitalForTest {
 protected:
  Error refused_relation(const NewRelation& relation) {
    return refused([&](Edit& edit) -> Result<void> {
      TRY_VOID(edit.relate(relation));
      return {};
    });
  }
  KeptRelation give(const Thing& who, const Thing& role) { return relate(given(who, role)); }
  Error refuse_to_give(const Thing& who, const Thing& role) {
    return refused_relation(given(who, role));
  }
  static NewRelation given(const Thing& who, const Thing& role) {
    return {.relation = Relation::kRoleAssignment, .subject = who.id, .object = role.id};
  }
  static NewRelation member(const Thing& who, const Thing& group) {
    return {.relation = Relation::kMembership, .subject = who.id, .object = group.id};
  }
  static NewRelation account(const Thing& other, const Thing& main) {
    return {.relation = Relation::kAccountOf, .subject = other.id, .object = main.id};
  }
  void exclude(const Thing& one, const Thing& other) {
    relate({.relation = Relation::kExclusion, .subject = one.id, .object = other.id});
  }

  const Thing grey_ = person("grey");
  const Thing second_ = person("grey-2");
  const Thing lee_ = person("lee");
  const Thing prescriber_ = role("Prescriber");
  const Thing pharmacist_ = role("Pharmacist");
  const Thing nurse_ = role("Nurse");
};
WARDLOCK_ON_EACH_DATABASE(SeparationTest);

TEST_P(SeparationTest, NobodyGetsARoleThatAnotherOfTheirsExcludes) {
  give(grey_, prescriber_);
  exclude(pharmacist_, prescriber_);
  const Error error = refuse_to_give(grey_, pharmacist_);
  EXPECT_EQ(error.code, ErrorCode::kFailedPrecondition);
  EXPECT_EQ(error.message,
            "the person `grey` would have the role `Prescriber` together with the role "
            "`Pharmacist`, which exclude each other (`excludes`); all accounts of a person count, "
            "and all groups");
  give(grey_, nurse_);
  give(lee_, pharmacist_);
  EXPECT_EQ(refuse_to_give(lee_, prescriber_).code, ErrorCode::kFailedPrecondition)
      << "whichever way round it was said";
}

TEST_P(SeparationTest, IsOfThePlacesToo) {
  exclude(pharmacist_, prescriber_);
  const Thing hospital = organisation("st-mary");
  give(grey_, prescriber_);
  NewRelation in_one_place = given(grey_, pharmacist_);
  in_one_place.scope = hospital.id;
  EXPECT_EQ(refused_relation(in_one_place).code, ErrorCode::kFailedPrecondition);
}

TEST_P(SeparationTest, IsOfWhatComesByGroupsAndOtherRoles) {
  exclude(pharmacist_, prescriber_);
  const Thing ward = group("ward");
  const Thing all = group("all");
  const Thing physician = role("Physician");
  give(grey_, pharmacist_);
  relate(
      {.relation = Relation::kRoleInheritance, .subject = physician.id, .object = prescriber_.id});
  EXPECT_EQ(refuse_to_give(grey_, physician).code, ErrorCode::kFailedPrecondition);
  give(all, physician);
  relate(member(ward, all));
  EXPECT_EQ(refused_relation(member(grey_, ward)).code, ErrorCode::kFailedPrecondition);
  relate(member(lee_, ward));
  EXPECT_EQ(refuse_to_give(lee_, pharmacist_).code, ErrorCode::kFailedPrecondition);
  EXPECT_EQ(refuse_to_give(ward, pharmacist_).code, ErrorCode::kFailedPrecondition)
      << "somebody is in it";
  give(grey_, nurse_);
  EXPECT_EQ(
      refused_relation(
          {.relation = Relation::kRoleInheritance, .subject = nurse_.id, .object = physician.id})
          .code,
      ErrorCode::kFailedPrecondition)
      << "whoever has the role would have the other by it";
}

TEST_P(SeparationTest, IsOfThePersonWhicheverAccount) {
  exclude(pharmacist_, prescriber_);
  give(grey_, pharmacist_);
  const KeptRelation same = relate(account(second_, grey_));
  EXPECT_EQ(refuse_to_give(second_, prescriber_).code, ErrorCode::kFailedPrecondition);
  write([&](Edit& edit) { return edit.end(same.id); });
  give(second_, prescriber_);
  EXPECT_EQ(refused_relation(account(second_, grey_)).code, ErrorCode::kFailedPrecondition);
}

TEST_P(SeparationTest, LooksAtTheSameTimeAlone) {
  exclude(pharmacist_, prescriber_);
  NewRelation first = given(grey_, pharmacist_);
  first.until_ms = now_ + 5000;
  relate(first);
  NewRelation then = given(grey_, prescriber_);
  then.from_ms = now_ + 4999;
  EXPECT_EQ(refused_relation(then).code, ErrorCode::kFailedPrecondition);
  then.from_ms = now_ + 5000;
  relate(then);
}

TEST_P(SeparationTest, HoldsUntilItEnds) {
  const KeptRelation exclusion = relate(
      {.relation = Relation::kExclusion, .subject = pharmacist_.id, .object = prescriber_.id});
  give(grey_, pharmacist_);
  EXPECT_EQ(refuse_to_give(grey_, prescriber_).code, ErrorCode::kFailedPrecondition);
  write([&](Edit& edit) { return edit.end(exclusion.id); });
  give(grey_, prescriber_);
}

TEST_P(SeparationTest, IsSaidOfTwo) {
  for (const Relation each : {Relation::kExclusion, Relation::kAccountOf}) {
    const Thing& one = each == Relation::kExclusion ? nurse_ : grey_;
    EXPECT_EQ(refused_relation({.relation = each, .subject = one.id, .object = one.id}).code,
              ErrorCode::kInvalidArgument);
  }
}

TEST_P(SeparationTest, EveryAccountIsOfTheMainOne) {
  relate(account(second_, grey_));
  EXPECT_EQ(refused_relation(account(lee_, second_)).message,
            "the person `grey-2` is another account itself; all accounts of a person are of the "
            "main one");
  EXPECT_EQ(refused_relation(account(grey_, lee_)).message,
            "the person `grey` is somebody's main account; all accounts of a person are of the "
            "main one");
  relate(account(lee_, grey_));
}

/// 2^40 ways lead through them.
TEST_P(SeparationTest, ManyWaysAreFollowedOnce) {
  exclude(pharmacist_, prescriber_);
  give(grey_, prescriber_);
  std::vector<Thing> before = {group("a-0"), group("b-0")};
  const std::vector<Thing> first = before;
  for (int i = 1; i < 40; ++i) {
    const std::string number = std::to_string(i);
    const std::vector<Thing> next = {group("a-" + number), group("b-" + number)};
    for (const Thing& from : before) {
      for (const Thing& to : next) relate(member(from, to));
    }
    before = next;
  }
  give(before.front(), pharmacist_);
  const auto time = used_by([&] {
    EXPECT_EQ(refused_relation(member(grey_, first.front())).code, ErrorCode::kFailedPrecondition);
  });
  EXPECT_LT(time, std::chrono::minutes(1));
}

}  // namespace
}  // namespace wardlock::directory
