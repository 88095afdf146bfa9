#include "server/sign_in_desk.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <optional>
#include <string>

#include "base/wall_clock.h"
#include "server/directory_for_test.h"

namespace wardlock::server {
namespace {

/// One serving thread's desk for browsers.
class SignInDeskTest : public DirectoryForTest {
 protected:
  void SetUp() override {
    config_.authentication.emplace();
    config_.authentication->party = {
        .id = "localhost", .origins = {"http://localhost"}, .top_origins = {}};
    config_.authentication->hashing_waiting = kMostWaiting;
    seal_secrets();
    open();
    auto entrance = Entrance::open(config_, *directory_, nullptr, log_);
    ASSERT_TRUE(entrance) << entrance.error().message;
    entrance_ = *std::move(entrance);
    desk_.emplace(*entrance_, [] {});
  }
  void TearDown() override {
    desk_.reset();
    entrance_.reset();
  }

  net::HttpResponse begin(std::string_view method, std::string_view path,
                          std::string_view address = "192.0.2.1") {
    const net::HttpRequest request{.method = method,
                                   .target = path,
                                   .path = path,
                                   .headers = {{"Host", "localhost"}},
                                   .remote_address = address};
    net::HttpResponse response;
    desk_->begin(request, {.tenant = tenant_, .public_url = {}, .now = wall_clock_ms()}, response);
    return response;
  }
  net::HttpResponse end(net::HttpResponse response) {
    EXPECT_TRUE(eventually([&] {
      if (response.unfinished == nullptr) return true;
      const auto unfinished = response.unfinished;
      response = {};
      desk_->go_on(unfinished, response);
      return response.unfinished == nullptr;
    }));
    return response;
  }
  /// All threads that work on sign-ins, until then.
  void keep_all_busy(const std::shared_future<void>& released) {
    for (int i = 0; i < kThreads; ++i) {
      ASSERT_TRUE(entrance_->hashing().ask("busy " + std::to_string(i), 1,
                                           [released] { released.wait(); }));
    }
  }
  static std::string header(const net::HttpResponse& response, std::string_view name) {
    const auto found =
        std::ranges::find(response.headers, name, &net::ResponseHeaders::Field::name);
    return found == response.headers.end() ? "" : found->value;
  }

  static constexpr int kThreads = 4;  ///< with one that hashes
  static constexpr std::size_t kMostWaiting = 8;
  ServedTenant tenant_;
  std::unique_ptr<Entrance> entrance_;
  std::optional<SignInDesk> desk_;
};

TEST_P(SignInDeskTest, ShowsAPage) {
  const net::HttpResponse page = end(begin("GET", "/sign-in"));
  EXPECT_EQ(page.status, 200);
  EXPECT_NE(page.body.find("name=\"user\""), std::string::npos);
  EXPECT_EQ(header(page, "Cache-Control"), "no-store");
}

/// A storm of sign-ins fills its own queue, is told to come again, and keeps nobody from a page.
TEST_P(SignInDeskTest, AStormOfSignInsFillsItsOwnQueueAlone) {
  std::promise<void> release;
  keep_all_busy(release.get_future().share());
  std::vector<net::HttpResponse> waiting;
  bool is_full = false;
  for (std::size_t i = 0; i < 2 * kMostWaiting && !is_full; ++i) {
    net::HttpResponse response = begin("POST", "/sign-in", "192.0.2." + std::to_string(i + 1));
    is_full = response.status == 503;
    if (is_full) {
      EXPECT_NE(header(response, "Retry-After"), "");
    } else {
      waiting.push_back(std::move(response));
    }
  }
  EXPECT_TRUE(is_full);
  EXPECT_EQ(end(begin("GET", "/sign-in")).status, 200) << "pages that hash nothing go on";
  release.set_value();
  for (net::HttpResponse& each : waiting) EXPECT_EQ(end(std::move(each)).status, 403) << "no form";
}

/// One source may not use up the queue.
TEST_P(SignInDeskTest, OneSourceHasAQuarterOfTheQueue) {
  std::promise<void> release;
  keep_all_busy(release.get_future().share());
  std::vector<net::HttpResponse> waiting;
  for (std::size_t i = 0; i < kMostWaiting / 4; ++i) waiting.push_back(begin("POST", "/sign-in"));
  EXPECT_EQ(begin("POST", "/sign-in").status, 503);
  waiting.push_back(begin("POST", "/sign-in", "192.0.2.2"));
  EXPECT_NE(waiting.back().unfinished, nullptr) << "somebody else still gets in";
  release.set_value();
  for (net::HttpResponse& each : waiting) end(std::move(each));
}

/// Whoever waits for a hospital's provider that hangs keeps nobody from signing in otherwise.
TEST_P(SignInDeskTest, WhatWaitsForOthersServersHoldsUpNobodyElse) {
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(
        entrance_->abroad().ask("hangs " + std::to_string(i), 1, [released] { released.wait(); }));
  }
  net::HttpResponse away = begin("POST", "/sign-in/with/hospital", "192.0.2.2");
  net::HttpResponse back = begin("GET", "/sign-in/with/hospital/back", "192.0.2.3");
  EXPECT_EQ(end(begin("GET", "/sign-in")).status, 200);
  EXPECT_EQ(end(begin("POST", "/sign-in")).status, 403) << "no form";
  for (net::HttpResponse* each : {&away, &back}) {
    ASSERT_NE(each->unfinished, nullptr);
    const auto unfinished = each->unfinished;
    *each = {};
    desk_->go_on(unfinished, *each);
    EXPECT_NE(each->unfinished, nullptr) << "it waits where the others do";
  }
  release.set_value();
  EXPECT_EQ(end(std::move(away)).status, 403) << "no form";
  EXPECT_EQ(end(std::move(back)).status, 404) << "there is no such provider";
}

TEST_P(SignInDeskTest, GivesAssetsAtOnce) {
  const net::HttpRequest request{.method = "GET", .path = "/assets/wardlock.css"};
  net::HttpResponse response;
  desk_->answer_asset(request, "", response);
  EXPECT_EQ(response.status, 200);
  net::HttpResponse none;
  desk_->answer_asset({.method = "GET", .path = "/assets/none.css"}, "", none);
  EXPECT_EQ(none.status, 404);
}

INSTANTIATE_TEST_SUITE_P(Each, SignInDeskTest, testing::ValuesIn(tested_databases()), name_of);

}  // namespace
}  // namespace wardlock::server
