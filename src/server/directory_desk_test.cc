#include "server/directory_desk.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <latch>

#include "base/wall_clock.h"
#include "server/directory_for_test.h"

namespace wardlock::server {
namespace {

using net::HttpRequest;
using net::HttpResponse;
using Unfinished = std::shared_ptr<net::Unfinished>;

/// One serving thread's desk, and who asks there.
class DirectoryDeskTest : public DirectoryForTest {
 protected:
  void SetUp() override {
    open();
    hale_ = somebody("hale", {"Administrator"});
    desk_.emplace(*directory_, [rings = rings_] { ++*rings; });
  }
  void TearDown() override { desk_.reset(); }

  DirectoryAsker asker(const Somebody& who, Route route) const {
    const auto credential = directory_->credentials->find(who.token_hash, wall_clock_ms());
    EXPECT_NE(credential, nullptr);
    return {.holder = DirectoryHolder(*credential),
            .place = {.route = route},
            .public_url = "https://host",
            .now = wall_clock_ms()};
  }
  HttpResponse begin(const Somebody& who, Route route, std::string_view method,
                     std::string_view path, std::string_view body = {}) {
    HttpRequest request{.method = method, .target = path, .path = path, .body = body};
    if (!body.empty()) request.headers.push_back({"Content-Type", "application/json"});
    HttpResponse response;
    desk_->begin(request, asker(who, route), response);
    return response;
  }
  /// Asks again until there is an answer.
  HttpResponse end(HttpResponse response) {
    EXPECT_TRUE(eventually([&] {
      if (response.unfinished == nullptr) return true;
      const Unfinished unfinished = response.unfinished;
      response = {};
      desk_->go_on(unfinished, response);
      return response.unfinished == nullptr;
    }));
    return response;
  }
  HttpResponse ask(Route route, std::string_view method, std::string_view path,
                   std::string_view body = {}) {
    return end(begin(hale_, route, method, path, body));
  }
  bool has_recorded(const std::string& event) {
    return eventually([&] { return count(recorded(), event) > 0; });
  }
  static std::ptrdiff_t count(const std::vector<std::string>& events, std::string_view event) {
    return std::ranges::count(events, event);
  }
  static std::string header(const HttpResponse& response, std::string_view name) {
    const auto found =
        std::ranges::find(response.headers, name, &net::ResponseHeaders::Field::name);
    return found == response.headers.end() ? "" : found->value;
  }

  /// Keeps all of the directory's threads busy until `go_on`.
  void occupy_office() {
    for (int i = 0; i < kThreads; ++i) {
      ASSERT_TRUE(directory_->office->ask("somebody else", 1, [this] {
        occupied_.count_down();
        released_.wait();
      }));
    }
    occupied_.wait();
  }
  void release_office() { release_.set_value(); }

  static constexpr int kThreads = 2;
  std::latch occupied_{kThreads};
  std::promise<void> release_;
  std::shared_future<void> released_ = release_.get_future().share();
  std::shared_ptr<std::atomic<int>> rings_ = std::make_shared<std::atomic<int>>(0);
  Somebody hale_;
  std::optional<DirectoryDesk> desk_;
};
WARDLOCK_ON_EACH_DATABASE(DirectoryDeskTest);

TEST_P(DirectoryDeskTest, AnswersWhenItIsDone) {
  const HttpResponse listed = ask(Route::kAdmin, "GET", "/admin/v1/people");
  EXPECT_EQ(listed.status, 200) << listed.body;
  EXPECT_TRUE(listed.body.contains("hale"));
  EXPECT_GT(*rings_, 0) << "who waits is told";
  EXPECT_EQ(ask(Route::kScim, "GET", "/scim/v2/Users").content_type, "application/scim+json");
  EXPECT_TRUE(has_recorded("decision read"));
}

/// A connection that ends must not take the record of a decision with it.
TEST_P(DirectoryDeskTest, WhatIsDecidedIsRecordedThoughNobodyFetchesTheAnswer) {
  const std::uint64_t before = revision();
  {
    const HttpResponse begun = begin(hale_, Route::kAdmin, "POST", "/admin/v1/people",
                                     R"({"attributes":{"userName":"ann"}})");
    ASSERT_TRUE(eventually([&] { return revision() > before; }));
  }
  EXPECT_TRUE(has_recorded("decision create"));
}

TEST_P(DirectoryDeskTest, WhatNobodyWaitsForIsNotBegun) {
  const std::uint64_t before = revision();
  occupy_office();
  {
    const HttpResponse begun = begin(hale_, Route::kAdmin, "POST", "/admin/v1/people",
                                     R"({"attributes":{"userName":"ann"}})");
    ASSERT_NE(begun.unfinished, nullptr);
  }  // its connection ends
  release_office();
  EXPECT_EQ(ask(Route::kAdmin, "GET", "/admin/v1/people").status, 200);
  EXPECT_EQ(revision(), before);
  EXPECT_EQ(count(recorded(), "decision create"), 0);
}

TEST_P(DirectoryDeskTest, WhatCannotBeRecordedIsNotDone) {
  const std::uint64_t before = revision();
  audit_->log().close();
  for (const Route route : {Route::kAdmin, Route::kScim}) {
    const bool is_scim = route == Route::kScim;
    const HttpResponse refused =
        is_scim ? ask(route, "POST", "/scim/v2/Users",
                      R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],)"
                      R"("userName":"ann"})")
                : ask(route, "POST", "/admin/v1/people", R"({"attributes":{"userName":"ann"}})");
    EXPECT_EQ(refused.status, 503) << refused.body;
    EXPECT_EQ(refused.content_type, is_scim ? "application/scim+json" : "application/problem+json");
    EXPECT_EQ(header(refused, "Retry-After"), "1");
    EXPECT_EQ(ask(route, "GET", is_scim ? "/scim/v2/Users" : "/admin/v1/people").status, 503)
        << "what is read goes on record, too";
  }
  EXPECT_EQ(revision(), before);
}

TEST_P(DirectoryDeskTest, ARevokedCredentialIsRefusedAsEachProtocolDoes) {
  const DirectoryAsker known = asker(hale_, Route::kScim);
  write([&](directory::Edit& edit) -> Result<void> {
    TRY(edit.revoke_credentials_of(hale_.id));
    return {};
  });
  for (const Route route : {Route::kScim, Route::kAdmin}) {
    HttpResponse response;
    DirectoryAsker late = known;  // found before it was revoked
    late.place.route = route;
    const std::string_view path = route == Route::kScim ? "/scim/v2/Users" : "/admin/v1/people";
    desk_->begin({.method = "GET", .target = path, .path = path}, late, response);
    response = end(std::move(response));
    EXPECT_EQ(response.status, 401);
    EXPECT_TRUE(header(response, "WWW-Authenticate").contains("invalid_token"));
    EXPECT_EQ(response.content_type,
              route == Route::kScim ? "application/scim+json" : "application/problem+json");
  }
}

/// One caller's crowd leaves room for others'.
TEST_P(DirectoryDeskTest, TooMuchAtOnceIsRefused) {
  const Somebody ann = somebody("ann", {"Administrator"});
  occupy_office();
  std::vector<HttpResponse> waiting;
  HttpResponse refused;
  while (waiting.size() < 1000) {
    HttpResponse begun = begin(hale_, Route::kScim, "GET", "/scim/v2/Users");
    if (begun.unfinished == nullptr) {
      refused = std::move(begun);
      break;
    }
    waiting.push_back(std::move(begun));
  }
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.content_type, "application/scim+json");
  EXPECT_EQ(header(refused, "Retry-After"), "1");
  HttpResponse other = begin(ann, Route::kAdmin, "GET", "/admin/v1/people");
  EXPECT_NE(other.unfinished, nullptr);
  EXPECT_EQ(directory_->office->waiting(), waiting.size() + 1);
  release_office();
  for (HttpResponse& each : waiting) EXPECT_EQ(end(std::move(each)).status, 200);
  EXPECT_EQ(end(std::move(other)).status, 200);
  EXPECT_EQ(ask(Route::kScim, "GET", "/scim/v2/Users").status, 200) << "there is room again";
}

}  // namespace
}  // namespace wardlock::server
