#include "directory/feed/feed.h"

#include <gtest/gtest.h>

#include "cedar/entities/entities_json.h"
#include "directory/feed/seen_for_test.h"
#include "storage/postgresql_for_test.h"

namespace wardlock::directory {
namespace {

constexpr std::int64_t kHour = 3'600'000;

using FeedTest = SeenForTest;
WARDLOCK_ON_EACH_DATABASE(FeedTest);

TEST_P(FeedTest, NothingIsDifferentWhereNothingChanged) {
  user("grey");
  load();
  const auto revision = feed_->revision();
  now_ += 5;
  EXPECT_FALSE(follow());
  EXPECT_EQ(feed_->revision(), revision);
  EXPECT_EQ(feed_->as_of(), now_);
}

TEST_P(FeedTest, AnAssignmentThatEndsIsGone) {
  const Thing grey = user("grey");
  const KeptRelation assignment = assign(grey, role("Physician"));
  load();
  EXPECT_TRUE(seen("User", "grey").ends_with(R"(in [Role::"Physician"])"));
  end(assignment);
  EXPECT_TRUE(seen("User", "grey").ends_with(R"(in [Role::"Physician"])")) << "not followed yet";
  EXPECT_TRUE(follow());
  EXPECT_TRUE(seen("User", "grey").ends_with("in []")) << seen("User", "grey");
  expect_like_fresh();
}

TEST_P(FeedTest, WhoHasLeftDoesNotComeBackWithTheClock) {
  const Thing grey = user("grey");
  const Thing patient = patient_known_as("p-1");
  care(grey, patient, "treating");
  const KeptRelation assignment = assign(grey, role("Physician"));
  now_ += kHour;
  load();
  end(assignment);
  now_ -= kHour / 2;
  EXPECT_TRUE(follow());
  EXPECT_TRUE(seen("User", "grey").ends_with("in []")) << seen("User", "grey");
  expect_like_fresh();
  now_ += kHour;
  set_state(grey, "left");
  now_ -= kHour / 2;
  EXPECT_TRUE(follow());
  EXPECT_TRUE(seen("Patient", "p-1").contains("careTeam: []")) << seen("Patient", "p-1");
  expect_like_fresh();
}

TEST_P(FeedTest, AServiceStopsWithTheLastWhoAnswersForIt) {
  const Thing grey = user("grey");
  const Thing gateway = create(
      Kind::kService, R"({"clientId":"gw","displayName":"G","purpose":"P","entityId":"gw"})");
  relate({.relation = Relation::kOwner, .subject = gateway.id, .object = grey.id});
  set_state(gateway, "active");
  load();
  EXPECT_NE(seen("Service", "gw"), "");
  set_state(grey, "suspended");
  follow();
  EXPECT_NE(seen("Service", "gw"), "") << "who answers may be away";
  set_state(grey, "left");
  EXPECT_TRUE(follow());
  EXPECT_EQ(seen("Service", "gw"), "");
  expect_like_fresh();
}

TEST_P(FeedTest, WhoComesIsSeenByThoseWhoLeadThere) {
  load();
  const Thing patient = patient_known_as("p-1");
  const Thing grey = user("grey");
  care(grey, patient, "treating");
  EXPECT_TRUE(follow());
  EXPECT_TRUE(seen("Patient", "p-1").contains(R"(careTeam: [User::"grey"])"));
  set_state(grey, "suspended");
  EXPECT_TRUE(follow());
  EXPECT_TRUE(seen("Patient", "p-1").contains("careTeam: []"));
  EXPECT_EQ(seen("User", "grey"), "");
  expect_like_fresh();
  set_state(grey, "active");
  EXPECT_TRUE(follow());
  EXPECT_TRUE(seen("Patient", "p-1").contains(R"(careTeam: [User::"grey"])"));
  expect_like_fresh();
}

TEST_P(FeedTest, AnotherNameIsFollowedEverywhere) {
  ASSERT_TRUE(add_known_by(known_by_, "person", "userName"));
  const Thing grey = person("grey");
  const Thing patient = patient_known_as("p-1");
  care(grey, patient, "nursing");
  load();
  change(grey, R"({"userName":"grey-miller"})");
  EXPECT_TRUE(follow());
  EXPECT_EQ(seen("User", "grey"), "");
  EXPECT_TRUE(seen("Patient", "p-1").contains(R"([User::"grey-miller"])"));
  expect_like_fresh();
}

TEST_P(FeedTest, PeopleAreFoundByTheirIds) {
  ASSERT_TRUE(add_known_by(known_by_, "person", "userName"));
  const Thing grey = person("grey");
  const Thing patient = patient_known_as("p-1");
  load();
  const auto name = [&](const Thing& thing, std::uint64_t revision) {
    const auto found = feed_->people()->find(thing.id, revision);
    return found ? found->type + " " + found->id : std::string();
  };
  const std::uint64_t loaded = feed_->revision();
  EXPECT_EQ(name(grey, loaded), "User grey");
  EXPECT_EQ(name(grey, loaded - 1), "") << "it may have been another's then";
  EXPECT_EQ(name(patient, loaded), "") << "a patient signs in nowhere";
  EXPECT_FALSE(feed_->people()->find("grey", loaded));
  change(grey, R"({"userName":"grey-miller"})");
  const Thing other = create(Kind::kPerson, R"({"userName":"green","entityId":"grey"})", "active");
  follow();
  const std::uint64_t followed = feed_->revision();
  EXPECT_EQ(name(grey, followed), "User grey-miller");
  EXPECT_EQ(name(other, followed), "User grey");
  EXPECT_EQ(name(other, loaded), "") << "of a snapshot in which the name is the first one's";
  set_state(grey, "left");
  follow();
  EXPECT_EQ(name(grey, feed_->revision()), "");
  EXPECT_EQ(feed_->people()->size(), 1U);
}

TEST_P(FeedTest, WhoMayActForPeopleIsFoundByItsId) {
  constexpr std::string_view kScribe =
      R"({"clientId":"scribe","displayName":"Scribe","purpose":"notes","entityId":"scribe"})";
  const Thing service = create(Kind::kService, kScribe);
  relate({.relation = Relation::kOwner, .subject = service.id, .object = user("grey").id});
  load();
  EXPECT_FALSE(feed_->people()->find(service.id, feed_->revision())) << "it is not at work yet";
  set_state(service, "active");
  follow();
  const auto found = feed_->people()->find(service.id, feed_->revision());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->type + " " + found->id, "Service scribe");
  set_state(service, "suspended");
  follow();
  EXPECT_FALSE(feed_->people()->find(service.id, feed_->revision()));
}

TEST_P(FeedTest, AModelsChangeReachesItsDevices) {
  const Thing maker = create(
      Kind::kOrganisation,
      R"({"displayName":"M","organisationType":"manufacturer","code":"m","entityType":"Manufacturer"})");
  const std::string rest = R"(,"modelNumber":"P4","manufacturer":")" + maker.id + "\"}";
  const Thing model =
      create(Kind::kDeviceModel, R"({"displayName":"P4","entityType":"Pump")" + rest);
  const Thing device =
      create(Kind::kDevice, R"({"serialNumber":"S","entityId":"d","model":")" + model.id + "\"}",
             "inService");
  load();
  EXPECT_TRUE(seen("Pump", "d").contains(R"(model: "P4")"));
  change(model, R"({"displayName":"P4 plus","entityType":"Pump")" + rest);
  EXPECT_TRUE(follow());
  EXPECT_TRUE(seen("Pump", "d").contains(R"(model: "P4 plus")"));
  change(model, R"({"displayName":"P4 plus","entityType":"Scanner")" + rest);
  EXPECT_TRUE(follow());
  EXPECT_EQ(seen("Pump", "d"), "");
  EXPECT_EQ(seen("Scanner", "d"), R"(Scanner::"d" {serial: "S"} in [])");
  expect_like_fresh();
}

TEST_P(FeedTest, WhatWasMissingIsThereAndGoesAgain) {
  const Thing bare = create(Kind::kPatient, R"({"recordNumber":"1","entityId":"p"})");
  load();
  EXPECT_EQ(feed_->hidden_count(), 1);
  change(bare, R"({"recordNumber":"1","entityId":"p","isConfidential":true})");
  EXPECT_TRUE(follow());
  EXPECT_NE(seen("Patient", "p"), "");
  EXPECT_EQ(feed_->hidden_count(), 0);
  change(bare, R"({"recordNumber":"1","entityId":"p"})");
  EXPECT_TRUE(follow());
  EXPECT_EQ(seen("Patient", "p"), "");
  EXPECT_EQ(feed_->hidden_count(), 1);
  expect_like_fresh();
}

TEST_P(FeedTest, ARecordNumberThatChangesIsAnotherTag) {
  const Thing grey = user("grey");
  const Thing patient = patient_known_as("p");
  care(grey, patient, "exception", 4'102'444'800'000);
  load();
  EXPECT_TRUE(seen("User", "grey").contains("tags {MR-p: "));
  change(patient, R"({"recordNumber":"MR-9","entityId":"p","isConfidential":false})");
  EXPECT_TRUE(follow());
  EXPECT_TRUE(seen("User", "grey").contains("tags {MR-9: ")) << seen("User", "grey");
  expect_like_fresh();
}

TEST_P(FeedTest, MergedAndRemovedAreGone) {
  const Thing grey = user("grey");
  const Thing unknown = patient_known_as("unknown");
  const Thing known = patient_known_as("known");
  care(grey, unknown, "treating");
  load();
  write([&](Edit& edit) -> Result<void> {
    TRY_VOID(edit.merge_patients(unknown.id, known.id));
    return {};
  });
  EXPECT_TRUE(follow());
  EXPECT_EQ(seen("Patient", "unknown"), "");
  EXPECT_TRUE(seen("Patient", "known").contains(R"(careTeam: [User::"grey"])"));
  write([&](Edit& edit) { return edit.remove(grey.id, std::nullopt); });
  EXPECT_TRUE(follow());
  EXPECT_EQ(seen("User", "grey"), "");
  EXPECT_TRUE(seen("Patient", "known").contains("careTeam: []"));
  expect_like_fresh();
}

TEST_P(FeedTest, OtherTenantsChangesCountAndShowNothing) {
  user("grey");
  load();
  const auto before = feed_->revision();
  mandate_.tenant = "riverside";
  user("stone");
  mandate_.tenant = "st-mary";
  EXPECT_FALSE(follow());
  EXPECT_EQ(feed_->revision(), before + 1);
  EXPECT_EQ(seen("User", "stone"), "");
}

TEST_P(FeedTest, WhatTheFeedForgotIsReadAnew) {
  user("grey");
  load();
  user("stone");
  const auto latest = user("swift");
  ASSERT_TRUE(registry_->forget_changes(2));
  EXPECT_TRUE(follow());
  EXPECT_NE(seen("User", "stone"), "");
  expect_like_fresh();
}

TEST_P(FeedTest, WhatBeginsAndEndsByTheClockDoesSoWithoutAnEntry) {
  const Thing grey = user("grey");
  const Thing physician = role("Physician");
  relate({.relation = Relation::kRoleAssignment,
          .subject = grey.id,
          .object = physician.id,
          .from_ms = now_ + kHour,
          .until_ms = now_ + 2 * kHour});
  load();
  EXPECT_TRUE(seen("User", "grey").ends_with("in []"));
  ASSERT_EQ(feed_->next_moment(), now_ + kHour);
  now_ += kHour - 1;
  EXPECT_FALSE(feed_->follow_clock(now_));
  now_ += 1;
  EXPECT_TRUE(feed_->follow_clock(now_));
  EXPECT_TRUE(seen("User", "grey").ends_with(R"(in [Role::"Physician"])"));
  ASSERT_EQ(feed_->next_moment(), now_ + kHour);
  now_ += kHour;
  EXPECT_TRUE(follow()) << "the clock is followed together with the changes, too";
  EXPECT_TRUE(seen("User", "grey").ends_with("in []"));
  EXPECT_EQ(feed_->next_moment(), std::nullopt);
  expect_like_fresh();
}

TEST_P(FeedTest, WhatEndsWithinADayEndsWithoutTheDatabase) {
  const Thing grey = user("grey");
  const Thing patient = patient_known_as("p");
  care(grey, patient, "treating", now_ + 20 * kHour);
  load();
  store_.reset();  // whatever is asked of it now would crash
  registry_.reset();
  now_ += 20 * kHour;
  EXPECT_TRUE(feed_->follow_clock(now_));
  EXPECT_TRUE(seen("Patient", "p").contains("careTeam: []"));
}

TEST_P(FeedTest, WhatEndsLaterIsFoundInTime) {
  const Thing grey = user("grey");
  relate({.relation = Relation::kRoleAssignment,
          .subject = grey.id,
          .object = role("Physician").id,
          .until_ms = now_ + 30 * kHour});
  load();
  EXPECT_EQ(feed_->next_moment(), std::nullopt) << "too far away";
  now_ += 13 * kHour;
  EXPECT_TRUE(follow());
  ASSERT_EQ(feed_->next_moment(), now_ + 17 * kHour);
  now_ += 17 * kHour;
  EXPECT_TRUE(feed_->follow_clock(now_));
  EXPECT_TRUE(seen("User", "grey").ends_with("in []"));
}

TEST_P(FeedTest, WhatSomebodyElsesClockEndedIsOver) {
  const Thing grey = user("grey");
  const KeptRelation assignment = assign(grey, role("Physician"));
  load();
  now_ += 500;  // who changes it is ahead of who follows
  end(assignment);
  now_ -= 500;
  EXPECT_TRUE(follow());
  EXPECT_TRUE(seen("User", "grey").ends_with("in []")) << seen("User", "grey");
}

TEST_P(FeedTest, WhatEndsBeforeSomebodyElsesClockIsNotForgotten) {
  const Thing grey = user("grey");
  relate({.relation = Relation::kRoleAssignment,
          .subject = grey.id,
          .object = role("Physician").id,
          .until_ms = now_ + 12'000});
  load();
  now_ += 20'000;  // who changes something else is ahead of who follows
  user("lee");
  now_ -= 20'000;
  EXPECT_TRUE(follow());
  EXPECT_TRUE(seen("User", "grey").ends_with("in []")) << seen("User", "grey");
  now_ += 13'000;
  follow();
  EXPECT_TRUE(seen("User", "grey").ends_with("in []")) << seen("User", "grey");
}

/// Draws that are the same on every machine.
class Draws {
 public:
  std::size_t below(std::size_t count) {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return (state_ >> 33) % count;
  }

 private:
  std::uint64_t state_ = 7;
};

class ManyChangesTest : public SeenForTest {
 protected:
  static constexpr std::size_t kOfEach = 6;

  void enter_all() {
    for (std::size_t i = 0; i < kOfEach; ++i) {
      people_.push_back(user("u" + std::to_string(i)));
      patients_.push_back(patient_known_as("p" + std::to_string(i)));
      roles_.push_back(role("R" + std::to_string(i)));
    }
  }

  /// One change at random; it may be refused.
  void change_something() {
    const Thing& person = people_[draws_.below(kOfEach)];
    const Thing& patient = patients_[draws_.below(kOfEach)];
    const std::size_t what = draws_.below(7);
    if (what == 0) now_ += 1500;
    [[maybe_unused]] const auto done = registry_->write(mandate_, [&](Edit& edit) -> Result<void> {
      switch (what) {
        case 1: {
          const bool is_active = TRY(edit.find(person.id)).state == "active";
          TRY_VOID(edit.set_state(person.id, {}, is_active ? "suspended" : "active"));
          break;
        }
        case 2: TRY_VOID(edit.relate(care_of(person, patient))); break;
        case 3:
          TRY_VOID(edit.relate({.relation = Relation::kRoleAssignment,
                                .subject = person.id,
                                .object = roles_[draws_.below(kOfEach)].id}));
          break;
        case 4: {
          const auto open = TRY(edit.relations({.subject = person.id}));
          if (!open.empty()) TRY_VOID(edit.end(open.front().id));
          break;
        }
        case 5: TRY_VOID(edit.change(patient.id, {}, with_other_number(patient))); break;
        case 6: TRY_VOID(edit.merge_patients(patient.id, patients_.front().id)); break;
        default: break;
      }
      return {};
    });
  }

 private:
  NewRelation care_of(const Thing& person, const Thing& patient) {
    const auto end = now_ + static_cast<std::int64_t>(draws_.below(10)) * 1000;
    const bool is_exception = draws_.below(2) == 0;
    return {.relation = Relation::kCare,
            .subject = person.id,
            .object = patient.id,
            .from_ms = now_ + static_cast<std::int64_t>(draws_.below(3)) * 1000,
            .until_ms = end + 3000,
            .attributes =
                json(is_exception ? R"({"careType":"exception"})" : R"({"careType":"treating"})")};
  }

  codec::Json with_other_number(const Thing& patient) {
    boost::json::object document = patient.document.json();
    document["recordNumber"] = "MR-" + std::to_string(draws_.below(1000)) + patient.id;
    if (draws_.below(3) == 0) document.erase("isConfidential");
    return document;
  }

  Draws draws_;
  std::vector<Thing> people_;
  std::vector<Thing> patients_;
  std::vector<Thing> roles_;
};
WARDLOCK_ON_EACH_DATABASE(ManyChangesTest);

TEST_P(ManyChangesTest, AFollowersViewIsThatOfOneWhoReadsAll) {
  load();
  enter_all();
  for (int step = 0; step < 400; ++step) {
    change_something();
    if (step % 3 == 0) follow();
    if (step % 20 == 19) {
      follow();
      expect_like_fresh();
      if (HasFailure()) FAIL() << "after step " << step;
    }
  }
}

/// Groups, organisations and places that claim the same names.
class SameNamesTest : public SeenForTest {
 protected:
  static constexpr std::size_t kNames = 3;

  void enter_all() {
    const Thing mary = organisation("mary");
    person_ = user("grey").id;
    for (std::size_t i = 0; i < kNames; ++i) {
      const std::string name = "n" + std::to_string(i);
      const std::string code = R"({"displayName":"X","code":")" + name + '"';
      const auto enter = [&](std::size_t which) {
        ++now_;
        if (which == 0) {
          return create(Kind::kGroup, R"({"displayName":"X","entityId":")" + name + "\"}");
        }
        if (which == 1) {
          return create(Kind::kOrganisation, code + R"(,"organisationType":"other"})");
        }
        return create(Kind::kLocation,
                      code + R"(,"locationType":"other","organisation":")" + mary.id + "\"}");
      };
      for (std::size_t each = 0; each < 3; ++each) things_.push_back(enter((each + i) % 3));
    }
  }

  /// One of them claims another name, closes, opens, or somebody comes to lead to it.
  void change_something() {
    const Thing& thing = things_[draws_.below(things_.size())];
    const std::size_t what = draws_.below(4);
    now_ += 1000;
    [[maybe_unused]] const auto done = registry_->write(mandate_, [&](Edit& edit) -> Result<void> {
      const Thing now = TRY(edit.find(thing.id));
      if (what == 0) {
        TRY_VOID(edit.set_state(thing.id, {}, now.state == "active" ? "closed" : "active"));
      } else if (what == 1) {
        TRY_VOID(edit.relate(towards(thing)));
      } else {
        boost::json::object document = now.document.json();
        document["entityType"] = what == 2 ? "Team" : "Manufacturer";
        TRY_VOID(edit.change(thing.id, {}, document));
      }
      return {};
    });
  }

 private:
  NewRelation towards(const Thing& thing) const {
    if (thing.kind == Kind::kGroup) {
      return {.relation = Relation::kMembership, .subject = person_, .object = thing.id};
    }
    return {.relation = Relation::kEmployment,
            .subject = person_,
            .object = thing.id,
            .attributes = json(R"({"employmentType":"employee"})")};
  }

  Draws draws_;
  std::string person_;
  std::vector<Thing> things_;
};
WARDLOCK_ON_EACH_DATABASE(SameNamesTest);

TEST_P(SameNamesTest, AreTheSameThingsForWhoeverFollowedAndWhoeverReadsAll) {
  enter_all();
  load();
  for (int step = 0; step < 400; ++step) {
    change_something();
    if (step % 3 == 0) follow();
    if (step % 10 != 9) continue;
    follow();
    expect_like_fresh();
    if (HasFailure()) FAIL() << "after step " << step;
  }
}

TEST_P(FeedTest, ANameGoesToWhoWasEnteredFirstAndOnToTheNext) {
  const Thing first = create(Kind::kGroup, R"({"displayName":"A","entityId":"x"})");
  ++now_;
  const Thing second =
      create(Kind::kOrganisation,
             R"({"code":"x","displayName":"B","organisationType":"other","entityType":"Team"})");
  const Thing grey = user("grey");
  relate({.relation = Relation::kMembership, .subject = grey.id, .object = first.id});
  load();
  EXPECT_EQ(why_hidden(second), "");
  EXPECT_EQ(seen("User", "grey"), R"(User::"grey" {scopedRoles: []} in [])");
  change(first, R"({"displayName":"A","entityId":"x","entityType":"Team"})");
  follow();
  EXPECT_TRUE(why_hidden(second).contains("entered first"));
  EXPECT_TRUE(seen("User", "grey").ends_with(R"(in [Team::"x"])"));
  EXPECT_EQ(feed_->hidden_count(), 1);
  expect_like_fresh();
  set_state(first, "closed");
  follow();
  EXPECT_EQ(why_hidden(second), "") << "it waited for that";
  EXPECT_EQ(feed_->hidden_count(), 0);
  expect_like_fresh();
}

TEST_P(FeedTest, TheFilesEntitiesAreReplaced) {
  const Thing grey = user("grey");
  file_ = R"([{"uid":{"type":"LabReport","id":"l-1"},"attrs":{},"parents":[]}])";
  load();
  const auto schema = cedar::parse_schema(schema_text_);
  const auto other = [&](std::string_view text) {
    return *cedar::entities_from_json(json(text), &*schema);
  };
  const auto same_types =
      other(R"([{"uid":{"type":"LabReport","id":"l-2"},"attrs":{},"parents":[]}])");
  ASSERT_TRUE(feed_->can_take(same_types, *schema));
  auto entities = feed_->with_file(same_types);
  ASSERT_TRUE(entities);
  EXPECT_NE(seen("LabReport", "l-1"), "") << "nothing is different yet";
  feed_->take_file(same_types, *std::move(entities));
  EXPECT_EQ(seen("LabReport", "l-1"), "");
  EXPECT_NE(seen("LabReport", "l-2"), "");
  EXPECT_NE(seen("User", "grey"), "");
  EXPECT_FALSE(feed_->can_take(other("[]"), *schema)) << "the type is the directory's from then on";
  EXPECT_FALSE(feed_->can_take(
      other(R"([{"uid":{"type":"Team","id":"t"},"attrs":{},"parents":[]}])"), *schema));
  std::string text = schema_text_;
  text.replace(text.find("name?: String"), 13, "name: String");
  const auto changed = cedar::parse_schema(text);
  EXPECT_FALSE(feed_->can_take(same_types, *changed));
  text = schema_text_ + "action edit appliesTo { principal: User, resource: Patient };";
  const auto more_actions = cedar::parse_schema(text);
  EXPECT_TRUE(feed_->can_take(same_types, *more_actions)) << "actions do not matter";
}

TEST_P(FeedTest, ADatabaseThatIsGoneChangesNothing) {
  if (!is_postgresql()) GTEST_SKIP() << "a server";
  const Thing grey = user("grey");
  assign(grey, role("Physician"));
  load();
  const auto revision = feed_->revision();
  storage::shared_postgresql().kill();
  now_ += 10;
  const auto followed = feed_->follow(now_);
  EXPECT_FALSE(followed);
  EXPECT_EQ(feed_->revision(), revision);
  EXPECT_LT(feed_->as_of(), now_) << "it is not known whether that is the latest";
  EXPECT_TRUE(seen("User", "grey").ends_with(R"(in [Role::"Physician"])"));
  storage::shared_postgresql().start();
  user("stone");
  EXPECT_TRUE(follow());
  EXPECT_NE(seen("User", "stone"), "");
  EXPECT_EQ(feed_->as_of(), now_);
}

}  // namespace
}  // namespace wardlock::directory
