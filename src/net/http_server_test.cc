#include "net/http_server.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <ctime>
#include <latch>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include "net/server_for_test.h"

namespace wardlock::net {
namespace {

using namespace std::chrono_literals;

TEST(HttpServer, answers_and_keeps_the_connection) {
  RunningServer server(echo);
  RawClient client(server.port());
  for (int i = 0; i < 3; ++i) {
    const Reply reply = client.send(get("/" + std::to_string(i))).receive();
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.body, "GET /" + std::to_string(i) + " ");
    EXPECT_FALSE(reply.header.contains("Connection"));
  }
}

TEST(HttpServer, tells_the_handler_who_asks) {
  RunningServer server([](const HttpRequest& request) {
    return HttpResponse{.body = std::string(request.remote_address)};
  });
  EXPECT_EQ(RawClient(server.port()).send(get("/")).receive().body, "127.0.0.1");
}

TEST(HttpServer, closes_when_asked_to) {
  RunningServer server(echo);
  RawClient client(server.port());
  EXPECT_TRUE(client.send(get("/", "Connection: close\r\n")).receive().says_close());
  EXPECT_TRUE(client.sees_end());
  RawClient old(server.port());
  EXPECT_TRUE(old.send("GET / HTTP/1.0\r\n\r\n").receive().says_close());
  EXPECT_TRUE(old.sees_end());
}

TEST(HttpServer, keeps_a_connection_of_http_1_0_on_request) {
  RunningServer server(echo);
  RawClient client(server.port());
  for (int i = 0; i < 2; ++i) {
    const Reply reply = client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").receive();
    EXPECT_TRUE(reply.header.contains("\r\nConnection: keep-alive\r\n"));
  }
}

TEST(HttpServer, answers_head_without_a_body) {
  RunningServer server([](const HttpRequest&) { return HttpResponse{.body = "12345"}; });
  RawClient client(server.port());
  const Reply reply = client.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n").receive(false);
  EXPECT_EQ(reply.status, 200);
  EXPECT_TRUE(reply.header.contains("\r\nContent-Length: 5\r\n"));
  EXPECT_EQ(client.send(get("/")).receive().body, "12345");
}

TEST(HttpServer, answers_pipelined_requests_in_order) {
  RunningServer server(echo);
  RawClient client(server.port());
  std::string requests;
  for (int i = 0; i < 1000; ++i) requests += get("/" + std::to_string(i));
  client.send(requests);
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(client.receive().body, "GET /" + std::to_string(i) + " ");
  }
}

TEST(HttpServer, answers_what_came_before_a_malformed_request) {
  RunningServer server(echo);
  RawClient client(server.port());
  client.send(get("/first") + "nonsense\r\n\r\n" + get("/never"));
  EXPECT_EQ(client.receive().body, "GET /first ");
  const Reply refusal = client.receive();
  EXPECT_EQ(refusal.status, 400);
  EXPECT_TRUE(refusal.says_close());
  EXPECT_TRUE(client.sees_end());
}

TEST(HttpServer, receives_large_and_chunked_bodies) {
  RunningServer server(
      [](const HttpRequest& request) { return HttpResponse{.body = std::string(request.body)}; });
  RawClient client(server.port());
  const std::string body(1 << 20, 'b');
  client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1048576\r\n\r\n" + body);
  EXPECT_EQ(client.receive().body, body);
  client.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n100000\r\n" + body +
              "\r\n0\r\n\r\n");
  EXPECT_EQ(client.receive().body, body);
}

TEST(HttpServer, tells_a_client_that_waits_to_go_on) {
  RunningServer server(echo);
  RawClient client(server.port());
  client.send("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  EXPECT_EQ(client.receive().status, 100);
  EXPECT_EQ(client.send("body").receive().body, "POST / body");
}

TEST(HttpServer, refuses_a_body_before_it_is_sent) {
  RunningServer server(echo);
  RawClient client(server.port());
  client.send(
      "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 9999999\r\n\r\n");
  EXPECT_EQ(client.receive().status, 413);
  EXPECT_TRUE(client.sees_end());
}

TEST(HttpServer, gets_its_refusal_through_to_a_client_that_goes_on_sending) {
  RunningServer server(echo);
  RawClient client(server.port());
  client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1048577\r\n\r\n");
  client.send(std::string(1 << 19, 'b'));
  EXPECT_EQ(client.receive().status, 413);
  EXPECT_TRUE(client.sees_end());
}

TEST(HttpServer, refuses_and_closes) {
  RunningServer server(echo);
  const std::vector<std::pair<std::string, int>> refused{
      {"\x16\x03\x01\x02 a TLS hello", 400},
      {"GET / HTTP/1.1\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost : h\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: "
       "chunked\r\n\r\n0\r\n\r\n",
       400},
      {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
      {"POST / HTTP/1.1\r\nHost: h\r\nExpect: a miracle\r\n\r\n", 417},
      {"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n", 505},
      {"PRI * HTTP/3.0\r\n\r\n", 505},
      {get("/", "X: " + std::string(20'000, 'x') + "\r\n"), 431},
      {get("/" + std::string(20'000, 'x')), 414},
  };
  for (const auto& [bytes, status] : refused) {
    RawClient client(server.port());
    const Reply reply = client.send(bytes).receive();
    EXPECT_EQ(reply.status, status) << bytes.substr(0, 80);
    EXPECT_TRUE(reply.says_close()) << bytes.substr(0, 80);
    EXPECT_TRUE(reply.header.contains("\r\nContent-Type: application/problem+json\r\n"));
    EXPECT_TRUE(client.sees_end()) << bytes.substr(0, 80);
  }
  EXPECT_EQ(RawClient(server.port()).send(get("/")).receive().status, 200);
}

TEST(HttpServer, answers_500_when_the_handler_throws) {
  RunningServer server([](const HttpRequest& request) -> HttpResponse {
    if (request.path == "/throw") throw std::runtime_error("secret");
    if (request.path == "/odd") throw 1;
    return {};
  });
  RawClient client(server.port());
  for (const auto path : {"/throw", "/odd"}) {
    const Reply reply = client.send(get(path)).receive();
    EXPECT_EQ(reply.status, 500);
    EXPECT_FALSE(reply.body.contains("secret"));
  }
  EXPECT_EQ(client.send(get("/")).receive().status, 200);
}

TEST(HttpServer, times_out_a_slow_header) {
  RunningServer server(echo, {.header_timeout = 40ms});
  RawClient client(server.port());
  client.send("GET / HTTP/1.1\r\nHo");
  EXPECT_EQ(client.receive().status, 408);
  EXPECT_TRUE(client.sees_end());
}

TEST(HttpServer, times_out_a_header_that_drips) {
  RunningServer server(echo, {.header_timeout = 100ms});
  RawClient client(server.port());
  client.send("GET / HTTP/1.1\r\nX: ");
  std::atomic<bool> done = false;
  std::thread drip([&] {  // within every single wait, beyond all of them together
    while (!done) {
      client.send("x");
      std::this_thread::sleep_for(5ms);
    }
  });
  EXPECT_EQ(client.receive().status, 408);
  done = true;
  drip.join();
}

TEST(HttpServer, times_out_a_slow_body) {
  RunningServer server(echo, {.body_timeout = 40ms});
  RawClient client(server.port());
  client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbo");
  EXPECT_EQ(client.receive().status, 408);
  EXPECT_TRUE(client.sees_end());
}

TEST(HttpServer, closes_idle_connections_without_a_word) {
  RunningServer server(echo, {.header_timeout = 40ms, .idle_timeout = 40ms});
  RawClient silent(server.port());
  EXPECT_TRUE(silent.sees_end());
  RawClient idle(server.port());
  EXPECT_EQ(idle.send(get("/")).receive().status, 200);
  EXPECT_TRUE(idle.sees_end());
}

TEST(HttpServer, drops_a_client_that_does_not_read) {
  std::counting_semaphore<> answered(0);
  RunningServer server(
      [&](const HttpRequest&) {
        answered.release();
        return HttpResponse{.body = std::string(1 << 20, 'x')};
      },
      {.threads = 1, .write_timeout = 40ms, .drain_timeout = 1h});
  RawClient client(server.port());
  std::string requests;
  for (int i = 0; i < 64; ++i) requests += get("/");
  client.send(requests);
  answered.acquire();
  RawClient other(server.port());
  EXPECT_EQ(other.send(get("/")).receive().status, 200) << "one does not hold up the other";
  server.stop_and_wait();  // nothing but the time-out ends the connection
  int whole = 0;
  while (client.receive().status == 200) ++whole;
  EXPECT_LT(whole, 64);
}

TEST(HttpServer, outlives_clients_that_vanish) {
  RunningServer server(
      [](const HttpRequest&) { return HttpResponse{.body = std::string(1 << 20, 'x')}; });
  for (int i = 0; i < 20; ++i) {
    RawClient(server.port()).send(get("/")).reset();
    RawClient(server.port())
        .send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nab")
        .reset();
    RawClient(server.port()).send("GET / HT").finish();
  }
  EXPECT_EQ(RawClient(server.port()).send(get("/")).receive().status, 200);
}

TEST(HttpServer, answers_a_client_that_has_finished_sending) {
  RunningServer server(echo);
  RawClient client(server.port());
  client.send(get("/a") + get("/b")).finish();
  EXPECT_EQ(client.receive().body, "GET /a ");
  EXPECT_EQ(client.receive().body, "GET /b ");
  EXPECT_TRUE(client.sees_end());
}

TEST(HttpServer, serves_many_connections_at_once) {
  RunningServer server(echo);
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  threads.reserve(8);
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      std::vector<std::unique_ptr<RawClient>> clients;
      clients.reserve(25);
      for (int c = 0; c < 25; ++c) clients.push_back(std::make_unique<RawClient>(server.port()));
      for (int round = 0; round < 10; ++round) {
        const std::string target = "/" + std::to_string(t) + "/" + std::to_string(round);
        for (auto& client : clients) client->send(get(target));
        for (auto& client : clients) good += client->receive().body == "GET " + target + " ";
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 8 * 25 * 10);
}

TEST(HttpServer, turns_away_connections_beyond_its_limit) {
  RunningServer server(echo, {.threads = 1, .max_connections = 2});
  RawClient first(server.port());
  RawClient second(server.port());
  EXPECT_EQ(first.send(get("/")).receive().status, 200);
  EXPECT_EQ(second.send(get("/")).receive().status, 200);
  RawClient third(server.port());
  EXPECT_EQ(third.receive().status, 503);
  EXPECT_TRUE(third.sees_end());
  EXPECT_EQ(first.send(get("/")).receive().status, 200);
}

TEST(HttpServer, turns_away_who_has_more_connections_than_his_share) {
  RunningServer server(echo, {.threads = 1, .max_peer_connections = 1});
  {
    RawClient first(server.port());
    EXPECT_EQ(first.send(get("/")).receive().status, 200);
    RawClient second(server.port());
    EXPECT_EQ(second.receive().status, 503);
    EXPECT_TRUE(second.sees_end());
    EXPECT_EQ(first.send(get("/")).receive().status, 200);
  }
  // Its place is free again, once the server has seen that it went.
  while (RawClient(server.port()).send(get("/")).receive().status != 200) {
  }
}

/// A handler that waits to be let go.
struct Gate {
  std::binary_semaphore entered{0};
  std::binary_semaphore leave{0};
  HttpResponse operator()(const HttpRequest& request) {
    if (request.path == "/wait") {
      entered.release();
      leave.acquire();
    }
    return {.body = "done"};
  }
};

TEST(HttpServer, finishes_a_running_request_when_stopped) {
  Gate gate;
  RunningServer server(std::ref(gate));
  RawClient client(server.port());
  client.send(get("/wait"));
  gate.entered.acquire();
  server.stop();
  gate.leave.release();
  const Reply reply = client.receive();
  EXPECT_EQ(reply.body, "done");
  EXPECT_TRUE(reply.says_close());
  EXPECT_TRUE(client.sees_end());
  client.finish();
  server.stop_and_wait();
}

TEST(HttpServer, answers_what_had_been_sent_when_stopped) {
  Gate gate;
  RunningServer server(std::ref(gate), {.threads = 1});
  RawClient busy(server.port());
  RawClient kept(server.port());
  EXPECT_EQ(kept.send(get("/")).receive().body, "done");
  busy.send(get("/wait") + get("/after"));
  gate.entered.acquire();  // the loop is held: what follows waits in the kernel
  kept.send(get("/"));
  RawClient not_accepted(server.port());
  ASSERT_TRUE(not_accepted.connected());
  not_accepted.send(get("/"));
  server.stop();
  gate.leave.release();
  EXPECT_EQ(busy.receive().body, "done");
  EXPECT_EQ(busy.receive().body, "done");
  EXPECT_EQ(kept.receive().body, "done");
  EXPECT_EQ(not_accepted.receive().body, "done");
}

TEST(HttpServer, waits_for_the_rest_of_a_request_when_stopped) {
  Gate gate;
  RunningServer server(std::ref(gate), {.threads = 1});
  RawClient half(server.port());
  half.send("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  EXPECT_EQ(half.receive().status, 100);
  server.stop();
  half.send("body");
  EXPECT_EQ(half.receive().body, "done");
}

TEST(HttpServer, cuts_off_what_does_not_end_in_time_when_stopped) {
  RunningServer server(echo, {.drain_timeout = 40ms});
  RawClient half(server.port());
  half.send("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  EXPECT_EQ(half.receive().status, 100);
  server.stop_and_wait();
  EXPECT_TRUE(half.sees_end());
}

TEST(HttpServer, closes_idle_connections_and_the_port_when_stopped) {
  RunningServer server(echo);
  RawClient idle(server.port());
  EXPECT_EQ(idle.send(get("/")).receive().status, 200);
  server.stop_and_wait();
  EXPECT_TRUE(idle.sees_end());
  EXPECT_FALSE(RawClient(server.port()).connected());
}

TEST(HttpServer, may_be_stopped_before_it_runs_and_more_than_once) {
  auto server = HttpServer::listen({.listeners = {{}}, .threads = 2}, always(echo));
  ASSERT_TRUE(server);
  (*server)->stop();
  (*server)->stop();
  EXPECT_TRUE((*server)->run());
}

TEST(HttpServer, may_be_destroyed_without_having_run) {
  EXPECT_TRUE(HttpServer::listen({.listeners = {{}}, .threads = 2}, always(echo)));
}

/// Lowers the number of descriptors the process may have, and uses up what is left.
class DescriptorShortage {
 public:
  DescriptorShortage() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    rlimit lower = before_;
    lower.rlim_cur = 256;
    ::setrlimit(RLIMIT_NOFILE, &lower);
    int fd;
    while ((fd = ::open("/dev/null", O_RDONLY)) >= 0) fds_.push_back(fd);
  }
  ~DescriptorShortage() {
    for (const int fd : fds_) ::close(fd);
    ::setrlimit(RLIMIT_NOFILE, &before_);
  }
  DescriptorShortage(const DescriptorShortage&) = delete;
  DescriptorShortage& operator=(const DescriptorShortage&) = delete;

 private:
  rlimit before_{};
  std::vector<int> fds_;
};

std::chrono::nanoseconds used(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

/// Uses the processor for so long, and returns what the process's other threads used meanwhile: as
/// much if one of them spins, however busy the machine.
std::chrono::nanoseconds used_by_others_during(std::chrono::milliseconds work) {
  const auto process = used(CLOCK_PROCESS_CPUTIME_ID);
  const auto thread = used(CLOCK_THREAD_CPUTIME_ID);
  while (used(CLOCK_THREAD_CPUTIME_ID) - thread < work) continue;
  return used(CLOCK_PROCESS_CPUTIME_ID) - process - work;
}

TEST(HttpServer, waits_quietly_for_descriptors) {
  RunningServer server(echo, {.threads = 1});
  RawClient before(server.port());
  EXPECT_EQ(before.send(get("/")).receive().status, 200);
  RawClient waiting;
  {
    const DescriptorShortage shortage;
    waiting.connect(server.port());
    waiting.send(get("/"));
    EXPECT_EQ(before.send(get("/")).receive().status, 200) << "others are still served";
    EXPECT_LT(used_by_others_during(100ms), 30ms) << "accepting spins";
  }
  EXPECT_EQ(waiting.receive().status, 200);
}

TEST(HttpServer, refuses_options_that_make_no_sense) {
  const std::vector<ServerOptions> wrong{
      {},
      {.listeners = {{.address = "localhost"}}},
      {.listeners = {{.address = ""}}},
      {.listeners = {{.address = "127.0.0.1:80"}}},
      {.listeners = {{.address = "300.0.0.1"}}},
      {.listeners = {{}, {.address = "nowhere"}}},
      {.listeners = {{}}, .limits = {.max_header_bytes = 10}},
      {.listeners = {{}}, .max_connections = 0},
      {.listeners = {{}}, .max_peer_connections = 0},
      {.listeners = {{}}, .header_timeout = 0ms},
      {.listeners = {{}}, .idle_timeout = -1ms},
  };
  for (const ServerOptions& options : wrong) {
    const auto server = HttpServer::listen(options, always(echo));
    ASSERT_FALSE(server);
    EXPECT_EQ(server.error().code, ErrorCode::kInvalidArgument) << server.error().message;
  }
}

TEST(HttpServer, refuses_a_port_that_is_taken) {
  RunningServer server(echo);
  const auto second =
      HttpServer::listen({.listeners = {{.port = server.port()}}, .threads = 2}, always(echo));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kAlreadyExists);
  EXPECT_TRUE(second.error().message.contains("127.0.0.1")) << second.error().message;
}

TEST(HttpServer, serves_plain_http_to_this_machine_only) {
  for (const auto* address : {"192.0.2.1", "0.0.0.0", "::", "2001:db8::1", "::ffff:192.0.2.1"}) {
    const auto server = HttpServer::listen({.listeners = {{}, {.address = address}}}, always(echo));
    ASSERT_FALSE(server) << address;
    EXPECT_EQ(server.error().code, ErrorCode::kInvalidArgument);
    EXPECT_TRUE(server.error().message.contains(address)) << server.error().message;
  }
}

TEST(HttpServer, serves_several_listeners_by_ipv4_and_ipv6) {
  RunningServer server(
      [](const HttpRequest& request) {
        return HttpResponse{.body = std::string(request.remote_address)};
      },
      {.listeners = {{}, {.address = "::1"}, {.address = "127.0.0.2"}}});
  EXPECT_EQ(RawClient(server.port(0)).send(get("/")).receive().body, "127.0.0.1");
  RawClient six(AF_INET6);
  six.connect(server.port(1));
  EXPECT_EQ(six.send(get("/")).receive().body, "::1");
  EXPECT_FALSE(RawClient(server.port(2)).connected()) << "127.0.0.1 is not 127.0.0.2";
}

TEST(HttpServer, makes_one_handler_for_each_thread) {
  std::atomic<int> made = 0;
  auto server = HttpServer::listen({.listeners = {{}, {}}, .threads = 3}, [&] {
    return Service{
        handler_of([thread = std::this_thread::get_id(), number = ++made](const HttpRequest&) {
          EXPECT_EQ(thread, std::this_thread::get_id());
          return HttpResponse{.body = std::to_string(number)};
        })};
  });
  ASSERT_TRUE(server);
  EXPECT_EQ(made, 0);
  std::thread runner([&] { EXPECT_TRUE((*server)->run()); });
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(RawClient((*server)->ports()[1]).send(get("/")).receive().status, 200);
  }
  (*server)->stop();
  runner.join();
  EXPECT_EQ(made, 3);
}

TEST(HttpServer, counts) {
  RunningServer server(echo, {.max_connections = 2, .header_timeout = 40ms});
  {
    RawClient good(server.port());
    for (int i = 0; i < 3; ++i) good.send(get("/")).receive();
    RawClient slow(server.port());
    EXPECT_EQ(slow.send("GET").receive().status, 408);
    EXPECT_EQ(server.counters().connections_open, 2);
    EXPECT_EQ(RawClient(server.port()).receive().status, 503);
  }
  server.stop_and_wait();
  const ServerCounters counters = server.counters();
  EXPECT_EQ(counters.connections_accepted, 2);
  EXPECT_EQ(counters.connections_refused, 1);
  EXPECT_EQ(counters.connections_open, 0);
  EXPECT_EQ(counters.http1_requests, 3);
  EXPECT_EQ(counters.http2_requests, 0);
  EXPECT_EQ(counters.timeouts, 1);
  EXPECT_EQ(counters.refusals, (std::map<int, std::uint64_t>{{408, 1}}));
}

}  // namespace
}  // namespace wardlock::net
