#include "authn/oauth/client_keys.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "codec/json.h"
#include "crypto/private_key.h"
#include "net/egress.h"
#include "net/interruption.h"

namespace wardlock::oauth {
namespace {

constexpr std::int64_t kNow = 1'800'000'000'000;
const std::string kUrl = "https://app.example/keys";

std::string key_set(std::string_view id) {
  const jose::SigningKey key{.key = crypto::PrivateKey::generate(crypto::KeyType::kP256),
                             .algorithm = jose::SignatureAlgorithm::kEs256,
                             .id = std::string(id)};
  return codec::to_json_text(jose::KeySet({key.verification_key()}).to_json());
}

class ClientKeysTest : public testing::Test {
 protected:
  bool has(std::string_view id, std::int64_t after_ms, std::string_view tenant = "main") {
    const auto keys = keys_.keys_with(tenant, kUrl, id, kNow + after_ms);
    return keys && (*keys)->find(id) != nullptr;
  }
  bool is_known(std::int64_t after_ms) {
    return keys_.keys_with("main", kUrl, "k1", kNow + after_ms).has_value();
  }

  int asked_ = 0;
  Result<std::string> answer_ = key_set("k1");
  ClientKeys keys_{[this](const std::string&) {
    ++asked_;
    return answer_;
  }};
};

TEST_F(ClientKeysTest, AreAskedForOnceAnHour) {
  EXPECT_TRUE(has("k1", 0));
  EXPECT_TRUE(has("k1", ClientKeys::kFreshMs - 1));
  EXPECT_EQ(asked_, 1);
  EXPECT_TRUE(has("k1", ClientKeys::kFreshMs));
  EXPECT_EQ(asked_, 2);
}

TEST_F(ClientKeysTest, AnUnknownIdHasThemAskedForAgainOnceAMinute) {
  EXPECT_TRUE(has("k1", 0));
  answer_ = key_set("k2");
  EXPECT_FALSE(has("k2", ClientKeys::kBetweenTriesMs - 1));
  EXPECT_EQ(asked_, 1);
  EXPECT_TRUE(has("k2", ClientKeys::kBetweenTriesMs));
  EXPECT_FALSE(has("k1", ClientKeys::kBetweenTriesMs + 1)) << "it was taken back";
  EXPECT_FALSE(has("k3", ClientKeys::kBetweenTriesMs + 2));
  EXPECT_EQ(asked_, 2);
}

TEST_F(ClientKeysTest, WhatIsKnownCountsForADayAndNoLonger) {
  EXPECT_TRUE(has("k1", 0));
  answer_ = fail(ErrorCode::kUnavailable, "it is away");
  EXPECT_TRUE(is_known(ClientKeys::kFreshMs));
  EXPECT_TRUE(is_known(ClientKeys::kLongestMs - 1));
  EXPECT_FALSE(is_known(ClientKeys::kLongestMs));
}

TEST_F(ClientKeysTest, WhoDoesNotAnswerIsLeftAloneForAWhile) {
  answer_ = fail(ErrorCode::kUnavailable, "it is away");
  EXPECT_FALSE(is_known(0));
  EXPECT_FALSE(is_known(ClientKeys::kBetweenFirstTriesMs - 1));
  EXPECT_EQ(asked_, 1);
  answer_ = key_set("k1");
  EXPECT_TRUE(is_known(ClientKeys::kBetweenFirstTriesMs));
}

TEST_F(ClientKeysTest, WhatIsNoSetOfPublicKeysReplacesNone) {
  EXPECT_TRUE(has("k1", 0));
  for (const char* text : {"", "<html>", "{}", R"({"keys": 1})",
                           R"({"keys": [{"kty": "EC", "crv": "P-256", "x": "a", "y": "b"}]})"}) {
    answer_ = std::string(text);
    EXPECT_TRUE(is_known(ClientKeys::kFreshMs)) << text;
  }
}

TEST_F(ClientKeysTest, OneTenantsAreNothingToAnothers) {
  EXPECT_TRUE(has("k1", 0));
  EXPECT_TRUE(has("k1", 0, "other"));
  EXPECT_EQ(asked_, 2);
}

TEST_F(ClientKeysTest, OfManyClientsTheOldestIsForgotten) {
  for (std::size_t i = 0; i < ClientKeys::kMostKept + 10; ++i) {
    ASSERT_TRUE(keys_.keys_with("main", kUrl + std::to_string(i), "k1",
                                kNow + static_cast<std::int64_t>(i)));
  }
  EXPECT_EQ(keys_.size(), ClientKeys::kMostKept);
  const int before = asked_;
  ASSERT_TRUE(keys_.keys_with("main", kUrl + "1009", "k1", kNow + 2000));
  EXPECT_EQ(asked_, before);
  ASSERT_TRUE(keys_.keys_with("main", kUrl + "0", "k1", kNow + 2000));
  EXPECT_EQ(asked_, before + 1);
}

TEST(ClientKeys, NobodyIsAskedWhereNothingIsConfigured) {
  ClientKeys keys{{}};
  EXPECT_FALSE(keys.keys_with("main", kUrl, "k1", kNow));
}

/// Clients that hang take no more threads than those that wait for them.
TEST(ClientKeys, FewAreAskedAtATime) {
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t waiting = 0;
  bool may_go = false;
  ClientKeys keys([&](const std::string&) -> Result<std::string> {
    std::unique_lock lock(mutex);
    ++waiting;
    changed.notify_all();
    changed.wait(lock, [&] { return may_go; });
    return key_set("k1");
  });
  std::vector<std::jthread> asking;
  for (std::size_t i = 0; i < ClientKeys::kMostAtOnce; ++i) {
    asking.emplace_back(
        [&keys, i] { EXPECT_TRUE(keys.keys_with("main", kUrl + std::to_string(i), "k1", kNow)); });
  }
  {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return waiting == ClientKeys::kMostAtOnce; });
  }
  EXPECT_FALSE(keys.keys_with("main", kUrl + "0", "k1", kNow)) << "the same one";
  EXPECT_FALSE(keys.keys_with("main", kUrl, "k1", kNow)) << "one too many";
  {
    const std::scoped_lock lock(mutex);
    may_go = true;
  }
  changed.notify_all();
  asking.clear();
  EXPECT_TRUE(keys.keys_with("main", kUrl, "k1", kNow));
}

/// SSRF: what a client names is asked as the egress rules have it, or not at all.
TEST(ClientKeys, WhatAClientNamesIsAskedWithinTheRulesAlone) {
  const net::Interruption interruption;
  const auto code_of = [&](const std::string& url, const net::EgressRules& rules) {
    ErrorCode code = ErrorCode::kUnknown;
    ClientKeys keys([&](const std::string& at) -> Result<std::string> {
      const auto reply = net::Egress::create(rules)->fetch({.url = at}, interruption);
      code = reply ? ErrorCode::kUnknown : reply.error().code;
      return fail(code, "not had");
    });
    EXPECT_FALSE(keys.keys_with("main", url, "k1", kNow));
    return code;
  };
  EXPECT_EQ(code_of("https://app.example/keys", {}), ErrorCode::kPermissionDenied);
  EXPECT_EQ(code_of("https://169.254.169.254/keys", {.origins = {"https://app.example"}}),
            ErrorCode::kPermissionDenied);
  for (const char* origin :
       {"https://127.0.0.1:1", "https://[::1]:1", "https://10.0.0.1", "https://169.254.169.254"}) {
    EXPECT_EQ(code_of(std::string(origin) + "/keys", {.origins = {origin}}),
              ErrorCode::kPermissionDenied)
        << origin << " is no address of the Internet";
  }
}

}  // namespace
}  // namespace wardlock::oauth
