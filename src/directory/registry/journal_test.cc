#include "directory/registry/journal.h"

#include <gtest/gtest.h>

#include <limits>
#include <optional>
#include <set>
#include <utility>

#include "directory/registry/hospital_for_test.h"
#include "directory/registry/tables.h"

namespace wardlock::directory {
namespace {

TEST(NewId, BeginsWithItsTime) {
  const Surroundings surroundings{.clock = {}, .fill_random = [](std::span<std::uint8_t> bytes) {
                                    std::ranges::fill(bytes, std::uint8_t{0xFF});
                                  }};
  // RFC 9562, appendix A.6, whose random bits are others.
  EXPECT_EQ(new_id(0x017F22E279B0, surroundings), "017f22e2-79b0-7fff-bfff-ffffffffffff");
}

class JournalTest : public HospitalForTest {};
WARDLOCK_ON_EACH_DATABASE(JournalTest);

TEST_P(JournalTest, EachChangeHasItsEventAndItsEntry) {
  const Thing grey = person("grey", R"(,"title":"a")");
  const Thing physician = role("Physician");
  now_ += 1000;
  write([&](Edit& edit) -> Result<void> {
    TRY_VOID(edit.change(grey.id, std::nullopt, json(R"({"userName":"grey","title":"b"})")));
    TRY_VOID(edit.relate(
        {.relation = Relation::kRoleAssignment, .subject = grey.id, .object = physician.id}));
    return {};
  });
  const auto entries = feed();
  ASSERT_EQ(entries.size(), 4U);
  EXPECT_EQ(events().size(), 4U);
  EXPECT_EQ(entries[2].revision, 3U);
  EXPECT_EQ(entries[2].item, 0U);
  EXPECT_EQ(entries[3].revision, 3U);
  EXPECT_EQ(entries[3].item, 1U);
  EXPECT_EQ(entries[2].what, "changed");
  EXPECT_EQ(entries[2].kind, "person");
  EXPECT_EQ(entries[2].id, grey.id);
  EXPECT_EQ(entries[2].tenant, "st-mary");
  EXPECT_EQ(entries[2].made_ms, now_);
  EXPECT_EQ(entries[2].document,
            R"({"document":{"title":"b","userName":"grey"},"state":"active","version":2})");
  EXPECT_EQ(entries[3].what, "related");
  EXPECT_EQ(
      entries[3].document,
      R"({"document":{},"from":"2027-01-15T08:00:01.000Z","kind":"roleAssignment","object":")" +
          physician.id + R"(","subject":")" + grey.id + "\"}");
}

TEST_P(JournalTest, WhatFailedInTheMiddleStaysNotThoughTheCallGoesOn) {
  const Thing grey = person("grey");
  const Thing physician = role("Physician");
  const std::vector<Registry::Call> changes = {
      [&](Edit& edit) -> Result<void> {
        TRY(edit.create(Kind::kPerson, json(R"({"userName":"grey"})")));
        return {};
      },
      [&](Edit& edit) -> Result<void> {
        TRY(edit.change(grey.id, std::nullopt, json(R"({"userName":"grey","title":5})")));
        return {};
      },
      [&](Edit& edit) -> Result<void> {
        TRY(edit.set_state(grey.id, 7, "left"));
        return {};
      },
      [&](Edit& edit) { return edit.remove(grey.id, 7); },
      [&](Edit& edit) -> Result<void> {
        TRY(edit.merge_patients(grey.id, physician.id));
        return {};
      },
      [&](Edit& edit) -> Result<void> {
        TRY(edit.relate(
            {.relation = Relation::kMembership, .subject = grey.id, .object = physician.id}));
        return {};
      },
      [&](Edit& edit) { return edit.end("no-relation"); },
  };
  for (const Registry::Call& change : changes) {
    std::optional<Error> passed_over;
    const Error error = refused([&](Edit& edit) -> Result<void> {
      TRY(edit.create(Kind::kPerson, json(R"({"userName":"webber"})")));
      if (auto changed = change(edit); !changed) passed_over = changed.error();
      return {};
    });
    ASSERT_TRUE(passed_over);
    EXPECT_EQ(error.message, passed_over->message);
    EXPECT_EQ(names({}), std::vector<std::string>{"grey"}) << error.message;
    EXPECT_EQ(feed().size(), 2U) << error.message;
    EXPECT_EQ(events().size(), 2U) << error.message;
  }
}

TEST_P(JournalTest, ToLookForWhatIsNotThereIsNoFailure) {
  write([&](Edit& edit) -> Result<void> {
    EXPECT_FALSE(edit.find("nobody"));
    TRY(edit.create(Kind::kPerson, json(R"({"userName":"grey"})")));
    return {};
  });
  EXPECT_EQ(names({}), std::vector<std::string>{"grey"});
}

TEST_P(JournalTest, NothingComesAfterTheGreatestRevision) {
  person("grey");
  constexpr std::uint64_t kGreatest = std::numeric_limits<std::uint64_t>::max();
  const auto later = registry_->changes_after(kGreatest, kGreatest);
  ASSERT_TRUE(later) << later.error().message;
  EXPECT_EQ(later->size(), 0U);
  const auto waiting = outbox_->waiting(kGreatest);
  ASSERT_TRUE(waiting) << waiting.error().message;
  EXPECT_EQ(waiting->size(), 1U);
}

TEST_P(JournalTest, RemovalLeavesNoDocument) {
  const Thing grey = person("grey");
  write([&](Edit& edit) { return edit.remove(grey.id, std::nullopt); });
  EXPECT_EQ(feed().back().what, "removed");
  EXPECT_EQ(feed().back().document, "null");
}

TEST_P(JournalTest, EventsSayWhoDidWhatToWhom) {
  const Thing grey = person("grey");
  write([&](Edit& edit) -> Result<void> {
    TRY_VOID(edit.set_state(grey.id, std::nullopt, "suspended"));
    return {};
  });
  const std::string event = last_event();
  for (const std::string_view part :
       {R"("kind":"user_change")", R"("action":"set_state")", R"("changed":"state")",
        R"("class":"administration")", R"("node":"node-1")", R"("revision":2)",
        R"("tenant":"st-mary")", R"("affected_type":"User")", R"("caller":"scim")"}) {
    EXPECT_TRUE(event.contains(part)) << part << " " << event;
  }
  EXPECT_TRUE(event.contains(R"(person of User/admin-1: {"principal_id":"admin-1"})")) << event;
  EXPECT_TRUE(event.contains("affected of User/" + grey.id + R"(: {"affected_id":")" + grey.id +
                             R"(","value_after":"suspended","value_before":"active"})"))
      << event;
  EXPECT_TRUE(event.contains(R"("reason":"as agreed")")) << event;
}

TEST_P(JournalTest, EventsOfPatientsAreSealedForThem) {
  const Thing alma = patient("MR-1");
  const std::string event = last_event();
  EXPECT_TRUE(event.contains("affected of Patient/" + alma.id + ": {\"affected_id\"")) << event;
  EXPECT_TRUE(event.contains("patient of Patient/" + alma.id)) << event;
  EXPECT_TRUE(event.contains("MR-1"));
  EXPECT_FALSE(events().back().contains("MR-1")) << "not in the clear";
}

TEST_P(JournalTest, RoleChangesAreCalledThat) {
  const Thing grey = person("grey");
  const Thing physician = role("Physician");
  relate({.relation = Relation::kRoleAssignment, .subject = grey.id, .object = physician.id});
  const std::string event = last_event();
  EXPECT_TRUE(event.contains(R"("kind":"role_change")")) << event;
  EXPECT_TRUE(event.contains(R"("changed":"roleAssignment")")) << event;
  EXPECT_TRUE(event.contains(R"("resource_type":"Role")")) << event;
  EXPECT_TRUE(event.contains("affected of User/" + grey.id)) << event;
}

TEST_P(JournalTest, TheFeedIsReadRevisionByRevision) {
  for (int i = 0; i < 3; ++i) {
    write([&](Edit& edit) -> Result<void> {
      for (const std::string name : {"a", "b"}) {
        TRY_VOID(edit.create(Kind::kRole,
                             json(R"({"displayName":")" + name + std::to_string(i) + "\"}")));
      }
      return {};
    });
  }
  EXPECT_EQ(registry_->changes_after(0, 1)->size(), 2U) << "all of a revision";
  EXPECT_EQ(registry_->changes_after(0, 2)->size(), 2U);
  EXPECT_EQ(registry_->changes_after(0, 3)->size(), 4U);
  EXPECT_EQ(registry_->changes_after(1, 100)->size(), 4U);
  EXPECT_TRUE(registry_->changes_after(3, 100)->empty());
  ASSERT_TRUE(registry_->forget_changes(2));
  EXPECT_EQ(feed().size(), 2U);
  EXPECT_EQ(*registry_->revision(), 3U);
  ASSERT_TRUE(registry_->forget_changes(3));
  role("later");
  EXPECT_EQ(feed().front().revision, 4U) << "revisions go on";
}

TEST_P(JournalTest, EventsWaitUntilTheyAreTaken) {
  for (const char* name : {"a", "b", "c"}) role(name);
  const auto first = outbox_->waiting(2);
  ASSERT_TRUE(first);
  ASSERT_EQ(first->size(), 2U);
  ASSERT_TRUE(outbox_->forget(first->back(), {"log", 2}));
  const auto rest = outbox_->waiting(2);
  ASSERT_EQ(rest->size(), 1U);
  EXPECT_EQ(rest->front().revision, 3U);
  EXPECT_NE(rest->front().id, first->front().id);
}

TEST_P(JournalTest, WhoMakesAChangeIsSaidInText) {
  for (const std::string& text : {std::string("\xFF"), std::string("a\0b", 3)}) {
    for (std::string* place : {&mandate_.actor_id, &mandate_.caller, &mandate_.reason}) {
      const std::string before = std::exchange(*place, text);
      EXPECT_EQ(refused([](Edit&) -> Result<void> { return {}; }).code,
                ErrorCode::kInvalidArgument);
      *place = before;
    }
  }
}

TEST_P(JournalTest, RelationsOfNobodyAreNotAskedFor) {
  EXPECT_EQ(registry_->relations("st-mary", {}).error().code, ErrorCode::kInvalidArgument);
}

TEST_P(JournalTest, EventsOfTheOnlyTenantNameNone) {
  mandate_.tenant = "main";
  person("grey");
  EXPECT_FALSE(events().back().contains("tenant")) << events().back();
  EXPECT_EQ(feed().back().tenant, "main");
}

TEST_P(JournalTest, EachNodeTakesItsOwnEventsIntoItsOwnLog) {
  for (const char* name : {"a", "b"}) role(name);
  Outbox other(*store_, "node-2");
  EXPECT_TRUE(other.waiting(10)->empty());
  EXPECT_EQ(other.backlog()->others, 2U);
  const auto waiting = outbox_->waiting(10);
  ASSERT_EQ(waiting->size(), 2U);
  ASSERT_TRUE(outbox_->forget(waiting->front(), {"log", 7}));
  EXPECT_EQ((*outbox_->place())->size, 7U);
  EXPECT_EQ(outbox_->forget(waiting->back(), {"another", 1}).error().code,
            ErrorCode::kFailedPrecondition);
  EXPECT_EQ(outbox_->go_to({"another", 0}).error().code, ErrorCode::kFailedPrecondition);
  EXPECT_EQ(outbox_->backlog()->own, 1U);
  ASSERT_TRUE(outbox_->forget(waiting->back(), {"log", 8}));
  EXPECT_TRUE(outbox_->go_to({"another", 0})) << "nothing waits that may be elsewhere";
}

TEST_P(JournalTest, EventsOfANodeThatIsGoneAreAnothersOnceItWasNotSeenForLong) {
  role("a");
  Outbox other(*store_, "node-2");
  EXPECT_TRUE(other.take_over(now_)->empty()) << "it has just made one";
  ASSERT_TRUE(outbox_->go_to({"log", 0}));
  ASSERT_TRUE(outbox_->note_alive(now_ + 5000));
  EXPECT_TRUE(other.take_over(now_ + 5000)->empty()) << "it was there";
  const auto taken = other.take_over(now_ + 5001);
  ASSERT_TRUE(taken) << taken.error().message;
  ASSERT_EQ(taken->size(), 1U);
  EXPECT_EQ(taken->front().node, "node-1");
  EXPECT_EQ(taken->front().events, 1U);
  EXPECT_EQ(other.waiting(10)->size(), 1U);
  EXPECT_EQ(outbox_->backlog()->own, 0U);
  EXPECT_TRUE(other.take_over(now_ + 9000)->empty()) << "they are its own";
}

TEST_P(JournalTest, EventsOfANodeThatNeverServedAreTakenOverToo) {
  role("a");
  Outbox other(*store_, "node-2");
  EXPECT_EQ(other.take_over(now_ + 1)->size(), 1U);
  EXPECT_EQ(other.backlog()->own, 1U);
}

TEST_P(JournalTest, WhatANodeWasAtWhenItWentIsNotForgottenForAnother) {
  role("a");
  ASSERT_TRUE(outbox_->go_to({"log", 0}));
  const auto at = outbox_->waiting(10)->front();
  Outbox other(*store_, "node-2");
  ASSERT_EQ(other.take_over(now_ + 1)->size(), 1U);
  ASSERT_TRUE(outbox_->forget(at, {"log", 1})) << "it was only slow";
  EXPECT_EQ(other.waiting(10)->size(), 1U) << "rather twice than never";
}

TEST_P(JournalTest, IdsAreNewEachTime) {
  std::set<std::string> ids;
  for (int i = 0; i < 50; ++i) ids.insert(role("r" + std::to_string(i)).id);
  EXPECT_EQ(ids.size(), 50U);
}

TEST_P(JournalTest, TheOldIsReadAfterAStart) {
  const Thing grey = person("grey");
  store_.reset();
  store_ = open(migrations());
  Registry again(*store_, {.clock = [] { return std::int64_t{1}; }, .fill_random = [](auto) {}});
  ASSERT_TRUE(again.find("st-mary", grey.id));
  EXPECT_EQ(*again.revision(), 1U);
}

}  // namespace
}  // namespace wardlock::directory
