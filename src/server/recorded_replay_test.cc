#include "server/recorded_replay.h"

#include <gtest/gtest.h>

#include <optional>
#include <thread>
#include <utility>

#include "server/policies_for_test.h"
#include "server/reloader.h"

namespace wardlock::server {
namespace {

using administration::ComparisonState;
using administration::RecordedComparison;
using storage::name_of;  // for WARDLOCK_ON_EACH_DATABASE
using storage::tested_databases;

/// A node that has recorded what it decided, and somebody with a draft.
class RecordedReplayTest : public ManagedTenantForTest {
 protected:
  RecordedReplayTest() {
    const auto policies = in_force();
    views_.push_back(
        std::make_unique<DirectoryView>(*directory_->store, "main", config_.directory->known_by));
    std::vector<std::optional<VerifiedPolicies>> start;
    start.emplace_back(*policies->start(initial()));
    EXPECT_TRUE(policies->accept(*start.front()));
    auto loaded = load_world(config_, views_, start);
    EXPECT_TRUE(loaded) << loaded.error().message;
    loaded_ = *std::move(loaded);
    published_.emplace(loaded_->world);
    world_.emplace(*published_, *loaded_->world);
  }
  RecordedReplay::Parts parts() {
    return {.config = config_,
            .world = *world_,
            .audit = *audit_,
            .log = log_,
            .drafts = {drafts_.get()}};
  }
  /// Of a content against what is in force.
  administration::RecordedWish wish(std::string_view word = "new") {
    const auto active = activations_->in_force(place_);
    const auto draft = drafts_->begin(
        {.tenant = "main", .actor_type = "User", .actor_id = author_, .reason = "as agreed"},
        "production", "A change", content(word));
    EXPECT_TRUE(draft) << draft.error().message;
    return {.draft = draft->id, .base = (*active)->content, .content = draft->content};
  }
  /// As it is when it is over.
  static RecordedComparison wait(RecordedReplay& replay, const std::string& id) {
    for (int i = 0; i < 3000; ++i) {
      auto seen = *replay.find(0, id);
      if (seen.state == ComparisonState::kDone || seen.state == ComparisonState::kFailed) {
        return seen;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    ADD_FAILURE() << "it did not end";
    return {};
  }

  std::vector<std::unique_ptr<DirectoryView>> views_;
  std::optional<LoadedWorld> loaded_;
  std::optional<PublishedWorld> published_;
  std::optional<CurrentWorld> world_;
};
WARDLOCK_ON_EACH_DATABASE(RecordedReplayTest);

TEST_P(RecordedReplayTest, SaysWhatItFound) {
  RecordedReplay replay(parts());
  const auto begun = replay.begin(0, wish());
  ASSERT_TRUE(begun) << begun.error().message;
  const RecordedComparison seen = wait(replay, begun->id);
  ASSERT_EQ(seen.state, ComparisonState::kDone) << seen.fault;
  ASSERT_NE(seen.report, nullptr);
  EXPECT_EQ(seen.done, seen.all);
  EXPECT_EQ(seen.report->after.name, seen.wish.content);
}

TEST_P(RecordedReplayTest, IsOfItsTenantAlone) {
  RecordedReplay replay(parts());
  const auto begun = replay.begin(0, wish());
  wait(replay, begun->id);
  EXPECT_EQ(replay.find(1, begun->id).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(replay.find(0, "another").error().code, ErrorCode::kNotFound);
}

TEST_P(RecordedReplayTest, EndsWhenItsTimeIsOver) {
  auto limited = parts();
  limited.most_time = std::chrono::seconds(-1);
  RecordedReplay replay(std::move(limited));
  const RecordedComparison seen = wait(replay, replay.begin(0, wish())->id);
  EXPECT_EQ(seen.state, ComparisonState::kFailed);
  EXPECT_TRUE(seen.fault.contains("name a shorter period")) << seen.fault;
  EXPECT_EQ(seen.report, nullptr);
}

TEST_P(RecordedReplayTest, TakesSoManyAtMost) {
  for (const auto& [all, own] : {std::pair(0, 9), {9, 0}}) {
    auto limited = parts();
    limited.most_waiting = static_cast<std::size_t>(all);
    limited.most_waiting_of_one = static_cast<std::size_t>(own);
    RecordedReplay replay(std::move(limited));
    const auto begun = replay.begin(0, wish());
    ASSERT_FALSE(begun);
    EXPECT_EQ(begun.error().code, ErrorCode::kResourceExhausted);
  }
}

TEST_P(RecordedReplayTest, KeepsTheLastOnes) {
  auto limited = parts();
  limited.most_kept = 1;
  RecordedReplay replay(std::move(limited));
  const auto first = replay.begin(0, wish("one"));
  wait(replay, first->id);
  const auto second = replay.begin(0, wish("two"));
  wait(replay, second->id);
  EXPECT_EQ(replay.find(0, first->id).error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(replay.find(0, second->id));
}

TEST_P(RecordedReplayTest, SaysOfPoliciesThatDoNotFitNothingButThat) {
  auto unfit = wish();
  unfit.content =
      drafts_
          ->begin(
              {.tenant = "main", .actor_type = "User", .actor_id = author_, .reason = "as agreed"},
              "production", "A change", content("x", "permit ("))
          ->content;
  RecordedReplay replay(parts());
  const RecordedComparison seen = wait(replay, replay.begin(0, unfit)->id);
  EXPECT_EQ(seen.state, ComparisonState::kFailed);
  EXPECT_TRUE(seen.fault.contains("do not fit what is decided about here")) << seen.fault;
}

}  // namespace
}  // namespace wardlock::server
