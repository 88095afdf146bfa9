#include "authn/session/sessions.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "authn/session/session_token.h"
#include "authn/session/sessions_for_test.h"
#include "codec/base64url.h"

namespace wardlock::authn {
namespace {

class SessionsTest : public SessionsForTest {};
WARDLOCK_ON_EACH_DATABASE(SessionsTest);

TEST_P(SessionsTest, KnowWhoHasSignedIn) {
  const OpenedSession opened = open(grey_);
  const auto found = sessions_->find(opened.token.reveal(), now_);
  ASSERT_TRUE(found);
  EXPECT_EQ(*found, opened.session);
  EXPECT_EQ(found->person, grey_.id);
  EXPECT_EQ(found->assurance.level, AssuranceLevel::kAal2);
  EXPECT_EQ(found->assurance.methods, (std::vector<std::string>{"mfa", "otp", "pwd"}));
  EXPECT_EQ(found->authenticators, (std::vector<std::string>{password_, code_}));
  EXPECT_EQ(found->idle_until_ms, now_ + kHour);
  EXPECT_EQ(found->ends_ms, now_ + 12 * kHour);
  EXPECT_EQ(sessions_->find_id(kTenant, opened.session.id, now_)->id, opened.session.id);
  EXPECT_FALSE(sessions_->find_id("st-john", opened.session.id, now_));
  EXPECT_FALSE(sessions_->find_id(kTenant, grey_.id, now_));
}

TEST_P(SessionsTest, AreThereAfterARestart) {
  const OpenedSession opened = open(grey_);
  restart();
  EXPECT_EQ(*sessions_->find(opened.token.reveal(), now_), opened.session);
  EXPECT_EQ(sessions_->size(), 1U);
}

TEST_P(SessionsTest, KeepNothingByWhichOneCouldBeUsed) {
  const OpenedSession opened = open(grey_);
  const auto bytes = codec::from_base64url(opened.token.reveal().substr(4));
  ASSERT_TRUE(bytes);
  ASSERT_EQ(bytes->size(), 64U);
  storage::write(*store_, [&](storage::Work& work) -> Result<void> {
    const auto rows = TRY(work.query("SELECT family, token, token_before FROM session"));
    for (std::size_t column = 0; column < 3; ++column) {
      const auto kept = rows.front().bytes(column);
      const std::string text(kept.begin(), kept.end());
      EXPECT_FALSE(bytes->contains(text));
      EXPECT_EQ(text.size(), 32U);
    }
    return {};
  });
}

TEST_P(SessionsTest, AreFoundByTheirTokenAlone) {
  const OpenedSession opened = open(grey_);
  const std::string token(opened.token.reveal());
  std::vector<std::string> wrong = {"",
                                    "wls_",
                                    token.substr(1),
                                    token + "A",
                                    token + "=",
                                    "wlk_" + token.substr(4),
                                    opened.session.id};
  for (const std::size_t place :
       {std::size_t{5}, std::size_t{30}, std::size_t{50}, token.size() - 3}) {
    std::string changed = token;
    changed[place] = changed[place] == 'A' ? 'B' : 'A';
    wrong.push_back(changed);
  }
  for (const std::string& each : wrong) EXPECT_FALSE(sessions_->find(each, now_)) << each;
}

TEST_P(SessionsTest, AreNotEndedByWhoKnowsTheirIdAlone) {
  const OpenedSession opened = open(grey_);
  TokenHashes hashes;
  const Secret forged =
      new_session_token(*id_bytes(opened.session.id), &crypto::fill_random, hashes);
  EXPECT_FALSE(is_taken(forged));
  EXPECT_FALSE(sessions_->end_by_token(forged.reveal(), EndReason::kSignedOut, now_)->has_value());
  EXPECT_TRUE(is_open(opened.token));
}

TEST_P(SessionsTest, AreOpenedForWhoIsAtWorkAlone) {
  const Thing away = person("away");
  set_state(away, "suspended");
  EXPECT_EQ(not_opened(wanted(away)), ErrorCode::kPermissionDenied);
  NewSession foreign = wanted(grey_);
  foreign.tenant = "st-john";
  EXPECT_EQ(not_opened(foreign), ErrorCode::kPermissionDenied);
  EXPECT_EQ(not_opened(wanted(role("nurse"))), ErrorCode::kPermissionDenied);
  NewSession unsure = wanted(grey_);
  unsure.assurance = assurance_of({Proof::kBadge}, now_);
  EXPECT_EQ(not_opened(unsure), ErrorCode::kPermissionDenied);
  EXPECT_EQ(not_opened(wanted(grey_, "garden")), ErrorCode::kInvalidArgument);
  EXPECT_EQ(sessions_->size(), 0U);
}

TEST_P(SessionsTest, EndWhenTheyAreUnusedOrTheirTimeIsOver) {
  const OpenedSession idle = open(grey_);
  now_ += kHour - 1;
  EXPECT_TRUE(is_open(idle.token)) << "and it was used";
  now_ += kHour - 1;
  EXPECT_TRUE(is_open(idle.token));
  now_ += kHour;
  EXPECT_FALSE(is_open(idle.token));
  EXPECT_FALSE(is_taken(idle.token));
  const OpenedSession busy = open(grey_);
  for (int i = 0; i < 23; ++i) {
    now_ += kHour / 2;
    EXPECT_TRUE(is_open(busy.token)) << i;
  }
  now_ += kHour / 2;
  EXPECT_FALSE(is_open(busy.token));
  ASSERT_TRUE(sessions_->tidy(now_));
  EXPECT_TRUE(has_ended(idle, "idle"));
  EXPECT_TRUE(has_ended(busy, "overall"));
  EXPECT_EQ(sessions_->size(), 0U);
}

TEST_P(SessionsTest, AtTheThirdLevelAreShorter) {
  NewSession sure = wanted(grey_);
  sure.assurance = assurance_of({Proof::kVerifiedHardwareKey}, now_);
  const OpenedSession opened = open(sure);
  EXPECT_EQ(opened.session.idle_until_ms, now_ + 15 * kMinute);
  now_ += 15 * kMinute;
  EXPECT_FALSE(is_open(opened.token));
}

TEST_P(SessionsTest, AreUsedOnOtherNodesToo) {
  const OpenedSession opened = open(grey_);
  const auto other = start(*store_);
  now_ += 40 * kMinute;
  EXPECT_TRUE(other->find(opened.token.reveal(), now_));
  ASSERT_TRUE(other->tidy(now_)) << "writes the use";
  now_ += 40 * kMinute;
  ASSERT_TRUE(sessions_->tidy(now_)) << "it is not over, whatever this node saw";
  EXPECT_TRUE(is_open(opened.token));
  EXPECT_TRUE(ended_.empty());
}

TEST_P(SessionsTest, ThatWereOpenedElsewhereAreTaken) {
  const auto other = start(*store_);
  const OpenedSession opened = open(grey_);
  EXPECT_TRUE(other->take(opened.token.reveal(), now_)) << "looks in the database";
  EXPECT_TRUE(other->find(opened.token.reveal(), now_));
}

TEST_P(SessionsTest, ChangeTheirTokenByAndBy) {
  const OpenedSession opened = open(grey_);
  EXPECT_EQ(take(opened.token), opened.token) << "not yet";
  now_ += 10 * kMinute;
  const Secret next = take(opened.token);
  EXPECT_NE(next, opened.token);
  EXPECT_TRUE(is_open(next));
  EXPECT_TRUE(is_open(opened.token)) << "requests were under way";
  EXPECT_EQ(take(opened.token), opened.token) << "they get no other";
  now_ += 20 * kSecond - 1;
  EXPECT_TRUE(is_open(opened.token));
  now_ += 1;
  EXPECT_FALSE(is_open(opened.token));
  EXPECT_TRUE(is_open(next));
}

TEST_P(SessionsTest, EndWhereAnOldTokenComesBack) {
  const OpenedSession opened = open(grey_);
  now_ += 10 * kMinute;
  const Secret next = take(opened.token);
  now_ += 20 * kSecond;
  EXPECT_FALSE(is_open(opened.token));
  EXPECT_TRUE(is_open(next)) << "looking alone ends nothing";
  EXPECT_FALSE(is_taken(opened.token));
  EXPECT_FALSE(is_open(next)) << "one of the two is not its owner's";
  EXPECT_FALSE(is_taken(next));
  EXPECT_TRUE(has_ended(opened, "reuse"));
}

TEST_P(SessionsTest, KnowATokenThatAnotherNodeChanged) {
  const auto other = start(*store_);
  const OpenedSession opened = open(grey_);
  ASSERT_TRUE(other->take(opened.token.reveal(), now_));
  now_ += 10 * kMinute;
  const Secret next = take(opened.token);
  now_ += kMinute;
  EXPECT_TRUE(other->take(next.reveal(), now_)) << "it looks before it takes that for theft";
  EXPECT_TRUE(ended_.empty());
  EXPECT_TRUE(is_open(next));
}

TEST_P(SessionsTest, GiveOneNewTokenToManyRequestsAtOnce) {
  const OpenedSession opened = open(grey_);
  now_ += 10 * kMinute;
  std::atomic<int> changed = 0;
  std::atomic<int> refused = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        const auto taken = sessions_->take(opened.token.reveal(), now_);
        if (!taken) ++refused;
        if (taken && taken->new_token) ++changed;
      });
    }
  }
  EXPECT_EQ(changed, 1);
  EXPECT_EQ(refused, 0);
}

TEST_P(SessionsTest, OfAPersonAreSoMany) {
  settings_.most_of_a_person = 2;
  restart();
  const OpenedSession first = open(grey_);
  now_ += 1;
  const OpenedSession second = open(grey_);
  const OpenedSession others = open(person("green"));
  now_ += 1;
  const OpenedSession third = open(grey_);
  EXPECT_FALSE(is_open(first.token));
  EXPECT_TRUE(is_open(second.token) && is_open(third.token) && is_open(others.token));
  EXPECT_TRUE(has_ended(first, "too_many"));
  settings_.too_many = TooMany::kRefuse;
  restart();
  EXPECT_EQ(not_opened(wanted(grey_)), ErrorCode::kResourceExhausted);
  now_ += 13 * kHour;
  EXPECT_TRUE(sessions_->open(wanted(grey_), now_)) << "those that are over do not count";
}

TEST_P(SessionsTest, OfAPersonAreNoMoreWhereManySignInAtOnce) {
  settings_.most_of_a_person = 3;
  restart();
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int j = 0; j < 3; ++j) EXPECT_TRUE(sessions_->open(wanted(grey_), now_));
      });
    }
  }
  EXPECT_EQ(sessions_->of_person(kTenant, grey_.id, now_)->size(), 3U);
  EXPECT_EQ(sessions_->size(), 3U);
  EXPECT_EQ(ended_.size(), 9U);
}

}  // namespace
}  // namespace wardlock::authn
