#include <gtest/gtest.h>
#include <poll.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "net/http2_for_test.h"
#include "net/server_for_test.h"

namespace wardlock::net {
namespace {

using namespace std::chrono_literals;

/// Holds nothing back; tells when it is told to.
class BellForTest final : public AnswerGate {
 public:
  State state(const Tickets&) override { return State::kOpen; }
  void on_change(std::function<void()> tell) override {
    const std::lock_guard lock(mutex_);
    tell_ = std::move(tell);
  }
  void ring() {
    const std::lock_guard lock(mutex_);
    if (tell_) tell_();
  }

 private:
  std::mutex mutex_;
  std::function<void()> tell_;
};

struct Note final : Unfinished {
  explicit Note(std::atomic<int>& alive) : count(alive) { ++count; }
  ~Note() override { --count; }
  std::atomic<int>& count;
  int asked = 1;
};

class WaitingClient : public RawClient {
 public:
  using RawClient::RawClient;
  bool hears() const {
    pollfd wait{.fd = socket(), .events = POLLIN, .revents = 0};
    return poll(&wait, 1, 50) == 1;
  }
};

/// `/slow` is answered once `is_ready`, with how often it was asked; anything else at once.
class UnfinishedAnswers : public testing::Test {
 protected:
  void serve(ServerOptions options = {}) {
    options.listeners = {{}};
    options.threads = 1;
    auto made = HttpServer::listen(options, [this] {
      return Service{.handler = [this](const HttpRequest& request,
                                       HttpResponse& response) { answer(request, response); },
                     .gate = bell};
    });
    ASSERT_TRUE(made) << made.error().message;
    server = *std::move(made);
    thread = std::thread([this] { EXPECT_TRUE(server->run()); });
  }
  void answer(const HttpRequest& request, HttpResponse& response) {
    response.body = request.body.empty() ? request.path : request.body;
    if (request.path != "/slow") {
      EXPECT_EQ(request.unfinished, nullptr);
      return;
    }
    auto note = std::static_pointer_cast<Note>(request.unfinished);
    if (note != nullptr) ++note->asked;
    if (is_ready) return;
    response.unfinished = note != nullptr ? note : std::make_shared<Note>(alive);
  }
  void TearDown() override {
    if (server == nullptr) return;
    server->stop();
    thread.join();
    EXPECT_EQ(alive, 0);
  }
  void finish() {
    is_ready = true;
    bell->ring();
  }
  std::uint16_t port() const { return server->ports().front(); }

  std::shared_ptr<BellForTest> bell = std::make_shared<BellForTest>();
  std::atomic<bool> is_ready = false;
  std::atomic<int> alive = 0;
  std::unique_ptr<HttpServer> server;
  std::thread thread;
};

TEST_F(UnfinishedAnswers, come_when_they_are_there) {
  serve();
  WaitingClient client(port());
  client.send("POST /slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nbody");
  EXPECT_FALSE(client.hears());
  EXPECT_EQ(alive, 1);
  finish();
  EXPECT_EQ(client.receive().body, "body");
  EXPECT_EQ(client.send(get("/")).receive().body, "/") << "the connection goes on";
  EXPECT_EQ(alive, 0);
}

TEST_F(UnfinishedAnswers, come_without_a_bell) {
  serve();
  WaitingClient client(port());
  client.send(get("/slow"));
  EXPECT_FALSE(client.hears());
  is_ready = true;
  EXPECT_EQ(client.receive().body, "/slow");
}

TEST_F(UnfinishedAnswers, keep_nobody_else_waiting) {
  serve();
  WaitingClient client(port());
  client.send(get("/slow"));
  EXPECT_FALSE(client.hears());
  EXPECT_EQ(RawClient(port()).send(get("/")).receive().body, "/");
  finish();
  EXPECT_EQ(client.receive().body, "/slow");
}

TEST_F(UnfinishedAnswers, keep_their_order) {
  serve();
  WaitingClient client(port());
  client.send(get("/1") + get("/slow") + get("/2"));
  EXPECT_EQ(client.receive().body, "/1");
  EXPECT_FALSE(client.hears());
  finish();
  EXPECT_EQ(client.receive().body, "/slow");
  EXPECT_EQ(client.receive().body, "/2");
}

TEST_F(UnfinishedAnswers, end_with_a_server_that_stops) {
  serve({.drain_timeout = 200ms});
  WaitingClient client(port());
  client.send(get("/slow"));
  EXPECT_FALSE(client.hears());
  server->stop();
  EXPECT_EQ(client.receive().status, 0);
}

TEST_F(UnfinishedAnswers, are_given_before_a_server_stops) {
  serve({.drain_timeout = 5s});
  WaitingClient client(port());
  client.send(get("/slow"));
  EXPECT_FALSE(client.hears());
  server->stop();
  EXPECT_FALSE(client.hears());
  finish();
  EXPECT_EQ(client.receive().body, "/slow");
}

TEST_F(UnfinishedAnswers, come_in_http_2_too) {
  serve();
  WaitingClient client(port());
  client.send(http2::hello() + http2::request(1, "/slow") + http2::request(3, "/3"));
  std::string got = client.receive_bytes(1);
  const auto has = [&](std::uint32_t stream) {
    return http2::Reading(got).responses[stream].is_whole;
  };
  while (!has(3)) got += client.receive_bytes(1);
  EXPECT_FALSE(has(1));
  finish();
  while (!has(1)) got += client.receive_bytes(1);
  EXPECT_EQ(http2::Reading(got).responses[1].body, "/slow");
}

}  // namespace
}  // namespace wardlock::net
