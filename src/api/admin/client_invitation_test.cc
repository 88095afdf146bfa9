#include "api/admin/client_invitation.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "api/admin/admin_for_test.h"
#include "authn/oauth/client_invitations.h"
#include "authn/oauth/tables.h"
#include "crypto/random.h"
#include "directory/model/moment.h"
#include "directory/registry/tables.h"

namespace wardlock::admin {
namespace {

constexpr std::int64_t kDayMs = std::int64_t{24} * 3600 * 1000;
const std::string kPlace = "oauth-client-invitations";

/// A directory with the tables of OAuth, too.
class ClientInvitationTest : public AdminForTest {
 protected:
  ClientInvitationTest() {
    std::vector<storage::Migration> all;
    for (const auto& tables : {directory::migrations(), oauth::migrations()}) {
      all.insert(all.end(), tables.begin(), tables.end());
    }
    all.push_back(oauth::kInvitationTables);
    registry_.reset();
    outbox_.reset();
    store_.reset();
    store_ = open(all);
    connect(nullptr);
    outbox_ = std::make_unique<directory::Outbox>(*store_, "node-1");
  }
  void connect(secrets::SecretTable* secrets) {
    registry_ = std::make_unique<directory::Registry>(
        *store_, directory::Surroundings{.clock = [this] { return now_; },
                                         .fill_random = &crypto::fill_random,
                                         .node = "node-1",
                                         .secrets = secrets});
  }
  std::optional<oauth::ClientInvitation> found(const std::string& token, std::int64_t after_ms = 0,
                                               const std::string& tenant = "st-mary") {
    std::optional<oauth::ClientInvitation> invitation;
    EXPECT_TRUE(store_->read([&](storage::Work& work) -> Result<void> {
      invitation = TRY(oauth::find_invitation(
          work, {.tenant = tenant, .issuer = {}, .now_ms = now_ + after_ms}, token));
      return {};
    }));
    return invitation;
  }
};
WARDLOCK_ON_EACH_DATABASE(ClientInvitationTest);

TEST_P(ClientInvitationTest, ItsTokenIsShownOnceAndGoodForADay) {
  const Answer made = post(kPlace, R"({"note": "pump gateway", "scope": "openid profile"})");
  ASSERT_EQ(made.status, 201) << made.at("detail");
  const std::string token = made.at("token");
  EXPECT_TRUE(token.starts_with("wli_"));
  const auto kept = found(token);
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->maker, mandate_.actor_id);
  EXPECT_EQ(kept->maker_type, mandate_.actor_type);
  EXPECT_EQ(kept->uses_left, 1U);
  EXPECT_TRUE(found(token, kDayMs - 1));
  EXPECT_FALSE(found(token, kDayMs));
  EXPECT_FALSE(found(token, 0, "other"));
  const Answer listed = get(kPlace);
  EXPECT_EQ(listed.count(), 1U);
  EXPECT_FALSE(codec::to_json_text(listed.body).contains("wli_"));
  EXPECT_EQ(codec::to_json_text(listed.body).contains(oauth::hash_of(token)), false);
}

TEST_P(ClientInvitationTest, WhatWouldBeTooMuchIsRefused) {
  const std::string late = directory::to_time_text(now_ + 31 * kDayMs);
  const std::string past = directory::to_time_text(now_ - 1000);
  for (const std::string& body :
       {std::string(R"({"uses": 0})"), std::string(R"({"uses": 101})"),
        std::string(R"({"uses": "5"})"), std::string(R"({"scope": "openid wardlock.admin"})"),
        std::string(R"({"scope": "user/patient.read"})"), R"({"expiresAt": ")" + late + "\"}",
        R"({"expiresAt": ")" + past + "\"}", R"({"note": ")" + std::string(201, 'a') + "\"}",
        std::string(R"({"token": "wli_mine"})")}) {
    EXPECT_EQ(post(kPlace, body).status, 400) << body;
  }
  EXPECT_EQ(get(kPlace).count(), 0U);
}

TEST_P(ClientInvitationTest, EachDeedIsAskedForAndMayBeRefused) {
  const std::string id = post(kPlace, "{}").at("id");
  gate_.denies = {"registerClient"};
  EXPECT_EQ(post(kPlace, "{}").status, 403);
  EXPECT_EQ(ask("DELETE", kPlace + "/" + id).status, 403);
  gate_.denies = {"readClient"};
  EXPECT_EQ(get(kPlace).status, 403);
  gate_.denies = {};
  EXPECT_EQ(get(kPlace).count(), 1U) << "nothing was done";
}

TEST_P(ClientInvitationTest, WhatIsTakenBackLetsNobodyIn) {
  const Answer made = post(kPlace, "{}");
  EXPECT_EQ(ask("DELETE", kPlace + "/" + made.at("id")).status, 204);
  EXPECT_FALSE(found(made.at("token")));
  EXPECT_EQ(ask("DELETE", kPlace + "/" + made.at("id")).status, 404);
}

TEST_P(ClientInvitationTest, WhatIsDoneGoesOnRecordWithoutTheToken) {
  const Answer made = post(kPlace, R"({"note": "pump gateway", "reason": "new gateway"})");
  std::string all = last_event();
  EXPECT_TRUE(all.contains("invite") && all.contains("new gateway")) << all;
  ASSERT_EQ(ask("DELETE", kPlace + "/" + made.at("id")).status, 204);
  all += last_event();
  EXPECT_TRUE(all.contains("takeBackInvitation"));
  EXPECT_FALSE(all.contains(made.at("token")));
  EXPECT_FALSE(all.contains(oauth::hash_of(made.at("token"))));
}

TEST_P(ClientInvitationTest, ADryRunInvitesNobody) {
  const Answer tried = post(kPlace + "?dryRun=true", "{}");
  EXPECT_EQ(tried.status, 200);
  EXPECT_EQ(tried.at("token"), "");
  EXPECT_EQ(get(kPlace).count(), 0U);
}

TEST_P(ClientInvitationTest, TheSameAgainIsDoneOnceAndItsTokenIsForWhoMayHaveIt) {
  secrets::SecretTable table(
      secrets::Sealer::make(std::vector{crypto::SymmetricKey::random()}).value());
  connect(&table);
  const Headers key = {{"Idempotency-Key", "k-1"}};
  const Answer first = post(kPlace, "{}", key);
  ASSERT_EQ(first.status, 201);
  EXPECT_EQ(post(kPlace, "{}", key).body, first.body);
  EXPECT_EQ(get(kPlace).count(), 1U);
  gate_.denies = {"registerClient"};
  EXPECT_EQ(post(kPlace, "{}", key).status, 403) << "who lost the right to it";
}

}  // namespace
}  // namespace wardlock::admin
