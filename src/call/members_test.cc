#include "call/members.h"

#include <gtest/gtest.h>

#include <string>

namespace wardlock::call {
namespace {

/// A body as it is sent.
class MembersTest : public testing::Test {
 protected:
  Result<boost::json::object> read(std::string_view body,
                                   std::string_view type = "application/json") {
    net::HttpRequest request;
    request.headers.push_back({.name = "Content-Type", .value = type});
    request.body = body;
    return read_members(request, {"words", "minutes", "actions", "at", "is"});
  }
  boost::json::object members(std::string_view body) {
    auto read_body = read(body);
    EXPECT_TRUE(read_body) << read_body.error().message;
    return read_body.value_or(boost::json::object());
  }
  std::string refused(std::string_view body, std::string_view type = "application/json") {
    const auto read_body = read(body, type);
    if (read_body) return "";
    EXPECT_EQ(read_body.error().code, ErrorCode::kInvalidArgument);
    return read_body.error().message;
  }
};

TEST_F(MembersTest, NoBodyHasNone) {
  EXPECT_TRUE(members("").empty());
  EXPECT_TRUE(read("", "text/plain"));
}

TEST_F(MembersTest, ABodyIsAnObjectOfWhatIsKnown) {
  EXPECT_EQ(members(R"({"words": "so"})").size(), 1U);
  EXPECT_EQ(read(R"({"words": "so"})", "application/json; charset=utf-8")->size(), 1U);
  EXPECT_NE(refused(R"({"words": "so"})", "text/plain"), "");
  EXPECT_NE(refused(R"({"words": "so"})", "application/jsonlines"), "");
  EXPECT_NE(refused(R"(["words"])"), "");
  EXPECT_NE(refused(R"({"words": "so")"), "");
  EXPECT_NE(refused(R"({"words": "so", "words": "or so"})"), "");
  EXPECT_EQ(refused(R"({"wordz": "so"})"), "there is no member `wordz` here");
}

TEST_F(MembersTest, ABodyIsNotLarge) {
  const auto body = [](std::size_t bytes) {
    return R"({"words": ")" + std::string(bytes - 13, 'a') + R"("})";
  };
  EXPECT_TRUE(read(body(16384)));
  EXPECT_EQ(refused(body(16385)), "the body has more than 16384 bytes");
  EXPECT_NE(refused(R"({"actions": [[[[["a"]]]]]})"), "") << "deep";
}

TEST_F(MembersTest, MembersAreWhatTheyAreReadAs) {
  const auto body = members(
      R"({"words": "so", "minutes": 30, "actions": ["a", "b"], "at": "2026-11-24T07:00:00Z",
          "is": true})");
  EXPECT_EQ(text_in(body, "words"), "so");
  EXPECT_EQ(number_in(body, "minutes"), 30);
  EXPECT_EQ(texts_in(body, "actions"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(time_in(body, "at"), 1'795'503'600'000);
  EXPECT_EQ(flag_in(body, "is"), true);
}

TEST_F(MembersTest, WhatIsNotThereIsEmpty) {
  const boost::json::object body;
  EXPECT_EQ(text_in(body, "words"), "");
  EXPECT_EQ(number_in(body, "minutes"), std::nullopt);
  EXPECT_TRUE(texts_in(body, "actions")->empty());
  EXPECT_EQ(time_in(body, "at"), std::nullopt);
  EXPECT_EQ(flag_in(body, "is"), false);
}

TEST_F(MembersTest, WhatIsSomethingElseIsRefused) {
  const auto body = members(
      R"({"words": 1, "minutes": 1.5, "actions": ["a", 2], "at": "tomorrow", "is": "true"})");
  EXPECT_FALSE(text_in(body, "words"));
  EXPECT_FALSE(number_in(body, "minutes"));
  EXPECT_FALSE(texts_in(body, "actions"));
  EXPECT_FALSE(texts_in(body, "words"));
  EXPECT_FALSE(time_in(body, "at"));
  EXPECT_FALSE(time_in(body, "words"));
  EXPECT_FALSE(flag_in(body, "is"));
}

TEST_F(MembersTest, AParameterIsReadFromTheQuery) {
  net::HttpRequest request;
  request.query = "before=a%20b&days=3";
  EXPECT_EQ(parameter_of(request, "before"), "a b");
  EXPECT_EQ(parameter_of(request, "days"), "3");
  EXPECT_EQ(parameter_of(request, "after"), "");
  request.query = "before=%zz";
  EXPECT_EQ(parameter_of(request, "before"), "");
}

}  // namespace
}  // namespace wardlock::call
