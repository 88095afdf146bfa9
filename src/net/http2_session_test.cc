#include "net/http2_session.h"

#include <gtest/gtest.h>
#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <cstring>

#include "net/http2_for_test.h"
#include "net/server_for_test.h"

namespace wardlock::net {
namespace {

using namespace std::chrono_literals;
using http2::Fields;
using http2::frame;
using http2::number;
using http2::pack;
using http2::Reading;
using http2::request;
using http2::request_fields;

std::string describe(const HttpRequest& request) {
  std::string text = std::string(request.method) + " " + std::string(request.path) + "?" +
                     std::string(request.query) + " " + std::string(request.remote_address);
  for (const HttpHeader& header : request.headers) {
    text.append("|").append(header.name).append("=").append(header.value);
  }
  return text.append("|").append(request.body);
}

/// A session with a client that has all the time in the world, unless told otherwise.
class Http2 : public testing::Test {
 protected:
  Http2() {
    options_.limits = {.max_header_bytes = 2000,
                       .max_body_bytes = 100'000,
                       .max_streams = 10,
                       .max_buffered_bytes = 250'000};
  }

  void start() {
    session_ = std::make_unique<Http2Session>(context_);
    send(http2::hello());
  }

  void send(std::string_view bytes) {
    if (session_ == nullptr) start();
    while (!bytes.empty() && !is_over_) {
      const std::span<char> space = session_->space();
      const std::size_t some = std::min(space.size(), bytes.size());
      std::memcpy(space.data(), bytes.data(), some);
      session_->received(some);
      bytes.remove_prefix(some);
      settle();
    }
  }
  void settle() {
    for (;;) {
      std::string out;
      const Session::Next next = session_->advance(now_, out);
      sent_ += out;
      is_over_ = next == Session::Next::kEnd;
      if (next != Session::Next::kSend) return;
    }
  }
  Reading read() const { return Reading(sent_); }
  http2::Response ask(const Fields& fields) {
    next_ += 2;
    send(request(next_, fields));
    return read().responses[next_];
  }
  void pass(std::chrono::milliseconds time) {
    now_ += time;
    if (now_ >= session_->deadline()) session_->expire(now_);
    settle();
  }

  ServerOptions options_;
  Handler handler_ = [this](const HttpRequest& request, HttpResponse& response) {
    ++calls_;
    response.content_type = "text/plain";
    response.body = describe(request);
  };
  HttpResponse response_;
  std::atomic<bool> stopping_ = false;
  LoopCounters counters_;
  SessionContext context_{.options = options_,
                          .handler = handler_,
                          .response = response_,
                          .stopping = stopping_,
                          .counters = counters_,
                          .remote_address = "192.0.2.7"};
  std::unique_ptr<Http2Session> session_;
  Clock::time_point now_{1h};
  std::string sent_;
  std::uint32_t next_ = static_cast<std::uint32_t>(-1);
  int calls_ = 0;
  bool is_over_ = false;
};

TEST_F(Http2, answers_like_http_1) {
  Fields fields = request_fields("GET", "/a/b?c=d");
  fields.emplace_back("x-test", "one");
  fields.emplace_back("x-test", "two");
  const http2::Response response = ask(fields);
  EXPECT_EQ(response.status(), 200);
  EXPECT_EQ(response.fields.at("content-type"), "text/plain");
  EXPECT_EQ(response.fields.at("content-length"), std::to_string(response.body.size()));
  EXPECT_EQ(response.body, "GET /a/b?c=d 192.0.2.7|Host=h|x-test=one|x-test=two|");
  EXPECT_TRUE(response.is_whole);
  EXPECT_EQ(counters_.http2_requests.get(), 1);
}

TEST_F(Http2, answers_many_requests_with_bodies_in_pieces) {
  std::string bytes;
  for (std::uint32_t id = 1; id < 20; id += 2) {
    bytes += frame(http2::kHeaders, http2::kEndHeaders, id, pack(request_fields("POST")));
  }
  for (std::uint32_t id = 1; id < 20; id += 2) {
    bytes += frame(http2::kData, 0, id, "first") + frame(http2::kData, 0, id, " second");
  }
  for (std::uint32_t id = 1; id < 20; id += 2) {
    bytes += frame(http2::kData, http2::kEndStream, id, std::to_string(id));
  }
  for (const char byte : bytes) send({&byte, 1});
  for (const auto& [id, response] : read().responses) {
    EXPECT_TRUE(response.body.ends_with("|first second" + std::to_string(id))) << response.body;
  }
  EXPECT_EQ(calls_, 10);
}

TEST_F(Http2, reads_over_trailers) {
  send(frame(http2::kHeaders, http2::kEndHeaders, 1, pack(request_fields("POST"))) +
       frame(http2::kData, 0, 1, "body") + request(1, Fields{{"x-late", "yes"}}));
  EXPECT_TRUE(read().responses[1].body.ends_with("|Host=h|body"));
}

TEST_F(Http2, leaves_out_bodies_where_none_belong) {
  handler_ = handler_of([](const HttpRequest& request) {
    if (request.path == "/204") return HttpResponse{.status = 204, .body = "never"};
    if (request.path == "/304") return HttpResponse{.status = 304, .body = "never"};
    if (request.path == "/empty") return HttpResponse{};
    return HttpResponse{.headers = {{"X-Answer", "42"}}, .body = "12345"};
  });
  const http2::Response head = ask(request_fields("HEAD"));
  EXPECT_EQ(head.fields.at("content-length"), "5");
  EXPECT_EQ(head.fields.at("x-answer"), "42");
  EXPECT_EQ(head.body, "");
  EXPECT_TRUE(head.is_whole);
  for (const auto* path : {"/204", "/304"}) {
    const http2::Response response = ask(request_fields("GET", path));
    EXPECT_FALSE(response.fields.contains("content-length"));
    EXPECT_EQ(response.body, "");
    EXPECT_TRUE(response.is_whole);
  }
  EXPECT_EQ(ask(request_fields("GET", "/empty")).fields.at("content-length"), "0");
}

TEST_F(Http2, answers_500_to_what_may_not_be_sent) {
  handler_ = handler_of([](const HttpRequest& request) {
    if (request.path == "/throw") throw std::runtime_error("secret");
    if (request.path == "/break") return HttpResponse{.headers = {{"x", "a\r\nb"}}};
    return HttpResponse{.headers = {{request.query, "x"}}};
  });
  for (const auto* path : {"/throw", "/break", "/?connection", "/?Keep-Alive", "/?upgrade",
                           "/?:status", "/?content-length", "/?transfer-encoding"}) {
    const http2::Response response = ask(request_fields("GET", path));
    EXPECT_EQ(response.status(), 500) << path;
    EXPECT_FALSE(response.body.contains("secret"));
  }
}

TEST_F(Http2, refuses_requests_and_goes_on) {
  const Fields good = request_fields("POST");
  const auto with = [&](const std::string& name, const std::string& value) {
    Fields fields = good;
    fields.emplace_back(name, value);
    return fields;
  };
  const std::string x(1900, 'x');
  const std::vector<std::pair<Fields, int>> refused{
      {with("expect", "a miracle"), 417},
      {with("x", x), 431},
      {with("host", "other"), 400},
      {with("origin", "http://a"), 200},
      {request_fields("GET", "/#fragment"), 400},
      {{{":method", "GET"}, {":path", "/"}, {":scheme", "http"}, {":authority", "a@b"}}, 400},
      {{{":method", "GET"}, {":path", "/"}, {":scheme", "ftp"}, {":authority", "h"}}, 400},
      {{{":method", "CONNECT"}, {":authority", "h"}}, 400},
  };
  for (const auto& [fields, status] : refused) {
    EXPECT_EQ(ask(fields).status(), status) << fields.back().second.substr(0, 20);
  }
  for (const auto* name : {"authorization", "content-type", "origin"}) {
    Fields twice = with(name, "a");
    twice.emplace_back(name, "a");
    EXPECT_EQ(ask(twice).status(), 400) << name;
  }
  Fields many = good;
  for (int i = 0; i < 130; ++i) many.emplace_back("x", "");
  options_.limits.max_header_bytes = 20'000;
  EXPECT_EQ(ask(many).status(), 431);
  EXPECT_EQ(ask(good).status(), 200);
  EXPECT_EQ(calls_, 2);
  EXPECT_EQ(counters_.refusals.at(431 - 400).get(), 2);
}

TEST_F(Http2, never_hands_over_what_http_2_forbids) {
  const std::vector<Fields> malformed{
      {{":method", "GET"}, {":path", "/"}, {":scheme", "http"}},       // no authority
      {{":method", "GET"}, {":path", "/"}, {":authority", "h"}},       // no scheme
      {{":method", "GET"}, {":scheme", "http"}, {":authority", "h"}},  // no path
      {{":path", "/"}, {":scheme", "http"}, {":authority", "h"}},      // no method
      {{":method", "GET"}, {":path", ""}, {":scheme", "http"}, {":authority", "h"}},
      {{":method", "G T"}, {":path", "/"}, {":scheme", "http"}, {":authority", "h"}},
      {{":method", "GET"}, {":path", "a"}, {":scheme", "http"}, {":authority", "h"}},
      {{":method", "GET"}, {":path", "/ b"}, {":scheme", "http"}, {":authority", "h"}},
      {{":method", "GET"}, {":path", "*"}, {":scheme", "http"}, {":authority", "h"}},
      {{":method", "GET"}, {":path", "/\xc3\xa4"}, {":scheme", "http"}, {":authority", "h"}},
      {{":method", "GET"},
       {":method", "GET"},
       {":path", "/"},
       {":scheme", "http"},
       {":authority", "h"}},
      {{":method", "GET"}, {":path", "/"}, {":scheme", "http"}, {"x", "y"}, {":authority", "h"}},
      {{":method", "GET"}, {":path", "/"}, {":scheme", "http"}, {":authority", "h"}, {":odd", "y"}},
      {{":method", "GET"},
       {":path", "/"},
       {":scheme", "http"},
       {":authority", "h"},
       {"connection", "close"}},
      {{":method", "GET"},
       {":path", "/"},
       {":scheme", "http"},
       {":authority", "h"},
       {"transfer-encoding", "chunked"}},
      {{":method", "GET"},
       {":path", "/"},
       {":scheme", "http"},
       {":authority", "h"},
       {"upgrade", "h2c"}},
      {{":method", "GET"},
       {":path", "/"},
       {":scheme", "http"},
       {":authority", "h"},
       {"te", "gzip"}},
      {{":method", "GET"},
       {":path", "/"},
       {":scheme", "http"},
       {":authority", "h"},
       {"Upper", "x"}},
      {{":method", "GET"}, {":path", "/"}, {":scheme", "http"}, {":authority", "h"}, {"x y", "x"}},
      {{":method", "GET"}, {":path", "/"}, {":scheme", "http"}, {":authority", "h"}, {"", "x"}},
      {{":method", "GET"},
       {":path", "/"},
       {":scheme", "http"},
       {":authority", "h"},
       {"x", "a\r\nb: c"}},
      {{":method", "GET"},
       {":path", "/"},
       {":scheme", "http"},
       {":authority", "h"},
       {"x", std::string("a\0b", 3)}},
      {{":method", "GET"}, {":path", "/"}, {":scheme", "http"}, {":authority", "h"}, {"x", " a"}},
      {{":method", "GET"},
       {":path", "/"},
       {":scheme", "http"},
       {":authority", "h"},
       {"content-length", "1"}},
      {{":method", "GET"},
       {":path", "/"},
       {":scheme", "http"},
       {":authority", "h"},
       {"content-length", "+0"}},
      {{":method", "GET"},
       {":path", "/"},
       {":scheme", "http"},
       {":authority", "h"},
       {"content-length", "0"},
       {"content-length", "0"}},
  };
  for (const Fields& fields : malformed) {
    const http2::Response response = ask(fields);
    EXPECT_TRUE(response.reset > 0 || response.status() / 100 == 4)
        << fields.back().first << "=" << fields.back().second << " " << response.status();
  }
  EXPECT_EQ(calls_, 0);
  EXPECT_EQ(ask(request_fields()).status(), 200);
}

TEST_F(Http2, refuses_bodies_that_are_not_as_long_as_they_say) {
  Fields fields = request_fields("POST");
  fields.emplace_back("content-length", "5");
  const std::string head = pack(fields);
  send(frame(http2::kHeaders, http2::kEndHeaders, 1, head) +
       frame(http2::kData, http2::kEndStream, 1, "four"));
  send(frame(http2::kHeaders, http2::kEndHeaders, 3, head) + frame(http2::kData, 0, 3, "sixsix") +
       frame(http2::kData, http2::kEndStream, 3));
  send(frame(http2::kHeaders, http2::kEndHeaders, 5, head) +
       frame(http2::kData, http2::kEndStream, 5, "fives"));
  EXPECT_GT(read().responses[1].reset, 0);
  EXPECT_GT(read().responses[3].reset, 0);
  EXPECT_EQ(read().responses[5].status(), 200);
  EXPECT_EQ(calls_, 1);
}

TEST_F(Http2, refuses_bodies_that_are_too_large) {
  Fields announced = request_fields("POST");
  announced.emplace_back("content-length", "100001");
  send(frame(http2::kHeaders, http2::kEndHeaders, 1, pack(announced)));
  EXPECT_EQ(read().responses[1].status(), 413);
  EXPECT_EQ(read().responses[1].reset, NGHTTP2_NO_ERROR) << "the rest is not wanted";
  send(frame(http2::kHeaders, http2::kEndHeaders, 3, pack(request_fields("POST"))));
  for (int i = 0; i < 11; ++i) send(frame(http2::kData, 0, 3, std::string(10'000, 'x')));
  EXPECT_EQ(read().responses[3].status(), 413);
  EXPECT_EQ(calls_, 0);
  send(request(5));
  EXPECT_EQ(read().responses[5].status(), 200);
}

TEST_F(Http2, holds_no_more_bodies_than_it_may_and_finishes_the_others) {
  handler_ = handler_of([](const HttpRequest&) { return HttpResponse{}; });
  for (std::uint32_t id = 1; id < 10; id += 2) {
    send(frame(http2::kHeaders, http2::kEndHeaders, id, pack(request_fields("POST"))));
  }
  for (int round = 0; round < 9; ++round) {
    for (std::uint32_t id = 1; id < 10; id += 2) {
      send(frame(http2::kData, round == 8 ? http2::kEndStream : 0, id, std::string(10'000, 'x')));
    }
  }
  int good = 0;
  int busy = 0;
  for (const auto& [id, response] : read().responses) {
    good += response.status() == 200;
    busy += response.status() == 503;
  }
  EXPECT_EQ(good + busy, 5);
  EXPECT_GE(good, 2);
  EXPECT_GE(busy, 1);
  EXPECT_FALSE(is_over_);
  for (std::uint32_t id = 11; id < 200; id += 2) {  // the window opens again
    send(frame(http2::kHeaders, http2::kEndHeaders, id, pack(request_fields("POST"))));
    for (int i = 0; i < 9; ++i) {
      send(frame(http2::kData, i == 8 ? http2::kEndStream : 0, id, std::string(10'000, 'x')));
    }
    ASSERT_EQ(read().responses[id].status(), 200) << id;
  }
}

TEST_F(Http2, tells_a_client_that_waits_to_go_on) {
  Fields fields = request_fields("POST");
  fields.emplace_back("expect", "100-continue");
  send(frame(http2::kHeaders, http2::kEndHeaders, 1, pack(fields)));
  EXPECT_EQ(read().interim, 1);
  send(frame(http2::kData, http2::kEndStream, 1, "body"));
  EXPECT_EQ(read().responses[1].status(), 200);
}

TEST_F(Http2, refuses_more_streams_than_it_has_said) {
  for (std::uint32_t id = 1; id < 30; id += 2) {
    send(frame(http2::kHeaders, http2::kEndHeaders, id, pack(request_fields("POST"))));
  }
  int refused = 0;
  for (const auto& [id, response] : read().responses)
    refused += response.reset == NGHTTP2_REFUSED_STREAM;
  EXPECT_EQ(refused, 5);
}

TEST_F(Http2, cuts_off_rapid_resets) {
  std::string bytes;
  for (std::uint32_t id = 1; id < 4000; id += 2) {
    bytes += request(id) + frame(http2::kReset, 0, id, number(NGHTTP2_CANCEL));
  }
  send(bytes);
  EXPECT_EQ(read().goaway, NGHTTP2_ENHANCE_YOUR_CALM);
  EXPECT_TRUE(is_over_);
  EXPECT_LT(calls_, 1000);
  EXPECT_EQ(counters_.floods.get(), 1);
  EXPECT_GT(counters_.http2_streams_reset.get(), 100);
}

TEST_F(Http2, cuts_off_a_client_that_makes_it_reset) {
  std::string bytes;
  for (std::uint32_t id = 1; id < 4000; id += 2) {
    bytes += request(id) + frame(http2::kWindowUpdate, 0, id, number(0));
  }
  send(bytes);
  EXPECT_TRUE(is_over_);
  EXPECT_LT(calls_, 1000);
}

TEST_F(Http2, lets_a_client_cancel_what_it_no_longer_needs) {
  for (std::uint32_t id = 1; id < 4000; id += 4) {
    send(request(id));
    send(request(id + 2) + frame(http2::kReset, 0, id + 2, number(NGHTTP2_CANCEL)));
  }
  EXPECT_FALSE(is_over_);
}

TEST_F(Http2, cuts_off_floods) {
  const std::string piece(100, 'x');
  const std::string crumb = pack({{"x", "y"}});
  const std::string unfinished = frame(http2::kHeaders, 0, 1, pack(request_fields()));
  const std::string body =
      frame(http2::kHeaders, http2::kEndHeaders, 1, pack(request_fields("POST")));
  const std::vector<std::pair<std::string, std::string>> floods{
      {"", frame(http2::kPing, 0, 0, "12345678")},
      {"", frame(http2::kSettings, 0, 0)},
      {"", frame(http2::kSettings, 0, 0, number(4, 2) + number(70'000))},
      {"", frame(http2::kPriority, 0, 1, number(0) + "\x01")},
      {"", frame(http2::kWindowUpdate, 0, 0, number(1))},
      {unfinished, frame(http2::kContinuation, 0, 1, crumb)},
      {unfinished, frame(http2::kContinuation, 0, 1)},
      {body, frame(http2::kData, 0, 1)},
  };
  for (const auto& [before, again] : floods) {
    session_.reset();
    is_over_ = false;
    sent_.clear();
    const std::uint64_t counted = counters_.floods.get();
    send(before);
    for (int i = 0; i < 5000 && !is_over_; ++i) send(again);
    EXPECT_TRUE(is_over_) << static_cast<int>(again[3]);
    EXPECT_TRUE(counters_.floods.get() == counted + 1 || read().goaway > 0)
        << static_cast<int>(again[3]);
  }
  EXPECT_EQ(calls_, 0);
}

TEST_F(Http2, cuts_off_a_header_that_unpacks_without_end) {
  // Once into the table, then by its index, one byte each.
  std::string block = pack(request_fields());
  block += '\x40';
  block += '\1';
  block += 'x';
  block += '\x7f' + std::string("\xa1\x0e") + std::string(1952, 'y');
  for (int i = 0; i < 10'000; ++i) block += '\xbe';
  send(frame(http2::kHeaders, http2::kEndHeaders | http2::kEndStream, 1, block));
  EXPECT_EQ(calls_, 0);
  EXPECT_TRUE(is_over_);
  EXPECT_EQ(counters_.floods.get(), 1);
}

TEST_F(Http2, ends_on_broken_framing) {
  const std::vector<std::string> broken{
      "GET / HTTP/1.1\r\n\r\n",
      frame(http2::kData, 0, 0, "x"),
      frame(http2::kHeaders, http2::kEndHeaders, 2, pack(request_fields())),
      frame(http2::kHeaders, http2::kEndHeaders, 1, "\xff\xff\xff\xff\xff\xff\xff\xff"),
      frame(http2::kSettings, 0, 0, "12345"),
      frame(http2::kWindowUpdate, 0, 0, number(0)),
      frame(http2::kContinuation, http2::kEndHeaders, 1, "x"),
      frame(http2::kHeaders, 0, 1, pack(request_fields())) + request(3),
      number(0xffffff, 3) + std::string(6, '\0') + std::string(100, 'x'),
  };
  for (const std::string& bytes : broken) {
    session_.reset();
    is_over_ = false;
    sent_.clear();
    send(bytes);
    EXPECT_TRUE(is_over_) << bytes.substr(0, 20);
  }
  EXPECT_EQ(calls_, 0);
}

TEST_F(Http2, times_out_slow_requests_and_serves_others_meanwhile) {
  options_.body_timeout = 30s;
  send(frame(http2::kHeaders, http2::kEndHeaders, 1, pack(request_fields("POST"))));
  for (int i = 0; i < 29; ++i) {
    pass(1s);
    send(frame(http2::kData, 0, 1, "x"));
  }
  send(request(3));
  EXPECT_EQ(read().responses[3].status(), 200);
  pass(2s);
  EXPECT_EQ(read().responses[1].status(), 408);
  EXPECT_EQ(counters_.timeouts.get(), 1);
  EXPECT_FALSE(is_over_);
  send(request(5));
  EXPECT_EQ(read().responses[5].status(), 200);
}

TEST_F(Http2, ends_when_a_header_does_not) {
  send(frame(http2::kHeaders, 0, 1, pack(request_fields())));
  pass(9s);
  EXPECT_FALSE(is_over_);
  pass(2s);
  EXPECT_TRUE(is_over_);
  EXPECT_EQ(counters_.timeouts.get(), 1);
}

TEST_F(Http2, ends_idle_connections_however_much_they_ping) {
  start();
  send(request(1));
  for (int i = 0; i < 59; ++i) {
    pass(1s);
    send(frame(http2::kPing, 0, 0, "12345678"));
  }
  EXPECT_FALSE(is_over_);
  pass(2s);
  EXPECT_TRUE(is_over_);
  EXPECT_EQ(read().goaway, NGHTTP2_NO_ERROR);
  EXPECT_EQ(counters_.timeouts.get(), 0);
}

TEST_F(Http2, ends_a_connection_that_says_nothing) {
  start();
  pass(11s);
  EXPECT_TRUE(is_over_);
}

TEST_F(Http2, gives_up_an_answer_that_is_not_taken) {
  handler_ = handler_of(
      [](const HttpRequest&) { return HttpResponse{.body = std::string(100'000, 'x')}; });
  send(frame(http2::kSettings, 0, 0, number(4, 2) + number(0)));  // no window for streams
  send(request(1));
  EXPECT_EQ(read().responses[1].status(), 200);
  for (int i = 0; i < 29; ++i) {
    pass(1s);
    send(frame(http2::kWindowUpdate, 0, 1, number(1)));  // a byte each
  }
  EXPECT_EQ(read().responses[1].body.size(), 29);
  pass(2s);
  EXPECT_EQ(read().responses[1].reset, NGHTTP2_CANCEL);
  EXPECT_EQ(counters_.timeouts.get(), 1);
  EXPECT_FALSE(is_over_);
}

TEST_F(Http2, sends_a_large_answer_as_the_windows_open) {
  handler_ = handler_of(
      [](const HttpRequest&) { return HttpResponse{.body = std::string(1'000'000, 'x')}; });
  send(request(1));
  EXPECT_EQ(read().responses[1].body.size(), 65'535);
  send(frame(http2::kWindowUpdate, 0, 1, number(2'000'000)) +
       frame(http2::kWindowUpdate, 0, 0, number(2'000'000)));
  EXPECT_EQ(read().responses[1].body.size(), 1'000'000);
  EXPECT_TRUE(read().responses[1].is_whole);
}

TEST_F(Http2, finishes_what_it_accepted_when_stopped) {
  send(frame(http2::kHeaders, http2::kEndHeaders, 1, pack(request_fields("POST"))));
  stopping_ = true;
  settle();
  EXPECT_EQ(read().goaway, NGHTTP2_NO_ERROR);
  EXPECT_EQ(read().last_stream, 0x7fffffff) << "a notice: what is on its way is accepted";
  send(request(3));
  EXPECT_EQ(read().responses[3].status(), 200);
  std::string ack;
  for (const http2::Frame& got : read().frames) {
    if (got.type == http2::kPing) ack = frame(http2::kPing, http2::kAck, 0, got.payload);
  }
  send(ack);
  EXPECT_EQ(read().last_stream, 3);
  EXPECT_FALSE(is_over_);
  send(frame(http2::kData, http2::kEndStream, 1, "body"));
  EXPECT_EQ(read().responses[1].status(), 200);
  EXPECT_TRUE(is_over_);
}

TEST_F(Http2, ends_an_idle_connection_when_stopped) {
  start();
  stopping_ = true;
  settle();
  std::string ack;
  for (const http2::Frame& got : read().frames) {
    if (got.type == http2::kPing) ack = frame(http2::kPing, http2::kAck, 0, got.payload);
  }
  send(ack);
  EXPECT_TRUE(is_over_);
}

}  // namespace
}  // namespace wardlock::net
