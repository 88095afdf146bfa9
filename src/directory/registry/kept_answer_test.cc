#include "directory/registry/kept_answer.h"

#include <gtest/gtest.h>

#include "directory/registry/hospital_for_test.h"

namespace wardlock::directory {
namespace {

class KeptAnswerTest : public HospitalForTest {
 protected:
  void keep(const std::string& key, const std::string& thing = "") {
    write([&](Edit& edit) {
      return edit.keep_answer(
          {.key = key, .fingerprint = "f", .answer = "{\"a\":1}", .thing = thing});
    });
  }
  std::string kept(const std::string& key) {
    std::string answer;
    write([&](Edit& edit) -> Result<void> {
      const auto found = TRY(edit.find_answer(key));
      answer = found ? found->fingerprint + found->answer : "";
      return {};
    });
    return answer;
  }
};
WARDLOCK_ON_EACH_DATABASE(KeptAnswerTest);

TEST_P(KeptAnswerTest, IsFoundByWhoGotIt) {
  keep("k-1");
  EXPECT_EQ(kept("k-1"), "f{\"a\":1}");
  EXPECT_EQ(kept("k-2"), "");
  mandate_.actor_id = "admin-2";
  EXPECT_EQ(kept("k-1"), "") << "somebody else's";
  mandate_.actor_id = "admin-1";
  mandate_.actor_type = "Service";
  EXPECT_EQ(kept("k-1"), "") << "somebody else's of that name";
  mandate_.actor_type = "User";
  mandate_.tenant = "st-luke";
  EXPECT_EQ(kept("k-1"), "") << "another tenant's";
  keep("k-1");
}

TEST_P(KeptAnswerTest, IsKeptForADay) {
  keep("k-1");
  now_ += kAnswersAreKeptMs - 1;
  EXPECT_NE(kept("k-1"), "");
  ++now_;
  EXPECT_EQ(kept("k-1"), "");
  keep("k-1");
  EXPECT_NE(kept("k-1"), "") << "the old one makes room";
}

TEST_P(KeptAnswerTest, IsThereOnce) {
  keep("k-1");
  const Error error = refused([](Edit& edit) {
    return edit.keep_answer({.key = "k-1", .fingerprint = "g", .answer = "{}", .thing = ""});
  });
  EXPECT_EQ(error.code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(kept("k-1"), "f{\"a\":1}");
}

TEST_P(KeptAnswerTest, GoesWithTheChangeThatFails) {
  refused([](Edit& edit) -> Result<void> {
    TRY_VOID(edit.keep_answer({.key = "k-1", .fingerprint = "f", .answer = "{}", .thing = ""}));
    return invalid("no");
  });
  EXPECT_EQ(kept("k-1"), "");
}

TEST_P(KeptAnswerTest, GoesWithWhomItTellsOf) {
  const Thing grey = person("grey");
  keep("k-1", grey.id);
  keep("k-2", person("kim").id);
  write([&](Edit& edit) { return edit.remove(grey.id, std::nullopt); });
  EXPECT_EQ(kept("k-1"), "");
  EXPECT_NE(kept("k-2"), "");
}

}  // namespace
}  // namespace wardlock::directory
