#include "server/message_courier.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "audit/forward/secret_file.h"
#include "audit/forward/webhook_transport.h"
#include "authn/message/tables.h"
#include "codec/json.h"
#include "crypto/random.h"
#include "crypto/symmetric_key.h"
#include "directory/registry/hospital_for_test.h"
#include "directory/registry/tables.h"
#include "net/tls_for_test.h"
#include "secrets/secret_table.h"
#include "storage/private_file.h"

namespace wardlock::server {
namespace {

using authn::About;
using authn::MessageKind;
using storage::name_of;
using storage::tested_databases;
using storage::Work;

constexpr std::string_view kSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

bool eventually(const std::function<bool()>& holds) {
  for (int i = 0; i < 500; ++i) {
    if (holds()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return false;
}

/// A webhook over TLS that keeps what it was told. Mail servers are real ones, in
/// src/cli/messages_real_test.py.
class MessageCourierTest : public directory::HospitalForTest {
 protected:
  struct Post {
    std::string id, timestamp, signature, body;
  };

  MessageCourierTest() {
    registry_.reset();
    outbox_.reset();
    store_.reset();
    const auto before = directory::migrations();
    std::vector<storage::Migration> all(before.begin(), before.end());
    all.push_back(authn::kMessageTables);
    store_ = open(all);
    const std::array keys = {crypto::SymmetricKey::random()};
    secrets_ = std::make_unique<secrets::SecretTable>(secrets::Sealer::make(keys).value());
    const directory::Surroundings surroundings{.clock = [this] { return time_.load(); },
                                               .fill_random = &crypto::fill_random,
                                               .node = "node-1",
                                               .secrets = secrets_.get()};
    registry_ = std::make_unique<directory::Registry>(*store_, surroundings);
    outbox_ = std::make_unique<directory::Outbox>(*store_, "node-1");
    messages_ = std::make_unique<authn::Messages>(
        *store_, surroundings, authn::MessageSettings{.has_notices = true, .has_codes = true});
    secret_file_ = authority_.folder() / "hook.secret";
    EXPECT_TRUE(storage::create_private_file(secret_file_, std::string(kSecret) + "\n"));
    ways_.webhook = config::MessageWebhook{.url = origin() + "/in", .secret_file = secret_file_};
    ways_.webhook->egress = {.origins = {origin()},
                             .networks = {net::IpNetwork::parse("127.0.0.0/8").value()},
                             .tls = {.ca = authority_.certificate()}};
    grey_ = person("grey").id;
  }
  ~MessageCourierTest() override { courier_.reset(); }

  std::string origin() const { return "https://localhost:" + std::to_string(server_.port()); }
  net::HttpResponse answer(const net::HttpRequest& request) {
    const std::lock_guard lock(mutex_);
    posts_.push_back({.id = std::string(request.header("webhook-id").value_or("")),
                      .timestamp = std::string(request.header("webhook-timestamp").value_or("")),
                      .signature = std::string(request.header("webhook-signature").value_or("")),
                      .body = std::string(request.body)});
    net::HttpResponse response;
    response.status = status_;
    return response;
  }
  std::vector<Post> posts() {
    const std::lock_guard lock(mutex_);
    return posts_;
  }

  void start() {
    courier_.reset();
    auto started = MessageCourier::start(ways_, "St Mary", *messages_, *registry_, *store_, log_);
    ASSERT_TRUE(started) << started.error().message;
    courier_ = *std::move(started);
  }
  void tell(const std::string& whom) {
    storage::write(*store_, [&](Work& work) {
      return messages_->tell(work, "st-mary", whom, About::kPasswordChanged,
                             {.happened_ms = time_});
    });
  }
  void send_code() {
    storage::write(*store_, [&](Work& work) -> Result<void> {
      TRY(messages_->send_code(work, {.tenant = "st-mary",
                                      .person = grey_,
                                      .address = Secret("+49 30 4711"),
                                      .code = Secret("31415926"),
                                      .who = authn::Familiarity::kFamiliar,
                                      .until_ms = time_ + 300'000}));
      return {};
    });
  }
  std::int64_t waiting() { return storage::number(*store_, "SELECT count(*) FROM message"); }
  bool is_last_event(std::string_view part) { return last_event().contains(part); }

  std::atomic<std::int64_t> time_ = 1'800'000'000'000;
  std::mutex mutex_;  ///< over what follows
  std::vector<Post> posts_;
  int status_ = 204;

  net::Authority authority_;
  net::RunningServer server_{
      [this](const net::HttpRequest& request) { return answer(request); },
      {.listeners = {
           {.address = "127.0.0.1", .port = 0, .tls = net::Authority::files(authority_.issue())}}}};
  std::unique_ptr<secrets::SecretTable> secrets_;
  std::unique_ptr<authn::Messages> messages_;
  std::string secret_file_;
  config::MessageWays ways_;
  Log log_{config::Log()};
  std::string grey_;
  std::unique_ptr<MessageCourier> courier_;
};
WARDLOCK_ON_EACH_DATABASE(MessageCourierTest);

TEST_P(MessageCourierTest, PostsWhatIsSignedAndPutsItOnRecord) {
  start();
  tell(grey_);
  ASSERT_TRUE(eventually([&] { return waiting() == 0; }));
  ASSERT_EQ(posts().size(), 1U);
  const Post post = posts()[0];
  const auto keys = audit::parse_webhook_secrets(kSecret);
  EXPECT_EQ(post.signature,
            audit::webhook_signature(*keys, post.id, std::stoll(post.timestamp), post.body));
  const codec::Json body = codec::parse_json(post.body).value();
  EXPECT_EQ(body.at("type").as_string(), "notice");
  EXPECT_EQ(body.at("about").as_string(), "password_changed");
  EXPECT_EQ(body.at("tenant").as_string(), "st-mary");
  EXPECT_EQ(body.at("person").at("user_name").as_string(), "grey");
  EXPECT_FALSE(body.as_object().contains("code"));
  EXPECT_FALSE(body.as_object().contains("address"));
  EXPECT_TRUE(is_last_event(R"("outcome":"success")"));
}

TEST_P(MessageCourierTest, BringsACodeToItsAddress) {
  start();
  send_code();
  ASSERT_TRUE(eventually([&] { return waiting() == 0; }));
  const codec::Json body = codec::parse_json(posts().at(0).body).value();
  EXPECT_EQ(body.at("type").as_string(), "code");
  EXPECT_EQ(body.at("address").as_string(), "+49 30 4711");
  EXPECT_EQ(body.at("code").as_string(), "31415926");
  EXPECT_EQ(body.at("expires_at").as_int64(), time_ / 1000 + 300);
  EXPECT_FALSE(is_last_event("31415926") || is_last_event("4711"));
}

TEST_P(MessageCourierTest, TriesAgainWithTheSameId) {
  status_ = 503;
  start();
  tell(grey_);
  ASSERT_TRUE(eventually([&] { return posts().size() == 1; }));
  courier_.reset();  // as after a kill
  EXPECT_EQ(waiting(), 1);
  {
    const std::lock_guard lock(mutex_);
    status_ = 200;
  }
  start();
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_EQ(posts().size(), 1U) << "not before its time";
  courier_.reset();
  time_ += 10'000;
  start();
  ASSERT_TRUE(eventually([&] { return waiting() == 0; }));
  ASSERT_EQ(posts().size(), 2U);
  EXPECT_EQ(posts()[0].id, posts()[1].id);
}

TEST_P(MessageCourierTest, WhatIsNeverTakenIsGivenUpAtOnce) {
  status_ = 422;
  start();
  tell(grey_);
  ASSERT_TRUE(eventually([&] { return waiting() == 0; }));
  EXPECT_TRUE(is_last_event(R"("cause":"refused")")) << last_event();
}

TEST_P(MessageCourierTest, WhomNothingReachesIsOnRecord) {
  ways_.webhook->takes_notices = false;
  start();
  tell(grey_);
  ASSERT_TRUE(eventually([&] { return waiting() == 0; }));
  EXPECT_TRUE(is_last_event(R"("cause":"no_address")")) << last_event();
  tell("0190a0a0-0000-7000-8000-000000000000");
  ASSERT_TRUE(eventually([&] { return waiting() == 0; })) << "nobody has the id any more";
  EXPECT_TRUE(posts().empty());
}

TEST_P(MessageCourierTest, ACodeDoesNotWaitForMail) {
  ways_.smtp = config::MailServer{.host = "127.0.0.1",
                                  .port = 1,
                                  .from = "wardlock@st-mary.example",
                                  .from_name = "Wardlock",
                                  .timeout = std::chrono::milliseconds(200)};
  const std::string green = person("green", R"(,"emails":[{"value":"green@st-mary.example"}])").id;
  start();
  tell(green);
  send_code();
  ASSERT_TRUE(eventually([&] { return waiting() == 1; }));
  EXPECT_EQ(storage::text(*store_, "SELECT about FROM message"), "password_changed");
  EXPECT_EQ(codec::parse_json(posts().at(0).body).value().at("type").as_string(), "code");
}

TEST_P(MessageCourierTest, TellsNothingToWhoeverIsNotTheOneThatWasNamed) {
  const net::Authority other;
  ways_.webhook->egress.tls.ca = other.certificate();
  start();
  tell(grey_);
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_TRUE(posts().empty());
  EXPECT_EQ(waiting(), 1);
  ways_.webhook->egress.tls.ca = authority_.certificate();
  ways_.webhook->egress.networks.clear();
  time_ += 3'600'000;
  start();
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_TRUE(posts().empty()) << "loopback is not of the Internet";
}

TEST_P(MessageCourierTest, DoesNotStartWithoutWhatItSignsWith) {
  ways_.webhook->secret_file = secret_file_ + ".none";
  EXPECT_FALSE(MessageCourier::start(ways_, "St Mary", *messages_, *registry_, *store_, log_));
}

}  // namespace
}  // namespace wardlock::server
