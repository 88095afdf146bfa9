// HTTP/2 over sockets.
#include <gtest/gtest.h>

#include "net/http2_for_test.h"
#include "net/server_for_test.h"

namespace wardlock::net {
namespace {

using namespace std::chrono_literals;
using http2::frame;
using http2::number;
using http2::pack;
using http2::Reading;
using http2::request;
using http2::request_fields;

std::string read_to_end(RawClient& client) {
  std::string all;
  for (std::string some; !(some = client.receive_bytes(1)).empty();) all += some;
  return all;
}

TEST(Http2Server, shares_the_port_with_http_1) {
  RunningServer server(echo);
  RawClient two(server.port());
  const std::string bytes = http2::hello() + request(1, "/two");
  for (const char byte : bytes) two.send({&byte, 1});
  two.send(frame(http2::kGoaway, 0, 0, number(0) + number(0)));
  EXPECT_EQ(Reading(read_to_end(two)).responses[1].body, "GET /two ");
  EXPECT_EQ(RawClient(server.port()).send(get("/one")).receive().body, "GET /one ");
  EXPECT_EQ(server.counters().http1_requests, 1);
  EXPECT_EQ(server.counters().http2_requests, 1);
}

TEST(Http2Server, times_out_half_a_preface) {
  RunningServer server(echo, {.header_timeout = 40ms});
  RawClient client(server.port());
  EXPECT_EQ(client.send("PRI * HTTP/2.0\r\n").receive().status, 408);
  EXPECT_TRUE(client.sees_end());
}

TEST(Http2Server, finishes_streams_when_stopped) {
  RunningServer server(echo);
  RawClient client(server.port());
  client.send(http2::hello() +
              frame(http2::kHeaders, http2::kEndHeaders, 1, pack(request_fields("POST"))) +
              frame(http2::kPing, 0, 0, "received"));
  std::string all;
  while (!all.contains("received")) all += client.receive_bytes(1);
  server.stop();
  while (!all.contains("draining")) all += client.receive_bytes(1);
  client.send(frame(http2::kPing, http2::kAck, 0, "draining") +
              frame(http2::kData, http2::kEndStream, 1, "body"));
  all += read_to_end(client);
  EXPECT_EQ(Reading(all).responses[1].body, "POST / body");
}

TEST(Http2Server, drops_a_client_that_does_not_read) {
  RunningServer server(
      [](const HttpRequest& request) {
        return HttpResponse{.body = std::string(request.path == "/small" ? 1 : 1 << 24, 'x')};
      },
      {.threads = 1, .write_timeout = 40ms, .drain_timeout = 1h});
  RawClient client(server.port());
  std::string bytes = http2::hello() +
                      frame(http2::kSettings, 0, 0, number(4, 2) + number(0x7fffffff)) +
                      frame(http2::kWindowUpdate, 0, 0, number(0x7fff0000 - 65'535));
  for (std::uint32_t id = 1; id < 100; id += 2) bytes += request(id);
  client.send(bytes);
  EXPECT_EQ(RawClient(server.port()).send(get("/small")).receive().status, 200);
  server.stop_and_wait();  // nothing but the time-out ends the connection
  EXPECT_EQ(server.counters().timeouts, 1);
}

}  // namespace
}  // namespace wardlock::net
