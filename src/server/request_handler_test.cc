#include "server/request_handler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "authn/token.h"
#include "base/wall_clock.h"

namespace wardlock::server {
namespace {

using net::HttpRequest;
using net::HttpResponse;

/// One thread's handler, over policies that allow everything, and a caller with its token.
class RequestHandler : public testing::Test {
 protected:
  RequestHandler() {
    publish({.caller = pdp::Caller::unrestricted("watch"),
             .tenant = 0,
             .may_read_metrics = true,
             .tokens = {authn::token_hash(token_)}});
    handler_ = make_services(parts_)().handler;
  }

  void publish(const authn::CallerEntry& caller) {
    auto snapshot = pdp::build_snapshot(
        {.policies = {{"p.cedar", "permit (principal, action, resource);"}}}, pdp::Mode::kStrict);
    EXPECT_TRUE(snapshot) << snapshot.error().message;
    auto callers = authn::CallerRegistry::build({caller});
    EXPECT_TRUE(callers) << callers.error().message;
    auto world = std::make_shared<World>();
    world->tenants.push_back({.name = "", .base_path = "", .snapshot = *snapshot});
    world->callers = std::make_shared<const authn::CallerRegistry>(*std::move(callers));
    published_.publish(world);
  }

  HttpRequest request(std::string_view method, std::string_view path) const {
    return {.method = method,
            .target = path,
            .path = path,
            .headers = {{"Host", "localhost:8180"},
                        {"Authorization", authorization_},
                        {"Content-Type", "application/json"},
                        {"X-Subject-Type", "User"},
                        {"X-Subject-Id", "ann"},
                        {"X-Action", "view"},
                        {"X-Resource-Type", "Chart"},
                        {"X-Resource-Id", "c"}},
            .body = method == "POST" ? kQuestion : "",
            .remote_address = "192.0.2.7"};
  }

  HttpResponse send(const HttpRequest& request) const {
    HttpResponse response;
    handler_(request, response);
    return response;
  }

  static constexpr std::string_view kQuestion =
      R"({"subject":{"type":"User","id":"ann"},"action":{"name":"view"},)"
      R"("resource":{"type":"Chart","id":"c"}})";

  const std::string token_ = authn::new_token();
  const std::string authorization_ = "Bearer " + token_;
  PublishedWorld published_{std::make_shared<World>()};
  const config::Config config_;
  Log log_{config::Log{.level = config::LogLevel::kError}};
  Metrics metrics_;
  authn::FailureThrottle throttle_{{.rate = 1, .burst = 3}};
  const crypto::SealingKey page_key_;
  const std::atomic<bool> is_draining_ = false;
  const std::function<net::ServerCounters()> no_counters_;
  const ServingParts parts_{.config = config_,
                            .published = published_,
                            .log = log_,
                            .metrics = metrics_,
                            .throttle = throttle_,
                            .is_draining = is_draining_,
                            .page_key = page_key_,
                            .started_at = wall_clock_ms(),
                            .net_counters = no_counters_};
  net::Handler handler_;
};

// Over a real socket every address is this machine's, and those are never slowed down.
TEST_F(RequestHandler, GuessersAreSlowedDownAndLockNobodyOut) {
  const std::string wrong = "Bearer " + authn::new_token();
  const auto status = [&](const std::string& authorization) {
    HttpRequest asked = request("GET", "/metrics");
    asked.headers[1].value = authorization;
    return send(asked).status;
  };
  EXPECT_EQ(status(authorization_), 200);
  int refusals = 0;
  while (status(wrong) == 401) ASSERT_LT(++refusals, 10);
  EXPECT_GE(refusals, 3);
  EXPECT_EQ(status(wrong), 429);
  EXPECT_EQ(status(authorization_), 200);
}

/// Each is a record: who may ask little must not fill the log.
TEST_F(RequestHandler, RefusalsAreChargedToTheQuota) {
  for (const char* path : {"/audit/checkpoint", "/other/access/v1/evaluation"}) {
    const std::string name = path;
    publish({.caller = pdp::Caller::unrestricted("gate" + name),
             .tenant = 0,
             .quota = authn::Quota{.rate = 1, .burst = 3},
             .tokens = {authn::token_hash(token_)}});
    int refusals = 0;
    HttpResponse response = send(request("GET", path));
    while (response.status != 429) {
      ASSERT_LT(++refusals, 10) << path;
      response = send(request("GET", path));
    }
    EXPECT_GE(refusals, 3);
    EXPECT_TRUE(std::ranges::any_of(response.headers,
                                    [](const auto& field) { return field.name == "Retry-After"; }));
  }
}

TEST_F(RequestHandler, DoesNotAnswerANameThatWasRebound) {
  for (const auto host : {"evil.example", "localhost.evil.example:8180", "127.0.0.2", ""}) {
    HttpRequest question = request("POST", "/access/v1/evaluation");
    question.headers[0].value = host;
    const HttpResponse response = send(question);
    EXPECT_EQ(response.status, 421) << host;
    EXPECT_TRUE(response.body.starts_with('"')) << response.body;
    for (const auto path : {"/nothing", "/healthz", "/openapi.json", "/forward-auth"}) {
      HttpRequest other = request("GET", path);
      other.headers[0].value = host;
      EXPECT_EQ(send(other).status, 421) << host << path;
      EXPECT_EQ(send(other).content_type, "application/problem+json") << host << path;
    }
  }
}

TEST_F(RequestHandler, DoesNotAnswerPagesOfOtherSites) {
  HttpRequest question = request("POST", "/access/v1/evaluation");
  question.headers.push_back({"Origin", ""});
  std::string_view& origin = question.headers.back().value;
  for (const auto other : {"http://evil.example", "null", "http://localhost:3000"}) {
    origin = other;
    const HttpResponse response = send(question);
    EXPECT_EQ(response.status, 403) << origin;
    EXPECT_FALSE(response.body.contains("decision\"")) << response.body;
  }
  origin = "http://localhost:8180";
  EXPECT_EQ(send(question).status, 200);
}

/// A proxy passes on the origin of the request that it asks about.
TEST_F(RequestHandler, TakesAnyOriginFromAProxy) {
  HttpRequest question = request("GET", "/forward-auth");
  question.headers.push_back({"Origin", "https://app.example.org"});
  EXPECT_EQ(send(question).status, 204);
}

TEST_F(RequestHandler, LeavesOtherNamesToTheCertificateOverTls) {
  for (const auto& [method, path, status] :
       {std::tuple("POST", "/access/v1/evaluation", 200), {"GET", "/forward-auth", 204}}) {
    HttpRequest question = request(method, path);
    question.headers[0].value = "pdp.example.org";
    EXPECT_EQ(send(question).status, 421) << path;
    question.is_secure = true;
    EXPECT_EQ(send(question).status, status) << path;
  }
}

}  // namespace
}  // namespace wardlock::server
