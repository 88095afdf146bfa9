#include "server/request_handler.h"

#include <gtest/gtest.h>

#include <string>

#include "authn/token.h"
#include "server/wall_clock.h"

namespace wardlock::server {
namespace {

// Over a real socket every address is this machine's, and those are never slowed down.
TEST(RequestHandler, GuessersAreSlowedDownAndLockNobodyOut) {
  const std::string token = authn::new_token();
  const std::string wrong = authn::new_token();
  auto callers = authn::CallerRegistry::build({{.caller = {.id = "watch"},
                                                .may_read_metrics = true,
                                                .tokens = {authn::token_hash(token)}}});
  ASSERT_TRUE(callers) << callers.error().message;
  auto world = std::make_shared<World>();
  world->callers = std::make_shared<const authn::CallerRegistry>(*std::move(callers));
  PublishedWorld published(world);
  const config::Config config;
  Log log(config::Log{.level = config::LogLevel::kError});
  Metrics metrics;
  authn::FailureThrottle throttle({.rate = 1, .burst = 3});
  const crypto::SealingKey page_key;
  const std::atomic<bool> is_draining = false;
  const std::function<net::ServerCounters()> no_counters;
  const ServingParts parts{.config = config,
                           .published = published,
                           .log = log,
                           .metrics = metrics,
                           .throttle = throttle,
                           .is_draining = is_draining,
                           .page_key = page_key,
                           .started_at = wall_clock_ms(),
                           .net_counters = no_counters};
  const net::Handler handler = make_services(parts)().handler;
  const auto status = [&](const std::string& credential) {
    const std::string authorization = "Bearer " + credential;
    net::HttpRequest request;
    request.method = "GET";
    request.target = request.path = "/metrics";
    request.headers = {{"Host", "pdp.example.org"}, {"Authorization", authorization}};
    request.remote_address = "192.0.2.7";
    request.is_secure = true;
    net::HttpResponse response;
    handler(request, response);
    return response.status;
  };
  EXPECT_EQ(status(token), 200);
  int refusals = 0;
  while (status(wrong) == 401) ASSERT_LT(++refusals, 10);
  EXPECT_GE(refusals, 3);
  EXPECT_EQ(status(wrong), 429);
  EXPECT_EQ(status(token), 200);
}

}  // namespace
}  // namespace wardlock::server
