#include "authn/session/sessions.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "authn/session/live_sessions.h"
#include "authn/session/person_watch.h"
#include "authn/session/session_token.h"
#include "authn/session/tables_for_test.h"
#include "codec/base64url.h"

namespace wardlock::authn {
namespace {

using directory::Thing;
using storage::name_of;
using storage::tested_databases;

constexpr std::int64_t kSecond = 1000;
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::string_view kTenant = "st-mary";

class SessionsTest : public HospitalWith {
 protected:
  SessionsTest() : HospitalWith({kSessionTables}) { sessions_ = start(*store_); }

  std::unique_ptr<Sessions> start(storage::Store& store) {
    auto started =
        Sessions::start(store, settings_,
                        {.fill_random = &crypto::fill_random,
                         .ended = [this](const Session& session, EndReason reason) {
                           const std::scoped_lock lock(mutex_);
                           ended_.push_back(session.id + " " + std::string(to_string(reason)));
                         }});
    EXPECT_TRUE(started) << started.error().message;
    return std::move(*started);
  }
  /// As after a restart with other settings.
  void restart() {
    sessions_.reset();
    sessions_ = start(*store_);
  }
  /// One that does not wait long for others.
  std::unique_ptr<storage::Store> open_quickly() {
    return std::move(
        *try_open(migrations_, {.url = url(), .busy_timeout = std::chrono::milliseconds(100)}));
  }
  NewSession wanted(const Thing& person, std::string environment = "office") {
    return {.tenant = std::string(kTenant),
            .person = person.id,
            .assurance = assurance_of({Proof::kPassword, Proof::kOneTimeCode}, now_),
            .environment = std::move(environment),
            .workstation = "device:7",
            .authenticators = {password_, code_}};
  }
  OpenedSession open(const NewSession& wanted) {
    auto opened = sessions_->open(wanted, now_);
    EXPECT_TRUE(opened) << opened.error().message;
    return std::move(*opened);
  }
  OpenedSession open(const Thing& person, std::string environment = "office") {
    return open(wanted(person, std::move(environment)));
  }
  ErrorCode not_opened(const NewSession& wanted) {
    const auto opened = sessions_->open(wanted, now_);
    EXPECT_FALSE(opened);
    return opened ? ErrorCode::kUnknown : opened.error().code;
  }
  bool is_open(const Secret& token) { return sessions_->find(token.reveal(), now_).has_value(); }
  /// The token from then on; that one, where it did not change.
  Secret take(const Secret& token) {
    const auto taken = sessions_->take(token.reveal(), now_);
    EXPECT_TRUE(taken) << taken.error().message;
    return taken && taken->new_token ? *taken->new_token : token;
  }
  bool is_taken(const Secret& token) { return sessions_->take(token.reveal(), now_).has_value(); }
  bool has_ended(const OpenedSession& opened, std::string_view why) {
    const std::scoped_lock lock(mutex_);
    return std::ranges::count(ended_, opened.session.id + " " + std::string(why)) == 1;
  }

  const std::string password_ = "01890000-0000-7000-8000-000000000001";
  const std::string code_ = "01890000-0000-7000-8000-000000000002";
  SessionSettings settings_;
  std::mutex mutex_;
  std::vector<std::string> ended_;
  Thing grey_ = person("grey");
  std::unique_ptr<Sessions> sessions_;
};
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

TEST_P(SessionsTest, StepUp) {
  NewSession weak = wanted(grey_);
  weak.assurance = assurance_of({Proof::kPassword}, now_);
  weak.authenticators = {password_};
  const OpenedSession opened = open(weak);
  now_ += kMinute;
  const std::vector<std::string> shown = {code_};
  const auto raised = sessions_->step_up(opened.token.reveal(),
                                         assurance_of({Proof::kOneTimeCode}, now_), shown, now_);
  ASSERT_TRUE(raised) << raised.error().message;
  EXPECT_EQ(raised->session.id, opened.session.id);
  EXPECT_EQ(raised->session.assurance.level, AssuranceLevel::kAal2);
  EXPECT_EQ(raised->session.assurance.authenticated_ms, now_);
  EXPECT_EQ(raised->session.authenticators, (std::vector<std::string>{password_, code_}));
  EXPECT_EQ(raised->session.ends_ms, opened.session.ends_ms) << "it lasts no longer for that";
  EXPECT_NE(raised->token, opened.token);
  EXPECT_EQ(sessions_->find(raised->token.reveal(), now_)->assurance.level, AssuranceLevel::kAal2);
  const auto sure = sessions_->step_up(
      raised->token.reveal(), assurance_of({Proof::kVerifiedHardwareKey}, now_), shown, now_);
  ASSERT_TRUE(sure);
  EXPECT_EQ(sure->session.idle_until_ms, now_ + 15 * kMinute) << "the third level's limits";
  EXPECT_EQ(sessions_->find_id(kTenant, sure->session.id, now_)->idle_until_ms,
            now_ + 15 * kMinute);
  now_ += kMinute;
  EXPECT_FALSE(sessions_->step_up(opened.token.reveal(), assurance_of({}, now_), {}, now_));
  EXPECT_FALSE(sessions_->step_up("wls_", assurance_of({}, now_), {}, now_));
}

TEST_P(SessionsTest, LockAtTheBedside) {
  const OpenedSession opened = open(grey_, "bedside");
  EXPECT_TRUE(sessions_->lock(opened.token.reveal(), now_));
  EXPECT_FALSE(is_open(opened.token));
  EXPECT_FALSE(sessions_->find_id(kTenant, opened.session.id, now_));
  EXPECT_TRUE(sessions_->take(opened.token.reveal(), now_)->session.is_locked);
  EXPECT_FALSE(sessions_->step_up(opened.token.reveal(), assurance_of({}, now_), {}, now_));
  now_ += kHour;
  EXPECT_TRUE(sessions_->take(opened.token.reveal(), now_)->session.is_locked);
  EXPECT_EQ(sessions_->find_locked(kTenant, grey_.id, "device:7", now_)->value().id,
            opened.session.id);
  const auto unlocked = sessions_->unlock(kTenant, grey_.id, "device:7", now_);
  ASSERT_TRUE(unlocked) << unlocked.error().message;
  EXPECT_EQ(unlocked->session.id, opened.session.id);
  EXPECT_EQ(unlocked->session.assurance.authenticated_ms, opened.session.started_ms);
  EXPECT_EQ(unlocked->session.assurance.methods,
            (std::vector<std::string>{"mfa", "otp", "pin", "pwd"}));
  EXPECT_TRUE(is_open(unlocked->token));
  EXPECT_FALSE(is_taken(opened.token)) << "who has the token from before has nothing";
  EXPECT_TRUE(is_open(unlocked->token));
  EXPECT_FALSE(sessions_->unlock(kTenant, grey_.id, "device:7", now_)) << "it is not locked";
}

TEST_P(SessionsTest, LockWhenTheyAreUnusedAtTheBedsideAlone) {
  const OpenedSession bedside = open(grey_, "bedside");
  NewSession elsewhere = wanted(grey_);
  elsewhere.workstation = "device:8";
  const OpenedSession office = open(elsewhere);
  EXPECT_EQ(sessions_->lock(office.token.reveal(), now_).error().code,
            ErrorCode::kFailedPrecondition);
  now_ += kHour;
  ASSERT_TRUE(sessions_->tidy(now_));
  EXPECT_FALSE(is_open(bedside.token));
  EXPECT_TRUE(has_ended(office, "idle"));
  EXPECT_FALSE(sessions_->unlock(kTenant, grey_.id, "device:8", now_));
  EXPECT_TRUE(sessions_->unlock(kTenant, grey_.id, "device:7", now_));
}

TEST_P(SessionsTest, AreUnlockedByTheirOwnerAtTheirWorkstationWithinTheShift) {
  settings_.unlock_within = std::chrono::hours(8);
  restart();
  const OpenedSession opened = open(grey_, "bedside");
  now_ += kHour;
  EXPECT_FALSE(sessions_->unlock(kTenant, grey_.id, "device:8", now_));
  EXPECT_FALSE(sessions_->unlock(kTenant, grey_.id, "", now_));
  EXPECT_FALSE(sessions_->unlock(kTenant, person("green").id, "device:7", now_));
  EXPECT_FALSE(sessions_->unlock("st-john", grey_.id, "device:7", now_));
  EXPECT_FALSE(sessions_->find_locked(kTenant, grey_.id, "", now_)->has_value());
  now_ += 7 * kHour;
  EXPECT_FALSE(sessions_->unlock(kTenant, grey_.id, "device:7", now_)) << "the shift is over";
  EXPECT_FALSE(is_taken(opened.token));
}

TEST_P(SessionsTest, ThatAreUnlockedAreNoLongerOfTheThirdLevel) {
  NewSession sure = wanted(grey_, "bedside");
  sure.assurance = assurance_of({Proof::kSmartcard}, now_);
  open(sure);
  now_ += kHour;
  EXPECT_EQ(sessions_->unlock(kTenant, grey_.id, "device:7", now_)->session.assurance.level,
            AssuranceLevel::kAal2);
}

TEST_P(SessionsTest, EndWhereBadgeOrPinAreWrongTooOften) {
  const OpenedSession opened = open(grey_, "bedside");
  EXPECT_FALSE(*sessions_->note_failed_unlock(kTenant, grey_.id, "device:7", now_))
      << "nothing is locked";
  EXPECT_TRUE(is_open(opened.token));
  ASSERT_TRUE(sessions_->lock(opened.token.reveal(), now_));
  for (int i = 0; i < 4; ++i) {
    EXPECT_TRUE(*sessions_->note_failed_unlock(kTenant, grey_.id, "device:7", now_)) << i;
  }
  EXPECT_FALSE(*sessions_->note_failed_unlock(kTenant, grey_.id, "device:7", now_));
  EXPECT_FALSE(sessions_->unlock(kTenant, grey_.id, "device:7", now_));
  EXPECT_TRUE(has_ended(opened, "unlock_tries"));
}

TEST_P(SessionsTest, TriesToUnlockCountAnewAfterARightOne) {
  const OpenedSession opened = open(grey_, "bedside");
  now_ += kHour;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 4; ++i) {
      EXPECT_TRUE(*sessions_->note_failed_unlock(kTenant, grey_.id, "device:7", now_));
    }
    ASSERT_TRUE(sessions_->unlock(kTenant, grey_.id, "device:7", now_));
    now_ += kHour;
  }
  EXPECT_TRUE(ended_.empty());
}

TEST_P(SessionsTest, EndWhenTheirOwnerSignsOut) {
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

TEST_P(SessionsTest, EndOfATenantAPersonOrWhatTheyRestOn) {
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

TEST_P(SessionsTest, EndOnEveryNode) {
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

TEST_P(SessionsTest, EndWithTheirPerson) {
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

TEST_P(SessionsTest, EndWithAPersonWhoLeftWhileNobodyLooked) {
  const OpenedSession greys = open(grey_);
  const OpenedSession greens = open(person("green"));
  set_state(grey_, "suspended");
  ASSERT_TRUE(registry_->forget_changes(registry_->revision().value()));
  const auto watch = PersonWatch::start(*store_, *registry_, *sessions_, [this] { return now_; });
  ASSERT_TRUE(watch);
  EXPECT_FALSE(is_open(greys.token));
  EXPECT_TRUE(is_open(greens.token));
}

TEST_P(SessionsTest, AreForgottenLongAfterTheirEnd) {
  open(grey_);
  now_ += 13 * kHour;
  ASSERT_TRUE(sessions_->tidy(now_));
  EXPECT_EQ(storage::number(*store_, "SELECT count(*) FROM session"), 1);
  now_ += 2 * kHour;
  ASSERT_TRUE(sessions_->tidy(now_));
  EXPECT_EQ(storage::number(*store_, "SELECT count(*) FROM session"), 0);
}

TEST_P(SessionsTest, AreNotRestored) {
  const OpenedSession opened = open(grey_);
  ASSERT_TRUE(forget_all_sessions(*store_));
  restart();
  EXPECT_FALSE(is_taken(opened.token));
}

TEST_P(SessionsTest, WithoutTheDatabaseAreShortAndInMemoryAlone) {
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
class AwayTest : public SessionsTest {
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

TEST(SessionTable, TakesLittleMemory) {
  const SessionSettings settings;
  LiveSessions live(settings);
  constexpr std::size_t kCount = 100'000;
  SessionRecord record{.session = {.id = {},
                                   .tenant = "st-mary",
                                   .person = {},
                                   .assurance = assurance_of({Proof::kPassword}, 1),
                                   .environment = "bedside",
                                   .workstation = "device:0123456789012345678901",
                                   .authenticators = {"01890000-0000-7000-8000-000000000001",
                                                      "01890000-0000-7000-8000-000000000002"},
                                   .started_ms = 1,
                                   .idle_until_ms = 1000,
                                   .ends_ms = 2000},
                       .hashes = {},
                       .rotated_ms = 1};
  const std::size_t before = mallinfo2().uordblks;
  for (std::size_t i = 0; i < kCount; ++i) {
    IdBytes id;
    crypto::fill_random(id);
    record.session.id = id_text(id);
    record.session.person = id_text(id);
    live.put(record);
  }
  const std::size_t each = (mallinfo2().uordblks - before) / kCount;
  EXPECT_EQ(live.size(), kCount);
  EXPECT_LT(each, 600U) << "a million are to take less than 1 GB";
  RecordProperty("bytes_each", static_cast<int>(each));
  std::cout << each << " bytes each\n";
}

TEST(SessionTable, BringsNothingBackThatHasEnded) {
  const SessionSettings settings;
  LiveSessions live(settings);
  SessionRecord record{.session = {.id = "01890000-0000-7000-8000-000000000001",
                                   .tenant = "st-mary",
                                   .person = "01890000-0000-7000-8000-000000000002",
                                   .environment = "office",
                                   .idle_until_ms = 1000,
                                   .ends_ms = 2000}};
  live.erase(*id_bytes(record.session.id));
  live.put(record);
  live.forget_ended();
  live.put(record);
  EXPECT_EQ(live.size(), 0U) << "who opened it was slower than who ended it";
  record.session.id = "01890000-0000-7000-8000-000000000003";
  live.put(record);
  record.ended_ms = 5;
  live.put(record);
  EXPECT_EQ(live.size(), 0U);
}

TEST(SessionTable, KnowsIdsFromOtherTexts) {
  const std::string id = "01890000-0000-7000-8000-00000000abcd";
  EXPECT_EQ(id_text(*id_bytes(id)), id);
  for (const char* other :
       {"", "x", "01890000-0000-7000-8000-00000000ABCD", "01890000-0000-7000-8000-00000000abc",
        "0189000000-00-7000-8000-00000000abcd", "01890000-0000-7000-8000-00000000abcg"}) {
    EXPECT_FALSE(id_bytes(other)) << other;
  }
}

}  // namespace
}  // namespace wardlock::authn
