#include "api/admin/credentials.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "administration/trail.h"
#include "api/admin/admin_for_test.h"
#include "authn/token.h"
#include "crypto/random.h"

namespace wardlock::admin {
namespace {

using directory::Kind;
using directory::Relation;
using directory::Thing;

constexpr std::int64_t kDay = std::int64_t{24} * 3600 * 1000;

class TrailForTest : public administration::Trail {
 public:
  Result<administration::Traces> of(const administration::Actor& actor, std::int64_t since_ms,
                                    std::size_t) override {
    asked = fmt::format("{} {} {} {}", actor.tenant, actor.type, actor.id, since_ms);
    if (is_down) return fail(ErrorCode::kUnavailable, "the log cannot be read now");
    return administration::Traces{.traces = {{.record = 7,
                                              .time = since_ms,
                                              .what = "decision",
                                              .action = "read",
                                              .outcome = "success",
                                              .resource_type = "Chart",
                                              .resource_id = "c-1",
                                              .patient = "p-1",
                                              .device = {},
                                              .source_address = "192.0.2.7"}},
                                  .are_all = false};
  }
  Result<administration::Traces> under(std::string_view, std::string_view, std::int64_t,
                                       std::int64_t, std::size_t) override {
    return fail(ErrorCode::kUnimplemented, "no grant is looked at here");
  }
  std::string asked;
  bool is_down = false;
};

class CredentialsTest : public AdminForTest {
 protected:
  Thing service(const std::string& client = "gw") {
    return create(Kind::kService,
                  R"({"clientId":")" + client + R"(","displayName":"Gateway","purpose":"x"})");
  }
  std::string good(const Thing& holder) {
    std::string out;
    const auto all = registry_->credentials(mandate_.tenant, holder.id);
    for (const auto& each : *all) {
      if (each.is_good_at(now_)) out += each.label + " ";
    }
    return out;
  }
  std::string of(const Thing& holder) { return "services/" + holder.id + "/credentials"; }
};
WARDLOCK_ON_EACH_DATABASE(CredentialsTest);

TEST_P(CredentialsTest, ATokenIsShownOnce) {
  const Thing gateway = service();
  const Answer issued = post(of(gateway), R"({"label":"first","reason":"set up"})");
  ASSERT_EQ(issued.status, 201) << codec::to_json_text(issued.body);
  const std::string token = issued.at("token");
  EXPECT_TRUE(authn::is_token(token));
  EXPECT_EQ(issued.header("Cache-Control"), "no-store");
  const auto kept = registry_->credentials(mandate_.tenant, gateway.id);
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->at(0).hash, authn::token_hash(token));
  const Answer listed = get(of(gateway));
  EXPECT_EQ(listed.count(), 1U);
  EXPECT_EQ(listed.at("items.0.state"), "good");
  EXPECT_EQ(listed.at("items.0.label"), "first");
  EXPECT_FALSE(codec::to_json_text(listed.body).contains("sha256"));
  EXPECT_FALSE(last_event().contains(token));
  EXPECT_NE(post(of(gateway), "").at("token"), token);
}

TEST_P(CredentialsTest, ATokenIsInNoKeptAnswer) {
  const Thing gateway = service();
  const Headers key = {{"Idempotency-Key", "k-1"}};
  const Answer issued = post(of(gateway), "{}", key);
  ASSERT_EQ(issued.status, 201);
  const std::uint64_t before = revision();
  const Answer again = post(of(gateway), "{}", key);
  EXPECT_EQ(again.status, 409);
  EXPECT_TRUE(again.at("detail").contains(issued.at("credential.id"))) << again.at("detail");
  EXPECT_FALSE(codec::to_json_text(again.body).contains("wlk_"));
  EXPECT_EQ(revision(), before) << "and no second one is issued";
  EXPECT_EQ(post(of(gateway), R"({"label":"x"})", key).status, 422);
  std::string kept;
  write([&](directory::Edit& edit) -> Result<void> {
    kept = TRY(edit.find_answer("k-1"))->answer;
    return {};
  });
  EXPECT_FALSE(kept.contains("wlk_"));
  const Answer tried = post(of(gateway) + "?dryRun=true", "{}");
  EXPECT_EQ(tried.status, 200);
  EXPECT_FALSE(codec::to_json_text(tried.body).contains("wlk_")) << "it is none";
}

TEST_P(CredentialsTest, WhereSecretsAreKeptATokenIsAnsweredAgain) {
  secrets::SecretTable table(
      secrets::Sealer::make(std::vector{crypto::SymmetricKey::random()}).value());
  registry_ = std::make_unique<directory::Registry>(
      *store_, directory::Surroundings{.clock = [this] { return now_; },
                                       .fill_random = &crypto::fill_random,
                                       .node = "node-1",
                                       .secrets = &table});
  const Thing gateway = service();
  const Headers key = {{"Idempotency-Key", "k-1"}};
  const std::string token = post(of(gateway), "{}", key).at("token");
  ASSERT_TRUE(authn::is_token(token));
  const std::uint64_t before = revision();
  const Answer again = post(of(gateway), "{}", key);
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.at("token"), token);
  EXPECT_EQ(again.header("Cache-Control"), "no-store");
  EXPECT_EQ(revision(), before) << "and no second one is issued";
  EXPECT_EQ(post(of(gateway), R"({"label":"x"})", key).status, 422);
  EXPECT_EQ(storage::number(*store_, "SELECT count(*) FROM kept_answer WHERE answer LIKE '%wlk_%'"),
            0);
  gate_.denies = {"issueCredential"};
  EXPECT_EQ(post(of(gateway), "{}", key).status, 403) << "to who may have it now";
  gate_.denies = {};
  write([&](directory::Edit& edit) -> Result<void> {
    TRY(edit.revoke_credentials_of(gateway.id));
    return {};
  });
  const Answer revoked = post(of(gateway), "{}", key);
  EXPECT_EQ(revoked.status, 409);
  EXPECT_FALSE(codec::to_json_text(revoked.body).contains("wlk_"));
}

TEST_P(CredentialsTest, ACertificateIsKnownByItsFingerprint) {
  const Thing gateway = service();
  const std::string print = "sha256:" + std::string(64, 'a');
  const Answer issued =
      post(of(gateway), R"({"form":"certificate","fingerprint":")" + print + "\"}");
  ASSERT_EQ(issued.status, 201);
  EXPECT_EQ(issued.at("credential.fingerprint"), print);
  EXPECT_EQ(issued.at("token"), "");
  for (const std::string body :
       {R"({"form":"certificate"})", R"({"form":"certificate","fingerprint":"sha256:A"})",
        R"({"form":"password"})", R"({"fingerprint":"x"})", R"({"form":7})",
        R"({"expiresAt":"2020-01-01T00:00:00Z"})", R"({"expiresAt":"9999-01-01T00:00:00Z"})",
        R"({"label":"a\u0007"})", R"({"secret":"x"})"}) {
    EXPECT_EQ(post(of(gateway), body).status, 400) << body;
  }
  EXPECT_EQ(post(of(gateway), R"({"form":"certificate","fingerprint":")" + print + "\"}").status,
            409);
}

TEST_P(CredentialsTest, IsRevokedAtOnce) {
  const Thing gateway = service();
  const std::string id = post(of(gateway), "").at("credential.id");
  const Answer revoked = post(of(gateway) + "/" + id + "/revoke", R"({"reason":"lost"})");
  EXPECT_EQ(revoked.at("state"), "revoked");
  EXPECT_EQ(good(gateway), "");
  EXPECT_EQ(post(of(service("other")) + "/" + id + "/revoke", "").status, 404)
      << "it is another one's";
  EXPECT_EQ(post(of(gateway) + "/x/revoke", "").status, 404);
  EXPECT_EQ(post(of(gateway) + "/" + id + "/rotate", "").status, 400) << "it is revoked";
}

TEST_P(CredentialsTest, IsRotatedSoThatItsHolderCanChangeOver) {
  const Thing gateway = service();
  const std::string first = post(of(gateway), R"({"label":"main"})").at("credential.id");
  const Answer rotated = post(of(gateway) + "/" + first + "/rotate", R"({"overlapSeconds":60})");
  ASSERT_EQ(rotated.status, 201) << codec::to_json_text(rotated.body);
  EXPECT_EQ(rotated.at("credential.label"), "main");
  EXPECT_EQ(rotated.at("replaced.id"), first);
  EXPECT_TRUE(authn::is_token(rotated.at("token")));
  EXPECT_EQ(good(gateway), "main main ");
  now_ += 60'000;
  EXPECT_EQ(good(gateway), "main ");
  const std::string second = rotated.at("credential.id");
  ASSERT_EQ(post(of(gateway) + "/" + second + "/rotate", R"({"overlapSeconds":0})").status, 201);
  EXPECT_EQ(good(gateway), "main ") << "the one before counts no more";
  for (const std::string overlap : {"-1", "1.5", "\"1h\"", "2592001", "null"}) {
    EXPECT_EQ(post(of(gateway) + "/" + second + "/rotate", R"({"overlapSeconds":)" + overlap + "}")
                  .status,
              400)
        << overlap;
  }
}

TEST_P(CredentialsTest, ALeakedSecretIsAnsweredInOneCall) {
  const Thing gateway = service();
  const Thing nurse = role("Nurse");
  ASSERT_EQ(post(of(gateway), R"({"label":"a"})").status, 201);
  const std::int64_t issued_at = now_;
  ASSERT_EQ(post(of(gateway), R"({"label":"b"})").status, 201);
  now_ += kDay;
  mandate_.actor_type = "Service";
  mandate_.actor_id = gateway.id;
  const auto made = relate(
      {.relation = Relation::kRoleAssignment, .subject = person("eve").id, .object = nurse.id});
  mandate_.actor_type = "User";
  mandate_.actor_id = "admin-1";
  TrailForTest trail;
  trail_ = &trail;
  const Answer answer = post("services/" + gateway.id + "/leak",
                             R"({"issue":true,"label":"c","reason":"found in a repository"})");
  ASSERT_EQ(answer.status, 200) << codec::to_json_text(answer.body);
  EXPECT_EQ(answer.at("revoked"), "2");
  EXPECT_TRUE(authn::is_token(answer.at("issued.token")));
  EXPECT_EQ(good(gateway), "c ");
  EXPECT_EQ(answer.at("touched.relations.0.id"), made.id);
  EXPECT_EQ(answer.at("touched.records.0.resource.id"), "c-1");
  EXPECT_EQ(answer.at("touched.areAllRecords"), "false");
  EXPECT_EQ(trail.asked, fmt::format("st-mary Service {} {}", gateway.id, issued_at));
}

TEST_P(CredentialsTest, ALeakIsAnsweredWhereTheLogIsNot) {
  const Thing gateway = service();
  ASSERT_EQ(post(of(gateway), "").status, 201);
  TrailForTest trail;
  trail.is_down = true;
  trail_ = &trail;
  const Answer answer = post("services/" + gateway.id + "/leak", "{}");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.at("revoked"), "1") << "revoking waits for nothing";
  EXPECT_TRUE(answer.at("touched.error").contains("log"));
  EXPECT_EQ(answer.at("issued"), "");
  trail_ = nullptr;
  EXPECT_EQ(post("services/" + gateway.id + "/leak", "{}").at("revoked"), "0");
  gate_.denies = {"readSensitive"};
  const Answer blind = post("services/" + gateway.id + "/leak", "{}");
  EXPECT_EQ(blind.status, 200);
  EXPECT_TRUE(blind.at("touched.withheld").contains("may not"));
}

TEST_P(CredentialsTest, TheGateIsAskedBeforeAnythingIsDone) {
  const Thing gateway = service();
  const std::string id = post(of(gateway), "").at("credential.id");
  const std::uint64_t before = revision();
  const std::string leak = "services/" + gateway.id + "/leak";
  gate_.denies = {"issueCredential"};
  EXPECT_EQ(post(of(gateway), "").status, 403);
  EXPECT_EQ(post(of(gateway) + "/" + id + "/rotate", "").status, 403);
  EXPECT_EQ(post(leak, R"({"issue":true})").status, 403);
  gate_.denies = {"revokeCredential"};
  EXPECT_EQ(post(of(gateway) + "/" + id + "/revoke", "").status, 403);
  EXPECT_EQ(post(of(gateway) + "/" + id + "/rotate", "").status, 403);
  EXPECT_EQ(post(leak, "{}").status, 403);
  gate_.denies = {"read service"};
  EXPECT_EQ(get(of(gateway)).status, 403);
  EXPECT_EQ(revision(), before);
}

TEST_P(CredentialsTest, OnlyWhoActsHasThem) {
  EXPECT_EQ(get("roles/" + role("Nurse").id + "/credentials").status, 404);
  const Thing gateway = service();
  const std::string id = post(of(gateway), "").at("credential.id");
  mandate_.tenant = "st-luke";
  EXPECT_EQ(get(of(gateway)).status, 404);
  EXPECT_EQ(post(of(gateway), "").status, 404);
  EXPECT_EQ(post(of(gateway) + "/" + id + "/revoke", "").status, 404);
  EXPECT_EQ(post("services/" + gateway.id + "/leak", "").status, 404);
}

}  // namespace
}  // namespace wardlock::admin
