// How sessions end, here and everywhere, also while the database is down.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "authn/session/person_watch.h"
#include "authn/session/sessions_for_test.h"

namespace wardlock::authn {
namespace {

class SessionEndingTest : public SessionsForTest {};
WARDLOCK_ON_EACH_DATABASE(SessionEndingTest);

TEST_P(SessionEndingTest, EndWhenTheirOwnerSignsOut) {
  const OpenedSession opened = open(grey_);
  const auto ended = sessions_->end_by_token(opened.token.reveal(), EndReason::kSignedOut, now_);
  ASSERT_TRUE(ended && *ended);
  EXPECT_EQ((*ended)->id, opened.session.id);
  EXPECT_FALSE(is_open(opened.token));
  EXPECT_FALSE(is_taken(opened.token));
  EXPECT_TRUE(has_ended(opened, "signed_out"));
  EXPECT_FALSE(
      sessions_->end_by_token(opened.token.reveal(), EndReason::kSignedOut, now_)->has_value());
  EXPECT_FALSE(sessions_->end_by_token("x", EndReason::kSignedOut, now_)->has_value());
  restart();
  EXPECT_EQ(sessions_->size(), 0U);
}

TEST_P(SessionEndingTest, EndOfATenantAPersonOrWhatTheyRestOn) {
  const OpenedSession here = open(grey_);
  NewSession by_password = wanted(grey_);
  by_password.authenticators = {password_};
  const OpenedSession other = open(by_password);
  const OpenedSession greens = open(person("green"));
  EXPECT_FALSE(*sessions_->end("st-john", here.session.id, EndReason::kAdministrator, now_));
  EXPECT_EQ(*sessions_->end_of_tenant("st-john", EndReason::kAdministrator, now_), 0U);
  EXPECT_EQ(*sessions_->end_of_person("st-john", grey_.id, EndReason::kAdministrator, now_), 0U);
  EXPECT_EQ(*sessions_->end_resting_on("st-john", grey_.id, code_, now_), 0U);
  EXPECT_TRUE(is_open(here.token) && is_open(other.token) && is_open(greens.token));
  EXPECT_EQ(*sessions_->end_resting_on(kTenant, grey_.id, code_, now_), 1U);
  EXPECT_FALSE(is_open(here.token));
  EXPECT_TRUE(is_open(other.token) && is_open(greens.token));
  EXPECT_TRUE(has_ended(here, "authenticator"));
  const OpenedSession kept = open(grey_);
  EXPECT_EQ(*sessions_->end_of_person(kTenant, grey_.id, EndReason::kAdministrator, now_,
                                      kept.session.id),
            1U);
  EXPECT_TRUE(is_open(kept.token) && !is_open(other.token));
  EXPECT_EQ(*sessions_->end_of_tenant(kTenant, EndReason::kAdministrator, now_), 2U);
  EXPECT_FALSE(is_open(kept.token) || is_open(greens.token));
}

TEST_P(SessionEndingTest, EndOnEveryNode) {
  const auto other = start(*store_);
  const OpenedSession opened = open(grey_);
  ASSERT_TRUE(other->follow());
  EXPECT_TRUE(other->find(opened.token.reveal(), now_));
  ASSERT_TRUE(*sessions_->end(kTenant, opened.session.id, EndReason::kAdministrator, now_));
  for (int i = 0; i < 500 && other->find(opened.token.reveal(), now_); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_FALSE(other->find(opened.token.reveal(), now_)) << "it was told";
  EXPECT_FALSE(other->take(opened.token.reveal(), now_));
  EXPECT_EQ(ended_.size(), 1U) << "on record once";
}

TEST_P(SessionEndingTest, EndWithTheirPerson) {
  const auto watch = PersonWatch::start(*store_, *registry_, *sessions_, [this] { return now_; });
  ASSERT_TRUE(watch);
  const Thing green = person("green");
  const Thing gone = person("gone");
  const OpenedSession greys = open(grey_);
  const OpenedSession greens = open(green);
  const OpenedSession theirs = open(gone);
  write([&](directory::Edit& edit) -> Result<void> {
    TRY(edit.change(green.id, std::nullopt,
                    directory::json(R"({"userName":"green","title":"Dr."})")));
    return {};
  });
  set_state(grey_, "suspended");
  set_state(gone, "left");
  ASSERT_TRUE((*watch)->follow());
  EXPECT_FALSE(is_open(greys.token));
  EXPECT_FALSE(is_open(theirs.token));
  EXPECT_TRUE(is_open(greens.token));
  EXPECT_TRUE(has_ended(greys, "person_ended"));
}

TEST_P(SessionEndingTest, EndWithAPersonWhoLeftWhileNobodyLooked) {
  const OpenedSession greys = open(grey_);
  const OpenedSession greens = open(person("green"));
  set_state(grey_, "suspended");
  ASSERT_TRUE(registry_->forget_changes(registry_->revision().value()));
  const auto watch = PersonWatch::start(*store_, *registry_, *sessions_, [this] { return now_; });
  ASSERT_TRUE(watch);
  EXPECT_FALSE(is_open(greys.token));
  EXPECT_TRUE(is_open(greens.token));
}

TEST_P(SessionEndingTest, AreForgottenLongAfterTheirEnd) {
  open(grey_);
  now_ += 13 * kHour;
  ASSERT_TRUE(sessions_->tidy(now_));
  EXPECT_EQ(storage::number(*store_, "SELECT count(*) FROM session"), 1);
  now_ += 2 * kHour;
  ASSERT_TRUE(sessions_->tidy(now_));
  EXPECT_EQ(storage::number(*store_, "SELECT count(*) FROM session"), 0);
}

TEST_P(SessionEndingTest, AreNotRestored) {
  const OpenedSession opened = open(grey_);
  ASSERT_TRUE(forget_all_sessions(*store_));
  restart();
  EXPECT_FALSE(is_taken(opened.token));
}

TEST_P(SessionEndingTest, WithoutTheDatabaseAreShortAndInMemoryAlone) {
  NewSession remembered = wanted(grey_);
  remembered.is_without_database = true;
  const OpenedSession opened = open(remembered);
  EXPECT_TRUE(is_open(opened.token));
  EXPECT_TRUE(is_taken(opened.token));
  EXPECT_EQ(opened.session.ends_ms, now_ + kHour);
  EXPECT_EQ(storage::number(*store_, "SELECT count(*) FROM session"), 0);
  ASSERT_TRUE(sessions_->follow());
  EXPECT_TRUE(is_open(opened.token)) << "that the database does not know it ends nothing";
  EXPECT_EQ(*sessions_->person_ended(kTenant, grey_.id, now_), 1U);
  EXPECT_FALSE(is_open(opened.token));
  for (std::size_t i = 0; i < settings_.most_of_a_person; ++i) open(remembered);
  EXPECT_EQ(not_opened(remembered), ErrorCode::kResourceExhausted);
  now_ += kHour;
  ASSERT_TRUE(sessions_->tidy(now_));
  EXPECT_EQ(sessions_->size(), 0U);
}

/// A database that nobody can write to: somebody else keeps it.
class AwayTest : public SessionsForTest {
 protected:
  AwayTest() {
    sessions_.reset();
    registry_.reset();
    outbox_.reset();
    store_ = open_quickly();
    registry_ = std::make_unique<directory::Registry>(*store_, surroundings_);
    sessions_ = start(*store_);
  }
  ~AwayTest() override { come_back(); }

  void go_away() {
    other_ = std::move(*try_open(migrations_));
    keeper_ = std::thread([this] {
      storage::write(*other_, [this](storage::Work& work) -> Result<void> {
        TRY(work.run("UPDATE session_head SET changed = changed"));
        is_away_ = true;
        while (is_away_) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        return {};
      });
    });
    while (!is_away_) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  void come_back() {
    is_away_ = false;
    if (keeper_.joinable()) keeper_.join();
  }

 private:
  std::atomic<bool> is_away_ = false;
  std::unique_ptr<storage::Store> other_;
  std::thread keeper_;
};
WARDLOCK_ON_EACH_DATABASE(AwayTest);

TEST_P(AwayTest, LiveSessionsGoOn) {
  const OpenedSession opened = open(grey_);
  go_away();
  EXPECT_TRUE(is_open(opened.token));
  now_ += 11 * kMinute;
  EXPECT_EQ(take(opened.token), opened.token) << "it changes later";
  EXPECT_EQ(not_opened(wanted(grey_)), ErrorCode::kUnavailable);
  come_back();
  EXPECT_NE(take(opened.token), opened.token);
}

TEST_P(AwayTest, WhatEndsDoesSoAtOnceAndLaterEverywhere) {
  const OpenedSession signed_out = open(grey_);
  const OpenedSession of_green = open(person("green"));
  const auto other = start(*store_);
  go_away();
  EXPECT_FALSE(sessions_->person_ended(kTenant, of_green.session.person, now_))
      << "elsewhere it goes on";
  EXPECT_FALSE(is_open(of_green.token));
  EXPECT_FALSE(sessions_->end_by_token(signed_out.token.reveal(), EndReason::kSignedOut, now_));
  EXPECT_FALSE(is_open(signed_out.token));
  EXPECT_TRUE(other->find(signed_out.token.reveal(), now_));
  come_back();
  ASSERT_TRUE(sessions_->tidy(now_));
  ASSERT_TRUE(other->follow());
  EXPECT_FALSE(other->find(signed_out.token.reveal(), now_));
  EXPECT_FALSE(other->find(of_green.token.reveal(), now_));
  EXPECT_FALSE(is_taken(signed_out.token) || is_taken(of_green.token));
}

}  // namespace
}  // namespace wardlock::authn
