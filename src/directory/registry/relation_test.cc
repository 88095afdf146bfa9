#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <span>

#include "directory/registry/hospital_for_test.h"

namespace wardlock::directory {
namespace {

class RelationTest : public HospitalForTest {
 protected:
  Error refused_relation(const NewRelation& relation) {
    return refused([&](Edit& edit) -> Result<void> {
      TRY_VOID(edit.relate(relation));
      return {};
    });
  }
  void go(const Thing& thing, std::string_view state) {
    write([&](Edit& edit) -> Result<void> {
      TRY_VOID(edit.set_state(thing.id, std::nullopt, state));
      return {};
    });
  }
  void end(const KeptRelation& relation) {
    write([&](Edit& edit) { return edit.end(relation.id); });
  }
  /// Relations that count now.
  std::size_t in_force(const RelationFilter& filter) {
    std::size_t count = 0;
    for (const KeptRelation& relation : relations(filter)) count += relation.is_valid_at(now_);
    return count;
  }
};
WARDLOCK_ON_EACH_DATABASE(RelationTest);

TEST_P(RelationTest, SaysWhoWhyAndWhen) {
  const Thing grey = person("grey");
  const Thing physician = role("Physician");
  const Thing hospital = organisation("st-mary");
  const KeptRelation made = relate({.relation = Relation::kRoleAssignment,
                                    .subject = grey.id,
                                    .object = physician.id,
                                    .scope = hospital.id,
                                    .until_ms = now_ + 5000});
  const auto found = relations({.subject = grey.id});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].id, made.id);
  EXPECT_EQ(found[0].relation, Relation::kRoleAssignment);
  EXPECT_EQ(found[0].object, physician.id);
  EXPECT_EQ(found[0].scope, hospital.id);
  EXPECT_EQ(found[0].from_ms, now_);
  EXPECT_EQ(found[0].until_ms, now_ + 5000);
  EXPECT_EQ(found[0].made_by_type, "User");
  EXPECT_EQ(found[0].made_by_id, "admin-1");
  EXPECT_EQ(found[0].reason, "as agreed");
  EXPECT_EQ(found[0].attributes, "{}");
  EXPECT_EQ(relations({.object = physician.id}).size(), 1U);
  EXPECT_EQ(relations({.scope = hospital.id}).size(), 1U);
  EXPECT_TRUE(relations({.relation = Relation::kCare, .subject = grey.id}).empty());
}

TEST_P(RelationTest, CountsForItsTime) {
  const Thing grey = person("grey");
  const Thing physician = role("Physician");
  const NewRelation wanted{.relation = Relation::kRoleAssignment,
                           .subject = grey.id,
                           .object = physician.id,
                           .from_ms = now_ + 1000,
                           .until_ms = now_ + 2000};
  relate(wanted);
  EXPECT_EQ(in_force({.subject = grey.id}), 0U);
  now_ += 1000;
  EXPECT_EQ(in_force({.subject = grey.id}), 1U);
  now_ += 1000;
  EXPECT_EQ(in_force({.subject = grey.id}), 0U);
  EXPECT_TRUE(relations({.subject = grey.id, .not_ended_by = now_}).empty());
}

TEST_P(RelationTest, EndsWhenItIsEnded) {
  const Thing grey = person("grey");
  const KeptRelation made =
      relate({.relation = Relation::kMembership, .subject = grey.id, .object = group("night").id});
  now_ += 10;
  end(made);
  EXPECT_EQ(in_force({.subject = grey.id}), 0U);
  EXPECT_EQ(relations({.subject = grey.id})[0].until_ms, now_) << "what was stays known";
  const std::uint64_t revision = *registry_->revision();
  now_ += 10;
  end(made);
  EXPECT_EQ(*registry_->revision(), revision) << "it had ended";
  EXPECT_EQ(
      refused([](Edit& edit) { return edit.end("018f8a6e-5c1d-7b3a-9e2f-0a1b2c3d4e5f"); }).code,
      ErrorCode::kNotFound);
}

TEST_P(RelationTest, IsBetweenWhatItIsFor) {
  const Thing grey = person("grey");
  const Thing physician = role("Physician");
  const Thing alma = patient("MR-1");
  EXPECT_EQ(refused_relation(
                {.relation = Relation::kRoleAssignment, .subject = alma.id, .object = physician.id})
                .message,
            "patients are no subject of `roleAssignment`");
  EXPECT_EQ(refused_relation(
                {.relation = Relation::kRoleAssignment, .subject = grey.id, .object = alma.id})
                .message,
            "patients are no object of `roleAssignment`");
  EXPECT_EQ(refused_relation({.relation = Relation::kRoleAssignment,
                              .subject = grey.id,
                              .object = physician.id,
                              .scope = alma.id})
                .message,
            "patients are no scope of `roleAssignment`");
  EXPECT_EQ(refused_relation({.relation = Relation::kMembership,
                              .subject = grey.id,
                              .object = group("night").id,
                              .scope = organisation("x").id})
                .message,
            "`membership` has no scope");
  EXPECT_TRUE(refused_relation({.relation = Relation::kCare, .subject = grey.id, .object = alma.id})
                  .message.starts_with("`careType` is missing"));
  EXPECT_EQ(refused_relation(
                {.relation = Relation::kRoleAssignment, .subject = grey.id, .object = "nothing"})
                .code,
            ErrorCode::kNotFound);
}

TEST_P(RelationTest, HasATimeThatCanBe) {
  const Thing grey = person("grey");
  const Thing physician = role("Physician");
  const auto with_times = [&](std::int64_t from, std::int64_t until) {
    return refused_relation({.relation = Relation::kRoleAssignment,
                             .subject = grey.id,
                             .object = physician.id,
                             .from_ms = from,
                             .until_ms = until})
        .code;
  };
  EXPECT_EQ(with_times(now_ + 10, now_ + 10), ErrorCode::kInvalidArgument);
  EXPECT_EQ(with_times(now_ + 10, now_ + 5), ErrorCode::kInvalidArgument);
  EXPECT_EQ(with_times(now_ - 10, now_), ErrorCode::kInvalidArgument);
}

TEST_P(RelationTest, BeginsAndEndsInYearsThatCanBeWritten) {
  const Thing grey = person("grey");
  NewRelation wanted{
      .relation = Relation::kRoleAssignment, .subject = grey.id, .object = role("Physician").id};
  for (const std::int64_t from : {std::numeric_limits<std::int64_t>::min(), std::int64_t{-1},
                                  std::int64_t{253'402'300'800'000}}) {
    wanted.from_ms = from;
    EXPECT_EQ(refused_relation(wanted).code, ErrorCode::kInvalidArgument) << from;
  }
  wanted.from_ms = 0;
  wanted.until_ms = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(refused_relation(wanted).code, ErrorCode::kInvalidArgument);
  wanted.until_ms = 253'402'300'799'999;
  relate(wanted);
  EXPECT_TRUE(feed().back().document.contains(R"("from":"1970-01-01T00:00:00.000Z")"));
  EXPECT_TRUE(feed().back().document.contains(R"("until":"9999-12-31T23:59:59.999Z")"));
}

TEST_P(RelationTest, IsThereOnce) {
  const Thing grey = person("grey");
  NewRelation wanted{.relation = Relation::kRoleAssignment,
                     .subject = grey.id,
                     .object = role("Physician").id,
                     .until_ms = now_ + 1000};
  const KeptRelation first = relate(wanted);
  const Error error = refused_relation(wanted);
  EXPECT_EQ(error.code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(error.message,
            "the same `roleAssignment` is there already: of the person `grey` to the role "
            "`Physician`");
  wanted.scope = organisation("st-mary").id;
  relate(wanted);
  wanted.scope.reset();
  wanted.from_ms = now_ + 1000;
  wanted.until_ms.reset();
  relate(wanted);
  EXPECT_EQ(relations({.subject = grey.id}).size(), 3U);
}

TEST_P(RelationTest, ADeviceIsInOnePlace) {
  const Thing hospital = organisation("st-mary");
  const Thing pump = device(device_model(hospital), "IP-7");
  const Thing here = ward("cardiology", hospital);
  const Thing there = ward("emergency", hospital);
  relate({.relation = Relation::kDeviceLocation, .subject = pump.id, .object = here.id});
  now_ += 10;
  relate({.relation = Relation::kDeviceLocation, .subject = pump.id, .object = there.id});
  EXPECT_EQ(in_force({.object = here.id}), 0U);
  EXPECT_EQ(in_force({.object = there.id}), 1U);
  EXPECT_EQ(feed().back().what, "related");
  EXPECT_EQ(feed()[feed().size() - 2].what, "ended");
}

TEST_P(RelationTest, NoGroupIsInItself) {
  const Thing a = group("a");
  const Thing b = group("b");
  const Thing c = group("c");
  relate({.relation = Relation::kMembership, .subject = a.id, .object = b.id});
  const KeptRelation last =
      relate({.relation = Relation::kMembership, .subject = b.id, .object = c.id});
  for (const Thing& inner : {a, b}) {
    EXPECT_EQ(
        refused_relation({.relation = Relation::kMembership, .subject = c.id, .object = inner.id})
            .message,
        "this `membership` would make a circle: the " + called(inner) +
            " leads back to the group `c`");
  }
  EXPECT_EQ(
      refused_relation({.relation = Relation::kMembership, .subject = c.id, .object = c.id}).code,
      ErrorCode::kInvalidArgument);
  now_ += 10;
  end(last);
  relate({.relation = Relation::kMembership, .subject = c.id, .object = a.id});
}

TEST_P(RelationTest, WhoLeavesHoldsNothing) {
  const Thing grey = person("grey");
  const Thing alma = patient("MR-1");
  relate({.relation = Relation::kRoleAssignment, .subject = grey.id, .object = role("A").id});
  relate({.relation = Relation::kRoleAssignment,
          .subject = grey.id,
          .object = role("B").id,
          .from_ms = now_ + 1'000'000});
  relate({.relation = Relation::kCare,
          .subject = grey.id,
          .object = alma.id,
          .attributes = json(R"({"careType":"treating"})")});
  const std::uint64_t before = *registry_->revision();
  now_ += 10;
  go(grey, "suspended");
  EXPECT_EQ(in_force({.subject = grey.id}), 2U) << "who is suspended keeps them";
  go(grey, "left");
  EXPECT_EQ(in_force({.subject = grey.id}), 0U);
  EXPECT_EQ(in_force({.object = alma.id}), 0U);
  now_ += 1'000'000;
  EXPECT_EQ(in_force({.subject = grey.id}), 0U) << "nor does what was to come";
  const auto entries = feed(before + 1);
  ASSERT_EQ(entries.size(), 4U);
  for (const FeedEntry& entry : entries) EXPECT_EQ(entry.revision, before + 2) << "all at once";
  EXPECT_EQ(entries[0].kind, "person");
  EXPECT_EQ(entries[1].what, "ended");
  EXPECT_EQ(refused_relation(
                {.relation = Relation::kRoleAssignment, .subject = grey.id, .object = role("C").id})
                .message,
            "the person `grey` is `left`: nothing new is related to it");
}

TEST_P(RelationTest, WhatIsGoneIsNobodysPlace) {
  const Thing hospital = organisation("st-mary");
  const Thing cardiology = ward("cardiology", hospital);
  const Thing grey = person("grey");
  const Thing physician = role("Physician");
  relate({.relation = Relation::kRoleAssignment,
          .subject = grey.id,
          .object = physician.id,
          .scope = cardiology.id});
  go(cardiology, "closed");
  EXPECT_EQ(in_force({.subject = grey.id}), 0U);
  const Thing nurse = role("Nurse");
  relate({.relation = Relation::kRoleAssignment, .subject = grey.id, .object = nurse.id});
  write([&](Edit& edit) { return edit.remove(nurse.id, std::nullopt); });
  EXPECT_EQ(in_force({.subject = grey.id}), 0U);
}

TEST_P(RelationTest, AMergedPatientGivesWhatThereIs) {
  const Thing hospital = organisation("st-mary");
  const Thing emergency = ward("emergency", hospital);
  const Thing pump = device(device_model(hospital), "IP-7");
  const Thing grey = person("grey");
  const Thing lee = person("lee");
  const Thing unknown = create(Kind::kPatient, R"({"recordNumber":"T-1"})", "temporary");
  const Thing alma = patient("MR-1");
  const auto care = [&](const Thing& who, const Thing& whom) {
    relate({.relation = Relation::kCare,
            .subject = who.id,
            .object = whom.id,
            .attributes = json(R"({"careType":"treating"})")});
  };
  care(grey, unknown);
  care(lee, unknown);
  care(lee, alma);
  relate({.relation = Relation::kStay, .subject = unknown.id, .object = emergency.id});
  relate({.relation = Relation::kDeviceAssignment, .subject = pump.id, .object = unknown.id});
  now_ += 10;
  write([&](Edit& edit) -> Result<void> {
    TRY_VOID(edit.merge_patients(unknown.id, alma.id));
    return {};
  });
  EXPECT_EQ(find(unknown.id).state, "merged");
  EXPECT_EQ(find(unknown.id).document.json().at("mergedInto"), codec::Json(alma.id));
  EXPECT_EQ(in_force({.object = unknown.id}) + in_force({.subject = unknown.id}), 0U);
  EXPECT_EQ(in_force({.relation = Relation::kCare, .object = alma.id}), 2U) << "lee's only once";
  EXPECT_EQ(in_force({.relation = Relation::kStay, .subject = alma.id}), 1U);
  EXPECT_EQ(in_force({.relation = Relation::kDeviceAssignment, .subject = pump.id}), 1U);
  EXPECT_EQ(in_force({.relation = Relation::kDeviceAssignment, .object = alma.id}), 1U);
}

TEST_P(RelationTest, OnlyPatientsAreMerged) {
  const Thing unknown = create(Kind::kPatient, R"({"recordNumber":"T-1"})", "temporary");
  const Thing alma = patient("MR-1");
  const Thing gone = patient("MR-2");
  const Thing grey = person("grey");
  go(gone, "archived");
  const auto merge = [&](const Thing& from, const Thing& into) {
    return refused([&](Edit& edit) -> Result<void> {
      TRY_VOID(edit.merge_patients(from.id, into.id));
      return {};
    });
  };
  EXPECT_EQ(merge(alma, alma).code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(merge(alma, grey).code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(merge(grey, alma).code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(merge(unknown, gone).code, ErrorCode::kFailedPrecondition);
  EXPECT_EQ(merge(gone, alma).code, ErrorCode::kFailedPrecondition);
  EXPECT_EQ(refused([&](Edit& edit) -> Result<void> {
              TRY_VOID(edit.set_state(unknown.id, std::nullopt, "merged"));
              return {};
            }).message,
            "a patient becomes `merged` by being merged into another one");
  write([&](Edit& edit) -> Result<void> {
    TRY_VOID(edit.change(alma.id, std::nullopt,
                         json(R"({"recordNumber":"MR-1","mergedInto":")" + unknown.id + "\"}")));
    return {};
  });
  EXPECT_FALSE(find(alma.id).document.json().contains("mergedInto")) << "not for others to say";
}

TEST_P(RelationTest, OneMoreCostsTheSameWhereThereAreMany) {
  const Thing grey = person("grey");
  const Thing alma = person("alma");
  std::vector<std::string> groups;
  write([&](Edit& edit) -> Result<void> {
    groups.clear();
    for (int i = 0; i < 1100; ++i) {
      const boost::json::object group{{"displayName", "g" + std::to_string(i)}};
      groups.push_back(TRY(edit.create(Kind::kGroup, group)).id);
    }
    return {};
  });
  const auto join = [&](const Thing& who, std::span<const std::string> joined) {
    write([&](Edit& edit) -> Result<void> {
      for (const std::string& group : joined) {
        TRY(edit.relate({.relation = Relation::kMembership, .subject = who.id, .object = group}));
      }
      return {};
    });
  };
  const std::span<const std::string> all(groups);
  // The least of some: now and then something else takes the processor's caches.
  const auto least = [&](const Thing& who) {
    std::chrono::nanoseconds lowest = std::chrono::hours(1);
    for (std::size_t i = 1000; i < all.size(); i += 20) {
      lowest = std::min(lowest, used_by([&] { join(who, all.subspan(i, 20)); }));
    }
    return lowest;
  };
  const auto as_first = least(alma);
  join(grey, all.first(1000));
  const auto as_last = least(grey);
  EXPECT_LT(as_last, 4 * as_first) << "all others are read for each";
}

TEST_P(RelationTest, TenantsAreNotRelated) {
  const Thing physician = role("Physician");
  const Thing grey = person("grey");
  const KeptRelation made =
      relate({.relation = Relation::kRoleAssignment, .subject = grey.id, .object = physician.id});
  mandate_.tenant = "st-luke";
  const Thing other = person("other");
  EXPECT_EQ(
      refused_relation(
          {.relation = Relation::kRoleAssignment, .subject = other.id, .object = physician.id})
          .code,
      ErrorCode::kNotFound);
  EXPECT_EQ(refused([&](Edit& edit) { return edit.end(made.id); }).code, ErrorCode::kNotFound);
  EXPECT_TRUE(relations({.subject = grey.id}).empty());
}

}  // namespace
}  // namespace wardlock::directory
