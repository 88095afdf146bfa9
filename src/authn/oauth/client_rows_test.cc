#include "authn/oauth/client_rows.h"

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <span>
#include <string>

#include "authn/oauth/oauth_for_test.h"

namespace wardlock::oauth {
namespace {

constexpr std::string_view kWithRefresh =
    R"({"grant_types": ["authorization_code", "refresh_token"], "scope": "openid profile offline_access api"})";

class ClientRowsTest : public OAuthForTest {
 protected:
  /// Within one transaction.
  void write(const std::function<Result<void>(storage::Work&, const KeptClient&)>& call,
             const Client& client) {
    const auto written = store_->write([&](storage::Work& work) -> Result<void> {
      const auto kept = TRY(find_kept_client(work, "main", client.id));
      if (!kept) return fail(ErrorCode::kNotFound, "no client");
      return call(work, *kept);
    });
    EXPECT_TRUE(written) << (written ? "" : written.error().message);
    EXPECT_TRUE(provider_->tokens.follow());
  }
  void enable(const Client& client, bool is_enabled) {
    write(
        [&](storage::Work& work, const KeptClient& kept) -> Result<void> {
          TRY(set_client_enabled(work, at(), kept, is_enabled));
          return {};
        },
        client);
  }
};
WARDLOCK_ON_EACH_DATABASE(ClientRowsTest);

TEST_P(ClientRowsTest, a_disabled_client_gets_nothing_and_keeps_nothing) {
  const Client app = client(kWithRefresh);
  const TokenAnswer tokens = signed_in(app, {{"scope", "openid offline_access"}});
  const std::string waiting = code(app);
  ASSERT_TRUE(is_good(tokens.access_token));
  enable(app, false);
  EXPECT_FALSE(is_good(tokens.access_token));
  EXPECT_REFUSED(
      request(app, {{"grant_type", "refresh_token"}, {"refresh_token", tokens.refresh_token}}),
      Fault::kInvalidClient);
  EXPECT_REFUSED(redeem(app, waiting), Fault::kInvalidClient);
  const authn::Session session = this->session(grey_);
  EXPECT_FALSE(provider_->authorizations.begin(at(), asked(app), &session));
  enable(app, true);
  EXPECT_FALSE(is_good(tokens.access_token)) << "what has ended stays so";
  EXPECT_REFUSED(
      request(app, {{"grant_type", "refresh_token"}, {"refresh_token", tokens.refresh_token}}),
      Fault::kInvalidGrant);
  EXPECT_TRUE(is_good(signed_in(app).access_token));
}

TEST_P(ClientRowsTest, a_client_that_may_less_loses_what_it_was_granted) {
  const Client app = client(kWithRefresh);
  const TokenAnswer tokens = signed_in(app, {{"scope", "openid offline_access"}});
  const auto replace = [&](const auto& alter) {
    write(
        [&](storage::Work& work, const KeptClient& kept) -> Result<void> {
          Client next = kept.client;
          alter(next);
          TRY(replace_client(work, at(), kept, next, [](std::span<std::uint8_t>) {}));
          return {};
        },
        app);
  };
  replace([](Client& next) { next.name = "Another name"; });
  replace([](Client& next) { next.scopes.emplace_back("email"); });
  EXPECT_TRUE(is_good(tokens.access_token)) << "it may as much as before, and more";
  replace([](Client& next) { std::erase(next.scopes, "api"); });
  EXPECT_FALSE(is_good(tokens.access_token));
  const TokenAnswer again = signed_in(app);
  replace([](Client& next) { next.binds_to_dpop = true; });
  EXPECT_FALSE(is_good(again.access_token));
}

TEST_P(ClientRowsTest, what_changed_meanwhile_is_not_overwritten) {
  const Client app = client();
  std::optional<KeptClient> old;
  write(
      [&](storage::Work&, const KeptClient& kept) -> Result<void> {
        old = kept;
        return {};
      },
      app);
  enable(app, false);
  const auto late = store_->write([&](storage::Work& work) -> Result<void> {
    TRY(set_client_enabled(work, at(), *old, false));
    return {};
  });
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::kAborted);
}

TEST_P(ClientRowsTest, nothing_that_is_told_of_it_has_a_secret) {
  const Client app = client();
  const std::string text = codec::to_json_text(codec::Json(describe(app)));
  ASSERT_EQ(app.secret_hashes.size(), 1U);
  EXPECT_FALSE(text.contains(app.secret_hashes.front()) || text.contains(secret_));
  EXPECT_TRUE(text.contains(R"("secrets":1)")) << text;
}

}  // namespace
}  // namespace wardlock::oauth
