#include "call/operation.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

namespace wardlock::call {
namespace {

struct CallForTest {
  std::string_view id = {};
};

Result<void> list(const CallForTest& /*call*/, net::HttpResponse& response) {
  response.body = "list";
  return {};
}

Result<void> show(const CallForTest& call, net::HttpResponse& response) {
  response.body = "show " + std::string(call.id);
  return {};
}

Result<void> end(const CallForTest& call, net::HttpResponse& response) {
  response.body = "end " + std::string(call.id);
  return {};
}

Result<void> fail_late(const CallForTest& /*call*/, net::HttpResponse& response) {
  response.headers.add("Begun", "yes");
  return fail(ErrorCode::kFailedPrecondition, "it is \x1b over");
}

constexpr auto kTable = std::to_array<Operation<CallForTest>>({
    {"GET", "things/mine", &list},
    {"GET", "things/{id}", &show},
    {"POST", "things/{id}", &fail_late},
    {"POST", "things/{id}/end", &end},
});

net::HttpResponse ask(std::string_view method, std::string_view path) {
  net::HttpRequest request;
  request.method = method;
  request.path = path;
  net::HttpResponse response;
  answer_by(kTable, request, "/v1/", CallForTest(), response);
  return response;
}

std::string header_of(const net::HttpResponse& response, std::string_view name) {
  for (const auto& field : response.headers) {
    if (field.name == name) return std::string(field.value);
  }
  return "";
}

TEST(OperationTest, PathsLeadToWhatTheTableSays) {
  EXPECT_EQ(ask("GET", "/v1/things/mine").body, "list");
  EXPECT_EQ(ask("HEAD", "/v1/things/mine").body, "list");
  EXPECT_EQ(ask("GET", "/v1/things/7").body, "show 7");
  EXPECT_EQ(ask("POST", "/v1/things/7/end").body, "end 7");
}

TEST(OperationTest, WhatIsNotInTheTableIsNotThere) {
  for (const std::string_view path :
       {"/v1/", "/v1/things", "/v1/things/", "/v1/things/7/", "/v1/things/7/8", "/v1/things//end",
        "/v1/things/7/8/end", "/v1/things/7/ending"}) {
    EXPECT_EQ(ask("GET", path).status, 404) << path;
  }
}

TEST(OperationTest, AnotherMethodIsNamed) {
  const auto response = ask("DELETE", "/v1/things/7");
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(header_of(response, "Allow"), "GET, POST");
  EXPECT_EQ(header_of(ask("get", "/v1/things/7/end"), "Allow"), "POST");
}

TEST(OperationTest, WhatIsWrittenOutIsNoId) {
  EXPECT_EQ(ask("POST", "/v1/things/mine").status, 405);
  EXPECT_EQ(header_of(ask("POST", "/v1/things/mine"), "Allow"), "GET");
}

TEST(OperationTest, ARefusalLeavesNothingOfWhatWasBegun) {
  const auto response = ask("POST", "/v1/things/7");
  EXPECT_EQ(response.status, 409);
  EXPECT_EQ(header_of(response, "Begun"), "");
  EXPECT_EQ(response.body.find('\x1b'), std::string::npos);
}

TEST(OperationTest, RefusalsSayWhatToDo) {
  net::HttpResponse response;
  refuse({.code = ErrorCode::kUnavailable, .message = "not yet"}, response);
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(header_of(response, "Retry-After"), "1");
  refuse({.code = ErrorCode::kUnauthenticated, .message = "sign in anew"}, response);
  EXPECT_EQ(response.status, 401);
  EXPECT_NE(header_of(response, "WWW-Authenticate").find("insufficient_user_authentication"),
            std::string::npos);
  EXPECT_EQ(header_of(response, "Retry-After"), "");
  refuse({.code = ErrorCode::kPermissionDenied, .message = "not you"}, response);
  EXPECT_EQ(response.status, 403);
}

TEST(AnswerTest, ListsSayWhereTheyGoOn) {
  net::HttpResponse response;
  write_items({"a", "b"}, "b", response);
  EXPECT_EQ(response.body, R"({"items":["a","b"],"next":"b"})");
  EXPECT_EQ(header_of(response, "Cache-Control"), "no-store");
  net::HttpResponse whole;
  write_items({"a"}, {}, whole);
  EXPECT_EQ(whole.body, R"({"items":["a"]})");
}

}  // namespace
}  // namespace wardlock::call
