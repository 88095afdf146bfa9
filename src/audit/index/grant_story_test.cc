#include "audit/index/grant_story.h"

#include <gtest/gtest.h>

#include <vector>

#include "audit/index/follow.h"
#include "audit/index/indexed_log_for_test.h"
#include "event/event_for_test.h"

namespace wardlock::audit {
namespace {

using event::Event;
using event::Kind;
using event::Outcome;

constexpr std::int64_t kStart = 1'795'330'000'000;
constexpr std::int64_t kMinute = 60'000;

/// A decision on the patient.
Event decided(std::int64_t at, bool allowed, std::string_view who = "swift",
              std::string_view patient = "p-200") {
  return {.id = "7b1e0d5c-6c1c-4f49-9a44-0f6c6c1b7d10",
          .time = at,
          .kind = Kind::kDecision,
          .outcome = allowed ? Outcome::kSuccess : Outcome::kFailure,
          .node = "node-1",
          .principal_type = "User",
          .principal_id = who,
          .action = "view",
          .patient = patient,
          .allowed = allowed};
}

/// Of the grant, as the directory tells it: by other names than policies have.
Event of_grant(Kind kind, std::int64_t at, std::string_view grant = "g-1") {
  return {.id = "7b1e0d5c-6c1c-4f49-9a44-0f6c6c1b7d10",
          .time = at,
          .kind = kind,
          .node = "node-1",
          .principal_type = "User",
          .principal_id = "0190e8a0-0000-7000-8000-00000000000a",
          .patient = "0190e8a0-0000-7000-8000-00000000000b",
          .grant = grant};
}

Event used(std::int64_t at, std::string_view grant = "g-1") {
  Event event = decided(at, true);
  event.kind = Kind::kOverrideUse;
  event.grant = grant;
  return event;
}

class GrantStoryTest : public testing::Test {
 protected:
  using Records = std::vector<std::uint64_t>;

  Result<Records> story(std::string_view grant) {
    Index& index = log_.open_index();
    EventReader reader = log_.reader();
    const auto followed = catch_up(index, reader, *log_.keys);
    EXPECT_TRUE(followed) << followed.error().message;
    return find_grant_story(index, reader, *log_.keys, "", grant);
  }

  IndexedLog log_;
};

TEST_F(GrantStoryTest, IsInOrderFromTheRefusalToTheReview) {
  log_.append({decided(kStart - 70 * kMinute, false),                  // 0: too long before
               decided(kStart - 2 * kMinute, false),                   // 1
               decided(kStart - 2 * kMinute, true),                    // 2: allowed
               decided(kStart - kMinute, false, "other"),              // 3: somebody else
               decided(kStart - kMinute, false, "swift", "p-9"),       // 4: another patient
               of_grant(Kind::kOverrideStart, kStart),                 // 5
               used(kStart + kMinute),                                 // 6
               of_grant(Kind::kOverrideStart, kStart, "g-2"),          // 7: another grant
               used(kStart + kMinute, "g-2"),                          // 8
               of_grant(Kind::kOverrideChange, kStart + 2 * kMinute),  // 9
               decided(kStart + 3 * kMinute, false),                   // 10: afterwards
               of_grant(Kind::kOverrideEnd, kStart + 4 * kMinute),     // 11
               of_grant(Kind::kReview, kStart + 5 * kMinute)});        // 12
  EXPECT_EQ(story("g-1"), (Records{1, 5, 6, 9, 11, 12}));
}

TEST_F(GrantStoryTest, WithoutAUseItIsWhatTheGrantItselfTells) {
  log_.append({decided(kStart - kMinute, false), of_grant(Kind::kOverrideStart, kStart),
               of_grant(Kind::kOverrideEnd, kStart + kMinute)});
  EXPECT_EQ(story("g-1"), (Records{1, 2}));
}

TEST_F(GrantStoryTest, OfAnApprovalFromTheWishToTheEnd) {
  Event by_approval = decided(kStart + 2 * kMinute, true);
  by_approval.grant = "q-1";
  Event by_another = by_approval;
  by_another.grant = "q-2";
  log_.append({decided(kStart - kMinute, false),                            // 0: of no grant
               of_grant(Kind::kRoleChange, kStart, "q-1"),                  // 1: asked
               of_grant(Kind::kRoleChange, kStart, "q-2"),                  // 2: another
               of_grant(Kind::kRoleChange, kStart + kMinute, "q-1"),        // 3: approved
               by_approval,                                                 // 4: used
               by_another,                                                  // 5
               decided(kStart + 2 * kMinute, true),                         // 6: of no grant
               of_grant(Kind::kRoleChange, kStart + 3 * kMinute, "q-1")});  // 7: over
  EXPECT_EQ(story("q-1"), (Records{1, 3, 4, 7}));
  EXPECT_EQ(story("q-2"), (Records{2, 5}));
}

TEST_F(GrantStoryTest, OfAGrantThatIsNotThereThereIsNone) {
  log_.append({of_grant(Kind::kOverrideStart, kStart)});
  for (const std::string_view grant : {"g-2", "", "G-1"}) {
    const auto none = story(grant);
    ASSERT_FALSE(none) << grant;
    EXPECT_EQ(none.error().code, ErrorCode::kNotFound);
  }
}

}  // namespace
}  // namespace wardlock::audit
