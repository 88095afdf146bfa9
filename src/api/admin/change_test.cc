#include "api/admin/change.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "api/admin/admin_for_test.h"
#include "directory/registry/kept_answer.h"

namespace wardlock::admin {
namespace {

constexpr std::string_view kKim = R"({"attributes":{"userName":"kim"}})";

class ChangeTest : public AdminForTest {
 protected:
  Headers key(const std::string& text) { return {{"Idempotency-Key", text}}; }
};
WARDLOCK_ON_EACH_DATABASE(ChangeTest);

TEST_P(ChangeTest, TheSameAgainIsAnsweredTheSameAndDoneOnce) {
  const Answer first = post("people", kKim, key("\"k-1\""));
  ASSERT_EQ(first.status, 201);
  const std::uint64_t before = revision();
  const Answer again = post("people", kKim, key("\"k-1\""));
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(again.header("Location"), first.header("Location"));
  EXPECT_EQ(again.header("ETag"), first.header("ETag"));
  EXPECT_EQ(revision(), before);
  EXPECT_EQ(post("people", kKim, key("k-1")).body, first.body) << "the key may be bare";
  EXPECT_EQ(post("people", kKim).status, 409) << "without it, it is another one";
}

TEST_P(ChangeTest, TheSameKeyForSomethingElseIsRefused) {
  ASSERT_EQ(post("people", kKim, key("k-1")).status, 201);
  EXPECT_EQ(post("people", R"({"attributes":{"userName":"grey"}})", key("k-1")).status, 422);
  EXPECT_EQ(post("services", kKim, key("k-1")).status, 422);
  EXPECT_EQ(post("people?dryRun=true", kKim, key("k-1")).status, 422);
  Headers more = key("k-1");
  more.emplace_back("If-Match", "\"1\"");
  EXPECT_EQ(post("people", kKim, more).status, 422);
  EXPECT_EQ(get("people").count(), 1U);
}

TEST_P(ChangeTest, WhatFailedMayBeTriedAgainWithItsKey) {
  EXPECT_EQ(post("people", R"({"attributes":{}})", key("k-1")).status, 400);
  gate_.denies = {"create"};
  EXPECT_EQ(post("people", kKim, key("k-1")).status, 403);
  gate_.denies = {};
  EXPECT_EQ(post("people?dryRun=true", kKim, key("k-1")).status, 200);
  EXPECT_EQ(post("people", kKim, key("k-1")).status, 201);
}

TEST_P(ChangeTest, AKeyIsOnesOwnAndForADay) {
  ASSERT_EQ(post("people", kKim, key("k-1")).status, 201);
  mandate_.actor_id = "admin-2";
  EXPECT_EQ(post("people", R"({"attributes":{"userName":"grey"}})", key("k-1")).status, 201);
  mandate_.actor_id = "admin-1";
  now_ += directory::kAnswersAreKeptMs;
  EXPECT_EQ(post("people", R"({"attributes":{"userName":"ada"}})", key("k-1")).status, 201);
}

TEST_P(ChangeTest, AnAnswerWithoutABodyIsKept) {
  const std::string path = "people/" + person("kim").id;
  EXPECT_EQ(ask("DELETE", path, "", key("k-1")).status, 204);
  EXPECT_EQ(ask("DELETE", path, "", key("k-1")).status, 204);
  EXPECT_EQ(ask("DELETE", path).status, 404);
}

TEST_P(ChangeTest, AKeyHasARightForm) {
  for (const std::string& wrong :
       {std::string("a b"), std::string("a\"b"), std::string(256, 'x'), std::string("\xC3\xA4")}) {
    EXPECT_EQ(post("people", kKim, key(wrong)).status, 400) << wrong;
  }
  EXPECT_EQ(revision(), 0U);
  EXPECT_EQ(post("people", kKim, key(std::string(255, 'x'))).status, 201);
}

TEST_P(ChangeTest, ReasonsGoOnRecord) {
  mandate_.reason = "from the header";
  ASSERT_EQ(post("people", kKim).status, 201);
  EXPECT_TRUE(last_event().contains("from the header"));
  ASSERT_EQ(post("groups", R"({"attributes":{"displayName":"A"},"reason":"said here"})").status,
            201);
  EXPECT_TRUE(last_event().contains("said here"));
  EXPECT_EQ(post("groups", R"({"attributes":{"displayName":"A"},"reason":7})").status, 400);
  const std::string long_reason(5000, 'x');
  EXPECT_EQ(post("groups", R"({"attributes":{"displayName":"A"},"reason":")" + long_reason + "\"}")
                    .status /
                100,
            4);
}

}  // namespace
}  // namespace wardlock::admin
