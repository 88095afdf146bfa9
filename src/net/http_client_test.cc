#include "net/http_client.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <mutex>
#include <thread>

#include "net/tls_for_test.h"

namespace wardlock::net {
namespace {

using namespace std::chrono_literals;

class Fetching : public testing::Test {
 protected:
  HttpClientOptions trusting() const { return {.tls = {.ca = authority_.certificate()}}; }
  ServerOptions with_tls() const { return {.listeners = {{.tls = Authority::files(pair_)}}}; }
  static std::string url(const RunningServer& server, std::string_view path = "/") {
    return "https://localhost:" + std::to_string(server.port()) + std::string(path);
  }
  Result<HttpReply> fetch(const OutgoingRequest& request, const HttpClientOptions& options) {
    const auto client = HttpClient::create(options);
    EXPECT_TRUE(client);
    return (*client)->fetch(request, interruption_);
  }
  ErrorCode refusal(const std::string& url, const HttpClientOptions& options) {
    const auto reply = fetch({.url = url}, options);
    EXPECT_FALSE(reply) << reply->status;
    if (reply) return ErrorCode::kUnknown;
    EXPECT_FALSE(reply.error().message.empty());
    return reply.error().code;
  }

  Interruption interruption_;
  Authority authority_;
  KeyPair pair_ = authority_.issue();
};

TEST_F(Fetching, posts_and_reads_over_one_connection) {
  RunningServer server(
      [](const HttpRequest& request) {
        return HttpResponse{.status = 201,
                            .body = std::string(request.method) + " " + std::string(request.body)};
      },
      with_tls());
  const auto client = *HttpClient::create(trusting());
  for (int i = 0; i < 3; ++i) {
    const auto reply = client->fetch({.method = "POST",
                                      .url = url(server, "/fhir"),
                                      .headers = {{"Content-Type", "application/json"}},
                                      .body = "{\"a\":1}"},
                                     interruption_);
    ASSERT_TRUE(reply) << reply.error().message;
    EXPECT_EQ(reply->status, 201);
    EXPECT_EQ(reply->body, "POST {\"a\":1}");
  }
  const auto got = client->fetch({.url = url(server)}, interruption_);
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->body, "GET ");
  EXPECT_EQ(server.counters().connections_accepted, 1);
}

TEST_F(Fetching, a_large_body_and_a_large_reply) {
  RunningServer server(
      [](const HttpRequest& request) { return HttpResponse{.body = std::string(request.body)}; },
      with_tls());
  const std::string body(900'000, 'b');
  const auto reply = fetch({.method = "PUT", .url = url(server), .body = body}, trusting());
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_TRUE(reply->body == body);
}

TEST_F(Fetching, any_status_is_a_reply) {
  RunningServer server(
      [](const HttpRequest&) {
        return HttpResponse{.status = 503,
                            .headers = {{"Retry-After", "7"}, {"X-Other", "one, two"}},
                            .body = "later"};
      },
      with_tls());
  const auto reply = fetch({.url = url(server)}, trusting());
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->status, 503);
  EXPECT_EQ(reply->retry_after, 7s);
  EXPECT_EQ(reply->header("x-other"), "one, two");
  EXPECT_EQ(reply->header("X-Othe"), std::nullopt);
}

TEST_F(Fetching, a_redirect_is_not_followed) {
  int asked = 0;
  RunningServer server(
      [&](const HttpRequest&) {
        ++asked;
        return HttpResponse{.status = 307, .headers = {{"Location", "/elsewhere"}}};
      },
      with_tls());
  const auto reply = fetch({.url = url(server)}, trusting());
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->status, 307);
  EXPECT_EQ(asked, 1);
}

TEST_F(Fetching, the_environment_names_no_proxy) {
  RunningServer server(echo, with_tls());
  for (const char* name : {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) {
    ::setenv(name, "http://127.0.0.1:1", 1);
  }
  EXPECT_TRUE(fetch({.url = url(server)}, trusting()));
  HttpClientOptions through = trusting();
  through.proxy = "http://127.0.0.1:1";
  ::setenv("no_proxy", "*", 1);
  EXPECT_EQ(refusal(url(server), through), ErrorCode::kUnavailable);
  for (const char* name : {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy"}) {
    ::unsetenv(name);
  }
}

TEST_F(Fetching, nobody_is_taken_for_another) {
  RunningServer server(echo, with_tls());
  const Authority another;
  EXPECT_EQ(refusal(url(server), {.tls = {.ca = another.certificate()}}),
            ErrorCode::kUnauthenticated);
  EXPECT_EQ(refusal(url(server), {}), ErrorCode::kUnauthenticated) << "the system knows us not";
  EXPECT_EQ(refusal(url(server), {.tls = {.ca = "/no/such.pem"}}), ErrorCode::kUnauthenticated);

  const KeyPair other = authority_.issue({.name = "other", .alternatives = "DNS:other.example"});
  RunningServer named_otherwise(echo, {.listeners = {{.tls = Authority::files(other)}}});
  EXPECT_EQ(refusal(url(named_otherwise), trusting()), ErrorCode::kUnauthenticated);
}

TEST_F(Fetching, shows_its_certificate) {
  TlsFiles files = Authority::files(pair_);
  files.client_ca = authority_.certificate();
  files.is_client_certificate_required = true;
  RunningServer server(
      [](const HttpRequest& request) {
        return HttpResponse{.body = request.peer_certificate->names.at(0)};
      },
      {.listeners = {{.tls = files}}});
  const KeyPair ours = authority_.issue({.name = "ours", .alternatives = "DNS:wardlock.example"});
  HttpClientOptions options = trusting();
  EXPECT_FALSE(fetch({.url = url(server)}, options));
  options.tls.certificate = ours.certificate;
  options.tls.key = ours.key;
  const auto reply = fetch({.url = url(server)}, options);
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->body, "dns:wardlock.example");
}

TEST_F(Fetching, what_is_no_request_is_not_made) {
  EXPECT_EQ(refusal("ftp://localhost/", trusting()), ErrorCode::kInvalidArgument);
  EXPECT_EQ(refusal("file:///etc/passwd", trusting()), ErrorCode::kInvalidArgument);
  EXPECT_EQ(refusal("https://", trusting()), ErrorCode::kInvalidArgument);
  EXPECT_EQ(refusal("https://a\r\nb/", trusting()), ErrorCode::kInvalidArgument);
  const auto split =
      fetch({.url = "https://localhost/", .headers = {{"A", "b\r\nC: d"}}}, trusting());
  ASSERT_FALSE(split);
  EXPECT_EQ(split.error().code, ErrorCode::kInvalidArgument);
}

TEST_F(Fetching, a_reply_has_a_limit) {
  RunningServer server(
      [](const HttpRequest&) { return HttpResponse{.body = std::string(5000, 'x')}; }, with_tls());
  HttpClientOptions options = trusting();
  options.max_reply_bytes = 4999;
  EXPECT_EQ(refusal(url(server), options), ErrorCode::kResourceExhausted);
  options.max_reply_bytes = 5000;
  EXPECT_TRUE(fetch({.url = url(server)}, options));
}

TEST_F(Fetching, nobody_there) {
  std::string gone;
  {
    RunningServer server(echo, with_tls());
    gone = url(server);
  }
  EXPECT_EQ(refusal(gone, trusting()), ErrorCode::kUnavailable);
  EXPECT_EQ(refusal("https://no-such-host.invalid/", trusting()), ErrorCode::kUnavailable);
}

TEST_F(Fetching, a_slow_server_is_given_up_and_an_interruption_is_heard) {
  std::mutex held;
  std::unique_lock hold(held);
  RunningServer server(
      [&](const HttpRequest&) {
        const std::scoped_lock wait(held);
        return HttpResponse{};
      },
      with_tls());
  HttpClientOptions options = trusting();
  options.timeout = 100ms;
  EXPECT_EQ(refusal(url(server), options), ErrorCode::kDeadlineExceeded);
  std::thread stop([&] {
    std::this_thread::sleep_for(50ms);
    interruption_.raise();
  });
  EXPECT_EQ(refusal(url(server), trusting()), ErrorCode::kCancelled);
  stop.join();
  hold.unlock();
}

}  // namespace
}  // namespace wardlock::net
