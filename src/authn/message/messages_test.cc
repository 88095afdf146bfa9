#include "authn/message/messages.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "authn/message/tables.h"
#include "crypto/random.h"
#include "crypto/symmetric_key.h"
#include "directory/registry/hospital_for_test.h"
#include "directory/registry/tables.h"
#include "event/draft.h"
#include "secrets/secret_table.h"

namespace wardlock::authn {
namespace {

using storage::name_of;
using storage::tested_databases;
using storage::Work;

constexpr std::int64_t kSecond = 1000;
constexpr std::int64_t kHour = 3600 * kSecond;

const secrets::Sealer& sealer() {
  static const std::array keys = {crypto::SymmetricKey::random()};
  static const auto made = secrets::Sealer::make(keys);
  return *made;
}

class MessagesTest : public directory::HospitalForTest {
 protected:
  MessagesTest() : secrets_(sealer()) {
    registry_.reset();
    outbox_.reset();
    store_.reset();
    const auto before = directory::migrations();
    std::vector<storage::Migration> all(before.begin(), before.end());
    all.push_back(kMessageTables);
    store_ = open(all);
    registry_ = std::make_unique<directory::Registry>(*store_, surroundings());
    outbox_ = std::make_unique<directory::Outbox>(*store_, "node-1");
    messages_ = make({.has_notices = true, .has_codes = true});
    grey_ = person("grey").id;
  }

  directory::Surroundings surroundings() {
    return {.clock = [this] { return now_; },
            .fill_random = &crypto::fill_random,
            .node = "node-1",
            .secrets = &secrets_};
  }
  std::unique_ptr<Messages> make(MessageSettings settings) {
    return std::make_unique<Messages>(*store_, surroundings(), settings);
  }

  void tell(About about = About::kAuthenticatorAdded) {
    storage::write(*store_, [&](Work& work) {
      return messages_->tell(work, "st-mary", grey_, about,
                             {.authenticators = {"passkey"}, .happened_ms = now_});
    });
  }
  void tell_once(std::string_view what, std::int64_t until) {
    storage::write(*store_, [&](Work& work) {
      return messages_->tell_once(work, "st-mary", grey_, About::kAttempts, {.happened_ms = now_},
                                  what, until);
    });
  }
  bool send_code(Familiarity who = Familiarity::kFamiliar, std::string_view tenant = "st-mary") {
    bool is_sent = false;
    storage::write(*store_, [&](Work& work) -> Result<void> {
      is_sent = TRY(messages_->send_code(work, {.tenant = tenant,
                                                .person = grey_,
                                                .address = Secret("+49 30 123456"),
                                                .code = Secret("31415926"),
                                                .who = who,
                                                .until_ms = now_ + 300 * kSecond}));
      return {};
    });
    return is_sent;
  }
  std::vector<Message> due() {
    std::vector<Message> all;
    for (const auto kind : {MessageKind::kNotice, MessageKind::kCode}) {
      auto of_kind = messages_->due(kind, 100);
      EXPECT_TRUE(of_kind) << of_kind.error().message;
      for (Message& each : *of_kind) {
        EXPECT_EQ(is_code(each.about), kind == MessageKind::kCode);
        all.push_back(std::move(each));
      }
    }
    return all;
  }
  bool take(const Message& message) { return messages_->take(message).value_or(false); }
  std::int64_t waiting() { return storage::number(*store_, "SELECT count(*) FROM message"); }

  secrets::SecretTable secrets_;
  std::unique_ptr<Messages> messages_;
  std::string grey_;
};
WARDLOCK_ON_EACH_DATABASE(MessagesTest);

TEST(About, HasANameEach) {
  for (std::size_t i = 0; i < kAbouts; ++i) {
    const auto about = static_cast<About>(i);
    EXPECT_EQ(find_about(to_string(about)), about);
  }
  EXPECT_FALSE(find_about("passwords"));
  EXPECT_FALSE(find_about(""));
}

TEST_P(MessagesTest, AreThereWithWhatCausesThemOrNotAtAll) {
  const auto failed = store_->write([&](Work& work) -> Result<void> {
    TRY_VOID(messages_->tell(work, "st-mary", grey_, About::kPasswordChanged, {}));
    return invalid("what causes it fails");
  });
  EXPECT_FALSE(failed);
  EXPECT_EQ(waiting(), 0);
  tell();
  const auto all = due();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].about, About::kAuthenticatorAdded);
  EXPECT_EQ(all[0].person, grey_);
  EXPECT_EQ(all[0].tenant, "st-mary");
  EXPECT_EQ(all[0].details, (MessageDetails{.authenticators = {"passkey"}, .happened_ms = now_}));
}

TEST_P(MessagesTest, AreKeptOnlyWhereSomebodyIsToldOfThem) {
  messages_ = make({});
  tell();
  tell_once("x", now_ + kHour);
  EXPECT_FALSE(send_code());
  EXPECT_EQ(waiting(), 0);
}

TEST_P(MessagesTest, AreTriedAgainAfterLongerAndLonger) {
  tell();
  std::int64_t wait = 10 * kSecond;
  for (int attempt = 0; attempt < 12; ++attempt) {
    auto all = due();
    ASSERT_EQ(all.size(), 1U) << attempt;
    ASSERT_TRUE(take(all[0]));
    EXPECT_TRUE(due().empty());
    now_ += wait - 1;
    EXPECT_TRUE(due().empty()) << attempt;
    now_ += 1;
    wait = std::min(2 * wait, kHour);
  }
}

TEST_P(MessagesTest, AreTakenByOneNode) {
  tell();
  const Message message = due().at(0);
  EXPECT_TRUE(take(message));
  EXPECT_FALSE(take(message)) << "another node had it in hand, too";
}

TEST_P(MessagesTest, WhatWasTakenAndNotSettledComesAgain) {
  tell();
  const Message before = due().at(0);
  ASSERT_TRUE(take(before));
  messages_ = make({.has_notices = true});  // as after a kill
  now_ += 10 * kSecond;
  ASSERT_EQ(due().size(), 1U);
  EXPECT_EQ(due()[0].id, before.id) << "by its id it is known to be the same";
}

TEST_P(MessagesTest, GoWithTheirOutcomeOnRecordAndNothingOfWhatTheySaid) {
  tell();
  ASSERT_TRUE(send_code());
  for (const Message& each : due()) {
    ASSERT_TRUE(take(each));
    ASSERT_TRUE(messages_->settle(each, MessageFate::kDelivered, "mail"));
    const std::string event = last_event();
    EXPECT_NE(event.find(R"("kind":"message")"), std::string::npos) << event;
    EXPECT_NE(event.find(R"("outcome":"success")"), std::string::npos) << event;
    EXPECT_NE(event.find(to_string(each.about)), std::string::npos) << event;
    EXPECT_NE(event.find(grey_), std::string::npos) << event;
    for (const char* said : {"passkey", "31415926", "123456"}) {
      EXPECT_EQ(event.find(said), std::string::npos) << event;
    }
  }
  EXPECT_EQ(waiting(), 0);
  EXPECT_EQ(storage::number(*store_, "SELECT count(*) FROM secret"), 0);
}

TEST_P(MessagesTest, AreSettledOnce) {
  tell();
  const Message message = due().at(0);
  ASSERT_TRUE(messages_->settle(message, MessageFate::kRefused, "mail"));
  EXPECT_NE(last_event().find(R"("cause":"refused")"), std::string::npos) << last_event();
  const std::size_t before = events().size();
  ASSERT_TRUE(messages_->settle(message, MessageFate::kDelivered, "mail"));
  EXPECT_EQ(events().size(), before);
}

TEST_P(MessagesTest, AreGivenUpAfterTheirTimeAndPutOnRecord) {
  tell();
  now_ += 48 * kHour - 1;
  EXPECT_EQ(messages_->give_up().value(), 0U);
  now_ += 1;
  EXPECT_TRUE(due().empty()) << "it is not delivered any more";
  EXPECT_EQ(messages_->give_up().value(), 1U);
  EXPECT_NE(last_event().find(R"("cause":"undelivered")"), std::string::npos) << last_event();
  EXPECT_EQ(waiting(), 0);
}

TEST_P(MessagesTest, OfOneTenantAreNotSettledByAnother) {
  tell();
  Message other = due().at(0);
  other.tenant = "st-john";
  EXPECT_FALSE(take(other));
  ASSERT_TRUE(messages_->settle(other, MessageFate::kDelivered, "mail"));
  EXPECT_EQ(waiting(), 1);
}

TEST_P(MessagesTest, SayOnceWhatIsToBeSaidOnce) {
  tell_once("grey", now_ + kHour);
  tell_once("grey", now_ + kHour);
  EXPECT_EQ(waiting(), 1);
  tell_once("green", now_ + kHour);
  EXPECT_EQ(waiting(), 2);
  now_ += kHour - 1;
  ASSERT_TRUE(messages_->tidy());
  tell_once("grey", now_ + kHour);
  EXPECT_EQ(waiting(), 2) << "its time is not over";
  now_ += 1;
  tell_once("grey", now_ + kHour);
  EXPECT_EQ(waiting(), 3);
}

TEST_P(MessagesTest, ACodeIsSealedWhileItWaits) {
  ASSERT_TRUE(send_code());
  const Message code = due().at(0);
  EXPECT_EQ(code.code.reveal(), "31415926");
  EXPECT_EQ(code.address.reveal(), "+49 30 123456");
  storage::write(*store_, [&](Work& work) -> Result<void> {
    std::string all;
    const auto rows = TRY(work.query("SELECT about, details FROM message"));
    for (const storage::Row row : rows) all += std::string(row.text(0)) + std::string(row.text(1));
    const auto sealed = TRY(work.query("SELECT sealed FROM secret"));
    for (const storage::Row row : sealed) all.append(row.bytes(0).begin(), row.bytes(0).end());
    EXPECT_EQ(all.find("31415926"), std::string::npos);
    EXPECT_EQ(all.find("123456"), std::string::npos);
    return {};
  });
}

TEST_P(MessagesTest, ACodeIsTriedSoonAndNotWhenItIsGoodForNothing) {
  ASSERT_TRUE(send_code());
  ASSERT_TRUE(take(due().at(0)));
  now_ += 5 * kSecond;
  ASSERT_EQ(due().size(), 1U);
  ASSERT_TRUE(take(due().at(0)));
  now_ += 5 * kSecond;
  ASSERT_EQ(due().size(), 1U) << "no longer the second time";
  now_ += 290 * kSecond;
  EXPECT_TRUE(due().empty());
  EXPECT_EQ(messages_->give_up().value(), 1U);
  EXPECT_EQ(storage::number(*store_, "SELECT count(*) FROM secret"), 0);
}

TEST_P(MessagesTest, OfABackupAreNotDeliveredAgain) {
  tell();
  ASSERT_TRUE(send_code());
  ASSERT_TRUE(forget_all_messages(*store_));
  EXPECT_TRUE(due().empty());
  now_ += CodeLimits::kLeastBetweenMs;
  EXPECT_TRUE(send_code()) << "it goes on";
}

TEST_P(MessagesTest, NobodyBombsADevice) {
  ASSERT_TRUE(send_code());
  EXPECT_FALSE(send_code()) << "one has just gone";
  now_ += 20 * kSecond;
  int strangers = 0;
  for (int i = 0; i < 20; ++i) {
    strangers += send_code(Familiarity::kStranger) ? 1 : 0;
    now_ += 20 * kSecond;
  }
  EXPECT_EQ(strangers, CodeLimits::kMostOfStrangers);
  int familiar = 0;
  for (int i = 0; i < 20; ++i) {
    familiar += send_code() ? 1 : 0;
    now_ += 20 * kSecond;
  }
  EXPECT_EQ(familiar, CodeLimits::kMost - CodeLimits::kMostOfStrangers - 1)
      << "strangers have left the owner some";
  EXPECT_EQ(waiting(), CodeLimits::kMost) << "what is not sent is not kept";
  EXPECT_TRUE(send_code(Familiarity::kStranger, "st-john")) << "another tenant's";
  ASSERT_TRUE(messages_->tidy());
  EXPECT_FALSE(send_code()) << "what counts yet is not forgotten";
  now_ += kHour;
  EXPECT_TRUE(send_code(Familiarity::kStranger));
}

}  // namespace
}  // namespace wardlock::authn
