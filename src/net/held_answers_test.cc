#include "net/held_answers.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <mutex>
#include <thread>

#include "net/http2_for_test.h"
#include "net/server_for_test.h"

namespace wardlock::net {
namespace {

using namespace std::chrono_literals;

/// A gate that the test opens and bars.
class GateForTest final : public AnswerGate {
 public:
  State state(const Tickets& tickets) override {
    const std::lock_guard lock(mutex_);
    if (barred_ != 0 && tickets.first <= barred_ && barred_ <= tickets.last) return State::kBarred;
    return tickets.last <= open_ ? State::kOpen : State::kClosed;
  }
  void on_change(std::function<void()> tell) override {
    const std::lock_guard lock(mutex_);
    tell_ = std::move(tell);
  }
  void open_up_to(std::uint64_t ticket) {
    const std::lock_guard lock(mutex_);
    open_ = ticket;
    if (tell_) tell_();
  }
  void bar(std::uint64_t ticket) {
    const std::lock_guard lock(mutex_);
    barred_ = ticket;
    if (tell_) tell_();
  }

 private:
  std::mutex mutex_;
  std::uint64_t open_ = 0;
  std::uint64_t barred_ = 0;
  std::function<void()> tell_;
};

class WaitingClient : public RawClient {
 public:
  using RawClient::RawClient;
  /// Whether anything comes within a time in which an answer that is not held back would come.
  bool hears() const {
    pollfd wait{.fd = socket(), .events = POLLIN, .revents = 0};
    return poll(&wait, 1, 50) == 1;
  }
};

/// Answers `/7` with ticket 7, and `/` with none.
class HeldAnswersTest : public testing::Test {
 protected:
  void serve(ServerOptions options = {}) {
    options.listeners = {{}};
    options.threads = 1;
    auto made = HttpServer::listen(options, [this] {
      return Service{.handler =
                         [](const HttpRequest& request, HttpResponse& response) {
                           response.body = request.path;
                           if (request.path.size() > 1) {
                             const std::uint64_t ticket =
                                 std::stoull(std::string(request.path.substr(1)));
                             response.tickets = {ticket, ticket};
                           }
                         },
                     .gate = gate};
    });
    ASSERT_TRUE(made) << made.error().message;
    server = *std::move(made);
    thread = std::thread([this] { EXPECT_TRUE(server->run()); });
  }
  void TearDown() override {
    if (server == nullptr) return;
    server->stop();
    thread.join();
  }
  std::uint16_t port() const { return server->ports().front(); }

  std::shared_ptr<GateForTest> gate = std::make_shared<GateForTest>();
  std::unique_ptr<HttpServer> server;
  std::thread thread;
};

TEST_F(HeldAnswersTest, wait_for_what_they_stand_for) {
  serve();
  WaitingClient client(port());
  client.send(get("/2"));
  EXPECT_FALSE(client.hears());
  gate->open_up_to(1);
  EXPECT_FALSE(client.hears());
  gate->open_up_to(2);
  EXPECT_EQ(client.receive().body, "/2");
  EXPECT_EQ(client.send(get("/1")).receive().body, "/1") << "has happened before it was asked";
}

TEST_F(HeldAnswersTest, let_others_pass) {
  serve();
  WaitingClient held(port());
  held.send(get("/2"));
  EXPECT_FALSE(held.hears());
  WaitingClient free(port());
  EXPECT_EQ(free.send(get("/")).receive().body, "/");
  WaitingClient sooner(port());
  sooner.send(get("/1"));
  gate->open_up_to(1);
  EXPECT_EQ(sooner.receive().body, "/1");
  EXPECT_FALSE(held.hears());
  gate->open_up_to(2);
  EXPECT_EQ(held.receive().body, "/2");
}

TEST_F(HeldAnswersTest, keep_their_order_when_asked_at_once) {
  serve();
  WaitingClient client(port());
  client.send(get("/") + get("/1") + get("/2") + get("/"));
  EXPECT_FALSE(client.hears());
  gate->open_up_to(1);
  EXPECT_FALSE(client.hears());
  gate->open_up_to(2);
  for (const char* body : {"/", "/1", "/2", "/"}) EXPECT_EQ(client.receive().body, body);
}

TEST_F(HeldAnswersTest, are_taken_back_when_it_never_happens) {
  serve();
  WaitingClient client(port());
  client.send(get("/1") + get("/2"));
  gate->bar(1);
  const Reply reply = client.receive();
  EXPECT_EQ(reply.status, 503);
  EXPECT_TRUE(reply.says_close());
  EXPECT_TRUE(reply.body.contains("could not be recorded")) << reply.body;
  EXPECT_TRUE(client.sees_end());
  EXPECT_EQ(RawClient(port()).send(get("/")).receive().status, 200) << "others are served";
}

TEST_F(HeldAnswersTest, are_taken_back_when_it_takes_too_long) {
  serve({.write_timeout = 100ms});
  RawClient client(port());
  EXPECT_EQ(client.send(get("/1")).receive().status, 503);
  EXPECT_TRUE(client.sees_end());
}

TEST_F(HeldAnswersTest, wait_in_http_2_too) {
  serve();
  WaitingClient client(port());
  client.send(http2::hello() + http2::request(1, "/1"));
  EXPECT_FALSE(client.hears());
  gate->bar(1);
  EXPECT_TRUE(client.sees_end()) << "nothing was said";
  WaitingClient other(port());
  other.send(http2::hello() + http2::request(1, "/2"));
  EXPECT_FALSE(other.hears());
  gate->open_up_to(2);
  EXPECT_TRUE(other.hears());
}

TEST_F(HeldAnswersTest, do_not_outlive_a_server_that_stops) {
  serve({.drain_timeout = 200ms});
  WaitingClient client(port());
  client.send(get("/1"));
  EXPECT_FALSE(client.hears());
  server->stop();
  EXPECT_EQ(client.receive().status, 0);
}

}  // namespace
}  // namespace wardlock::net
