#include "api/forward/forward_auth.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace wardlock::forward {
namespace {

using net::HttpHeader;
using net::HttpRequest;
using net::HttpResponse;

class ForwardAuth : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto built = pdp::build_snapshot({.policies = {{"p.cedar", R"(
           permit (principal == User::"ann", action == Action::"GET", resource);
           permit (principal == User::"Zoë", action, resource == Route::"/a%2Fb");
           permit (principal == User::"ann", action == Action::"mask", resource);
           @obligation("mask-identity") forbid (principal, action == Action::"mask", resource);
           forbid (principal, action, resource == Route::"/admin");
           @override("break-glass") permit (principal, action, resource)
           when { context has override };)"}}},
                                     pdp::Mode::kStrict);
    ASSERT_TRUE(built) << built.error().message;
    snapshot = *built;
  }
  static void TearDownTestSuite() { snapshot.reset(); }

  /// What a proxy sends; Ann may do it.
  static HttpRequest question() {
    return {.method = "GET",
            .target = "/forward-auth",
            .path = "/forward-auth",
            .headers = {{"Host", "127.0.0.1:8180"},
                        {"X-Subject-Type", "User"},
                        {"X-Subject-Id", "ann"},
                        {"X-Action", "GET"},
                        {"X-Resource-Type", "Route"},
                        {"X-Resource-Id", "/charts"}}};
  }

  static HttpRequest with(std::string_view name, std::string_view value) {
    HttpRequest request = question();
    for (HttpHeader& header : request.headers) {
      if (header.name == name) header.value = value;
    }
    return request;
  }

  static HttpResponse send(const HttpRequest& request, const pdp::Caller& caller = kCaller) {
    Arena arena;
    HttpResponse response;
    answer(request,
           {.snapshot = *snapshot,
            .caller = caller,
            .arena = arena,
            .now = 1000,
            .new_id = [](Arena&) { return std::string_view("id-1"); }},
           response);
    return response;
  }

  static std::string field(const HttpResponse& response, std::string_view name) {
    for (const auto& [key, value] : response.headers) {
      if (key == name) return value;
    }
    return "";
  }

  static constexpr std::string_view kFields[] = {"X-Subject-Type", "X-Subject-Id", "X-Action",
                                                 "X-Resource-Type", "X-Resource-Id"};
  static inline std::shared_ptr<const pdp::Snapshot> snapshot;
  static inline const pdp::Caller kCaller = pdp::Caller::unrestricted("nginx");
};

TEST_F(ForwardAuth, lets_through_with_204) {
  const HttpResponse response = send(question());
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(response.body, "");
  EXPECT_EQ(field(response, "X-Decision-Id"), "id-1");
  EXPECT_EQ(field(response, "X-Decision-Cause"), "permit");
  EXPECT_EQ(field(response, "Cache-Control"), "no-store");
}

TEST_F(ForwardAuth, stops_with_403_and_its_cause) {
  const HttpResponse nobody = send(with("X-Subject-Id", "bob"));
  EXPECT_EQ(nobody.status, 403);
  EXPECT_EQ(field(nobody, "X-Decision-Id"), "id-1");
  EXPECT_EQ(field(nobody, "X-Decision-Cause"), "no_permit");
  EXPECT_EQ(nobody.content_type, "application/problem+json");
  EXPECT_EQ(field(send(with("X-Resource-Id", "/admin")), "X-Decision-Cause"), "forbid");
}

TEST_F(ForwardAuth, is_decided_by_the_canary_where_it_is_of_its_part) {
  auto tried = pdp::build_snapshot(
      {.policies = {{"p.cedar", R"(@id("closed") forbid (principal, action, resource);)"}}},
      pdp::Mode::kStrict);
  ASSERT_TRUE(tried) << tried.error().message;
  const auto canary = pdp::Canary::make(snapshot, *tried, {.callers = {"proxy"}});
  ASSERT_TRUE(canary) << canary.error().message;
  const auto status = [&](std::string caller_id) {
    const pdp::Caller caller = pdp::Caller::unrestricted(std::move(caller_id));
    Arena arena;
    HttpResponse response;
    answer(question(),
           {.snapshot = *snapshot,
            .caller = caller,
            .arena = arena,
            .now = 1000,
            .new_id = [](Arena&) { return std::string_view("id-1"); },
            .canary = canary->get()},
           response);
    return response.status;
  };
  EXPECT_EQ(status("proxy"), 403);
  EXPECT_EQ(status("another"), 204);
}

TEST_F(ForwardAuth, takes_any_method) {
  for (const auto method : {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"}) {
    HttpRequest request = question();
    request.method = method;
    EXPECT_EQ(send(request).status, 204) << method;
  }
}

TEST_F(ForwardAuth, needs_every_field_once) {
  for (const std::string_view name : kFields) {
    HttpRequest missing = question();
    std::erase_if(missing.headers, [&](const HttpHeader& header) { return header.name == name; });
    EXPECT_EQ(send(missing).status, 400) << name;
    EXPECT_TRUE(send(missing).body.contains("is missing"));

    EXPECT_EQ(send(with(name, "")).status, 400) << name;

    HttpRequest twice = question();
    twice.headers.push_back(*std::ranges::find(twice.headers, name, &HttpHeader::name));
    EXPECT_EQ(send(twice).status, 400) << name;
    EXPECT_TRUE(send(twice).body.contains("more than once"));

    // A client's field in other letters is still the same field.
    const std::string other = name == "X-Action" ? "x-action" : "x" + std::string(name.substr(1));
    HttpRequest sneaked = question();
    sneaked.headers.insert(sneaked.headers.begin(), {other, "ann"});
    EXPECT_EQ(send(sneaked).status, 400) << name;
  }
}

TEST_F(ForwardAuth, has_no_decision_in_an_error) {
  const HttpResponse response = send(with("X-Subject-Id", ""));
  EXPECT_EQ(response.content_type, "application/problem+json");
  EXPECT_EQ(response.headers.size(), 0U);
}

TEST_F(ForwardAuth, refuses_text_that_is_not_what_it_seems) {
  for (const std::string_view value :
       {std::string_view("ann\r\nX-Subject-Id: root"), std::string_view("ann\0root", 8),
        std::string_view("ann\t"), std::string_view("ann\x7f"), std::string_view("ann\xff"),
        std::string_view("an\xcc"), std::string_view("ann\u202e"), std::string_view("ann\u200b"),
        std::string_view("Zoe\u0308"), std::string_view("\xc0\xae")}) {
    for (const std::string_view name : kFields) {
      const HttpResponse response = send(with(name, value));
      EXPECT_EQ(response.status, 400) << name << " " << value;
      EXPECT_EQ(response.headers.size(), 0U);
    }
  }
}

TEST_F(ForwardAuth, takes_values_as_they_are) {
  for (const auto id : {"%61nn", "ann%00", "ann,", "ann, bob", "\"ann\"", "ANN", "a+nn",
                        "User::ann", "ann;q=1", "=?utf-8?q?ann?="}) {
    EXPECT_EQ(send(with("X-Subject-Id", id)).status, 403) << id;
  }
  HttpRequest zoe = with("X-Subject-Id", "Zo\u00eb");
  zoe.headers.back().value = "/a%2Fb";
  EXPECT_EQ(send(zoe).status, 204);
  for (const auto path : {"/a/b", "/a%2fb", "/a%252Fb", "/a%2Fb/", "/a%2Fb?"}) {
    zoe.headers.back().value = path;
    EXPECT_EQ(send(zoe).status, 403) << path;
  }
}

TEST_F(ForwardAuth, refuses_questions_that_cannot_be_decided) {
  EXPECT_EQ(send(with("X-Subject-Type", "not a type")).status, 400);
  EXPECT_EQ(send(with("X-Subject-Type", "Action")).status, 400);
  EXPECT_EQ(send(with("X-Action", "User::\"ann\"")).status, 400);
}

TEST_F(ForwardAuth, supports_no_obligation_and_no_override) {
  HttpRequest masked = with("X-Action", "mask");
  masked.headers.push_back({"X-Obligations", "mask-identity"});
  masked.headers.push_back({"X-Grant", "g1"});
  EXPECT_EQ(send(masked).status, 403);
}

TEST_F(ForwardAuth, refuses_a_body) {
  HttpRequest request = question();
  request.body = "{}";
  const HttpResponse response = send(request);
  EXPECT_EQ(response.status, 400);
  EXPECT_TRUE(response.body.contains("proxy_pass_request_body"));
}

TEST_F(ForwardAuth, is_bound_by_the_proxys_scope) {
  pdp::Caller caller = kCaller;
  caller.scope.types = pdp::Names(std::vector<std::string>{"User", "Device"});
  const HttpResponse response = send(question(), caller);
  EXPECT_EQ(response.status, 403);
  EXPECT_EQ(field(response, "X-Decision-Id"), "") << "that is no decision about Ann";
}

TEST_F(ForwardAuth, takes_the_origin_of_the_request_it_is_about) {
  HttpRequest request = question();
  request.headers.push_back({"Origin", "https://app.example.org"});
  EXPECT_EQ(send(request).status, 204);
}

/// Admits a few questions, and keeps who asked those that were refused.
class Keeping : public pdp::Observer {
 public:
  Result<void> admit(std::size_t) override {
    if (left_-- == 0) return fail(ErrorCode::kResourceExhausted, "enough");
    return {};
  }
  bool is_recording() const override { return true; }
  Result<void> decided(const pdp::AccessRequest&, const pdp::AccessDecision&,
                       std::string_view) override {
    return {};
  }
  void refused(const pdp::AccessRequest& request, ErrorCode why) override {
    refused_.push_back(std::string(request.principal.id).append(" ").append(to_string(why)));
  }
  Result<void> searched(const pdp::AccessRequest&, std::size_t, std::size_t) override { return {}; }

  int left_ = 3;
  std::vector<std::string> refused_;
};

TEST_F(ForwardAuth, tells_of_what_it_refuses_and_charges_for_it) {
  Keeping observer;
  pdp::Caller caller = kCaller;
  const auto status = [&](const HttpRequest& request) {
    Arena arena;
    HttpResponse response;
    answer(request,
           {.snapshot = *snapshot,
            .caller = caller,
            .arena = arena,
            .now = 1000,
            .new_id = [](Arena&) { return std::string_view("id-1"); },
            .observer = &observer},
           response);
    return response.status;
  };
  EXPECT_EQ(status(question()), 204);
  EXPECT_EQ(status(with("X-Action", "")), 400);
  caller.scope.types = pdp::Names({"User"});
  EXPECT_EQ(status(question()), 403);
  EXPECT_EQ(status(with("X-Action", "")), 429);
  EXPECT_EQ(observer.refused_,
            (std::vector<std::string>{"ann invalid_argument", "ann permission_denied"}));
}

}  // namespace
}  // namespace wardlock::forward
