#include "directory/registry/kept_answer.h"

#include <gtest/gtest.h>

#include "crypto/random.h"
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

/// The same directory, which keeps secrets.
class SealedAnswerTest : public KeptAnswerTest {
 protected:
  SealedAnswerTest() {
    registry_ =
        std::make_unique<Registry>(*store_, Surroundings{.clock = [this] { return now_; },
                                                         .fill_random = &crypto::fill_random,
                                                         .node = "node-1",
                                                         .secrets = &secrets_});
  }
  void keep_secret(const std::string& key, const std::string& thing = "") {
    write([&](Edit& edit) {
      return edit.keep_answer({.key = key,
                               .fingerprint = "f",
                               .answer = "{}",
                               .thing = thing,
                               .secret = "wlk_secret of " + key});
    });
  }
  std::string secret(const std::string& key) {
    std::string found;
    write([&](Edit& edit) -> Result<void> {
      const auto answer = TRY(edit.find_answer(key));
      found = answer ? answer->secret : "no answer";
      return {};
    });
    return found;
  }
  std::int64_t secrets() const { return storage::number(*store_, "SELECT count(*) FROM secret"); }

  secrets::SecretTable secrets_{
      secrets::Sealer::make(std::vector{crypto::SymmetricKey::random()}).value()};
};
WARDLOCK_ON_EACH_DATABASE(SealedAnswerTest);

TEST_P(SealedAnswerTest, ASecretIsKeptSealedForWhoGotIt) {
  keep_secret("k-1");
  keep("k-2");
  EXPECT_EQ(secret("k-1"), "wlk_secret of k-1");
  EXPECT_EQ(secret("k-2"), "");
  EXPECT_EQ(storage::text(*store_, "SELECT answer FROM kept_answer WHERE key = 'k-1'"), "{}");
  mandate_.actor_id = "admin-2";
  EXPECT_EQ(secret("k-1"), "no answer");
  keep_secret("k-1");
  EXPECT_EQ(secrets(), 2) << "each has keys of its own";
}

TEST_P(SealedAnswerTest, ASecretGoesWithItsAnswer) {
  const Thing grey = person("grey");
  keep_secret("k-1", grey.id);
  keep_secret("k-2");
  write([&](Edit& edit) { return edit.remove(grey.id, std::nullopt); });
  EXPECT_EQ(secrets(), 1);
  now_ += kAnswersAreKeptMs;
  keep("k-3");
  EXPECT_EQ(secrets(), 0);
}

TEST_P(SealedAnswerTest, ASecretThatWasMovedIsNotShown) {
  keep_secret("k-1");
  storage::write(*store_, "UPDATE kept_answer SET tenant = 'st-luke'");
  storage::write(*store_, "UPDATE secret SET tenant = 'st-luke'");
  mandate_.tenant = "st-luke";
  const Error moved = refused([](Edit& edit) -> Result<void> {
    TRY(edit.find_answer("k-1"));
    return {};
  });
  EXPECT_EQ(moved.code, ErrorCode::kDataLoss);
  EXPECT_FALSE(moved.message.contains("wlk_")) << moved.message;
}

}  // namespace
}  // namespace wardlock::directory
