#include "authn/oauth/registrations.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "authn/oauth/oauth_for_test.h"
#include "authn/oauth/scope.h"
#include "authn/oauth/transaction.h"
#include "crypto/random.h"
#include "jose/jwt.h"

namespace wardlock::oauth {
namespace {

using boost::json::object;

constexpr std::string_view kVouchingIssuer = "https://software.example";

const jose::SigningKey& vouching_key() {
  static const jose::SigningKey key = new_key("v1");
  return key;
}

Provider::Options with_trust() {
  Provider::Options options;
  options.software_issuers.push_back({.issuer = std::string(kVouchingIssuer),
                                      .keys = jose::KeySet({vouching_key().verification_key()})});
  return options;
}

class RegistrationsTest : public OAuthForTest {
 protected:
  RegistrationsTest() : OAuthForTest(with_trust()) {}

  static object described(const object& other = {}) {
    object out{{"client_name", "App"}, {"redirect_uris", {kRedirect}}};
    for (const auto& member : other) out[member.key()] = member.value();
    return out;
  }
  Registrations::MayRegister policy() {
    return [this](const Registrant& registrant) -> Answer<void> {
      asked_.push_back(registrant);
      if (is_open_ || !registrant.maker.empty()) return {};
      return refuse(Fault::kAccessDenied, "not so");
    };
  }
  Answer<RegisteredClient> enter(const object& metadata, std::optional<std::string> token = {},
                                 std::string_view tenant = "main") {
    Registrations::Request request{.metadata = metadata};
    if (token) request.token = *token;
    return provider_->registrations.enter(at(tenant), request, policy());
  }
  std::string invited(ClientInvitation invitation = {}) {
    invitation.maker_type = "User";
    invitation.maker = grey_;
    if (invitation.until_ms == 0) invitation.until_ms = now_ + 60'000;
    return must(transact<std::string>(*store_, [&](storage::Work& work) -> Answer<std::string> {
      const Secret token =
          TRY(enter_invitation(work, at(), invitation,
                               [](std::span<std::uint8_t> bytes) { crypto::fill_random(bytes); }));
      return std::string(token.reveal());
    }));
  }
  std::size_t invitations() {
    return must(look<std::vector<ClientInvitation>>(
                    *store_,
                    [&](storage::Work& work) -> Answer<std::vector<ClientInvitation>> {
                      return TRY(list_invitations(work, at()));
                    }))
        .size();
  }
  static Registrations::Management managed(const RegisteredClient& registered) {
    return {.client = registered.kept.client.id, .token = registered.registration_token.reveal()};
  }
  Answer<RegisteredClient> replace(const RegisteredClient& registered, object other) {
    other["client_id"] = registered.kept.client.id;
    return provider_->registrations.replace(at(), managed(registered), described(other));
  }
  std::string statement(const object& other = {}, const jose::SigningKey& key = vouching_key()) {
    object claims{{"iss", kVouchingIssuer},
                  {"software_id", "pump-gateway"},
                  {"exp", now_ms_ / 1000 + 60},
                  {"client_name", "Pump gateway"}};
    for (const auto& member : other) {
      if (member.value().is_null()) {
        claims.erase(member.key());
      } else {
        claims[member.key()] = member.value();
      }
    }
    return jose::sign_jwt(key, "", claims);
  }
  bool is_there(const std::string& id) {
    return must(provider_->clients.find("main", id)).has_value();
  }

  const std::int64_t now_ms_ = 1'800'000'000'000;
  bool is_open_ = false;
  std::vector<Registrant> asked_;
};
WARDLOCK_ON_EACH_DATABASE(RegistrationsTest);

TEST_P(RegistrationsTest, NobodyRegistersUninvitedUnlessPoliciesSaySo) {
  EXPECT_REFUSED(enter(described()), Fault::kAccessDenied);
  EXPECT_TRUE(must(provider_->clients.list("main")).empty());
  EXPECT_EQ(asked_.back().maker, "");
  is_open_ = true;
  EXPECT_TRUE(enter(described()));
  EXPECT_EQ(told_.back(), "register");
}

TEST_P(RegistrationsTest, AnInvitationIsGoodOnceAndForItsTenant) {
  const std::string token = invited();
  EXPECT_REFUSED(enter(described(), token, "other"), Fault::kInvalidToken);
  const auto registered = must(enter(described(), token));
  EXPECT_TRUE(registered.kept.client.is_self_registered);
  EXPECT_TRUE(registered.secret);
  EXPECT_EQ(asked_.back().maker, grey_);
  EXPECT_EQ(invitations(), 0U);
  EXPECT_REFUSED(enter(described(), token), Fault::kInvalidToken);
  EXPECT_REFUSED(enter(described(), std::string("wli_guessed")), Fault::kInvalidToken);
  EXPECT_REFUSED(enter(described(), ""), Fault::kInvalidToken);
}

TEST_P(RegistrationsTest, AnInvitationThatIsOverIsNone) {
  const std::string token = invited();
  now_ += 60'000;
  EXPECT_REFUSED(enter(described(), token), Fault::kInvalidToken);
}

TEST_P(RegistrationsTest, AnInvitationLosesAUseOnlyWhereAClientComesOfIt) {
  const std::string token = invited({.id = {}, .maker_type = {}, .maker = {}, .uses_left = 2});
  EXPECT_REFUSED(enter({{"client_name", "App"}}, token), Fault::kInvalidRedirectUri);
  EXPECT_TRUE(enter(described(), token));
  EXPECT_TRUE(enter(described(), token));
  EXPECT_REFUSED(enter(described(), token), Fault::kInvalidToken);
}

TEST_P(RegistrationsTest, AnInvitationIsTakenBack) {
  const std::string token = invited();
  const auto all = must(look<std::vector<ClientInvitation>>(
      *store_, [&](storage::Work& work) -> Answer<std::vector<ClientInvitation>> {
        return TRY(list_invitations(work, at()));
      }));
  ASSERT_EQ(all.size(), 1U);
  const auto take_back = [&](std::string_view tenant) {
    return must(transact<bool>(*store_, [&](storage::Work& work) -> Answer<bool> {
      return TRY(take_back_invitation(work, at(tenant), all[0].id)).has_value();
    }));
  };
  EXPECT_FALSE(take_back("other"));
  EXPECT_TRUE(take_back("main"));
  EXPECT_REFUSED(enter(described(), token), Fault::kInvalidToken);
}

TEST_P(RegistrationsTest, WhoRegistersIsGivenNoPrivilege) {
  const auto registered = must(enter(described({{"require_consent", false},
                                                {"may_introspect", true},
                                                {"directory_thing", grey_},
                                                {"audiences", {"https://fhir.example/r4"}},
                                                {"exchange_audiences", {"https://fhir.example/r4"}},
                                                {"access_token_lifetime", 3600}}),
                                     invited()));
  const Client& client = registered.kept.client;
  EXPECT_TRUE(client.asks_consent);
  EXPECT_FALSE(client.may_introspect);
  EXPECT_EQ(client.thing, "");
  EXPECT_TRUE(client.audiences.empty());
  EXPECT_TRUE(client.exchange_audiences.empty());
  EXPECT_EQ(client.access_lifetime, std::chrono::minutes(5));
  EXPECT_EQ(join_words(client.scopes), "openid profile email offline_access");
  EXPECT_TRUE(must(provider_->clients.find("main", client.id))->is_self_registered);
}

TEST_P(RegistrationsTest, WhoRegistersActsInNoNameOfTheirOwn) {
  const std::string token = invited();
  for (const std::string_view type :
       {"client_credentials", "urn:ietf:params:oauth:grant-type:token-exchange"}) {
    EXPECT_REFUSED(enter(described({{"grant_types", {"authorization_code", type}}}), token),
                   Fault::kInvalidClientMetadata);
  }
}

TEST_P(RegistrationsTest, ScopesAreThoseOfTheInvitation) {
  EXPECT_REFUSED(enter(described({{"scope", "openid user/*.cruds"}}), invited()),
                 Fault::kInvalidClientMetadata);
  const std::string token =
      invited({.id = {},
               .maker_type = {},
               .maker = {},
               .scopes = {"openid", "user/*.rs", "wardlock.admin", "wardlock.break-glass"}});
  EXPECT_REFUSED(enter(described({{"scope", "openid user/*.cruds"}}), token),
                 Fault::kInvalidClientMetadata);
  for (const char* scope : {"openid wardlock.admin", "openid wardlock.break-glass"}) {
    EXPECT_REFUSED(enter(described({{"scope", scope}}), token), Fault::kInvalidClientMetadata);
  }
  EXPECT_TRUE(enter(described({{"scope", "openid user/Observation.r"}}), token));
}

TEST_P(RegistrationsTest, ASoftwareStatementCountsBeforeWhatIsSaidWithoutIt) {
  const auto registered = must(
      enter(described({{"client_name", "Something else"}, {"software_statement", statement()}}),
            invited()));
  EXPECT_EQ(registered.kept.client.name, "Pump gateway");
  EXPECT_EQ(asked_.back().software_issuer, kVouchingIssuer);
  EXPECT_FALSE(registered.software_statement.empty());
}

TEST_P(RegistrationsTest, ASoftwareStatementGivesNoPrivilege) {
  const std::string given = statement({{"require_consent", false}, {"scope", "user/*.cruds"}});
  EXPECT_REFUSED(enter(described({{"software_statement", given}}), invited()),
                 Fault::kInvalidClientMetadata);
  const auto registered = must(enter(
      described({{"software_statement", statement({{"require_consent", false}})}}), invited()));
  EXPECT_TRUE(registered.kept.client.asks_consent);
}

TEST_P(RegistrationsTest, ASoftwareStatementIsOfWhoIsTrustedAndOfNothingElse) {
  const std::string token = invited();
  const auto refused = [&](const auto& text) {
    return enter(described({{"software_statement", text}}), token);
  };
  EXPECT_REFUSED(refused(statement({{"iss", "https://other.example"}})),
                 Fault::kUnapprovedSoftwareStatement);
  EXPECT_REFUSED(refused(statement({}, new_key("v1"))), Fault::kInvalidSoftwareStatement);
  EXPECT_REFUSED(refused(statement({{"exp", now_ms_ / 1000 - 60}})),
                 Fault::kInvalidSoftwareStatement);
  EXPECT_REFUSED(refused(statement({{"exp", nullptr}})), Fault::kInvalidSoftwareStatement);
  EXPECT_REFUSED(refused(statement({{"aud", "https://other.example"}})),
                 Fault::kInvalidSoftwareStatement);
  EXPECT_REFUSED(refused(statement({{"software_id", nullptr}})), Fault::kInvalidSoftwareStatement)
      << "an ID token of the same issuer would do";
  EXPECT_REFUSED(refused("nonsense"), Fault::kInvalidSoftwareStatement);
  EXPECT_REFUSED(refused(7), Fault::kInvalidSoftwareStatement);
  EXPECT_TRUE(refused(statement({{"aud", {"https://id.example"}}})));
}

TEST_P(RegistrationsTest, AClientReadsHowItIsRegisteredWithItsOwnTokenAlone) {
  const auto one = must(enter(described(), invited()));
  const auto other = must(enter(described(), invited()));
  Registrations& all = provider_->registrations;
  EXPECT_EQ(must(all.read(at(), managed(one))).client.id, one.kept.client.id);
  EXPECT_REFUSED(all.read(at("other"), managed(one)), Fault::kInvalidToken);
  EXPECT_REFUSED(
      all.read(at(), {.client = one.kept.client.id, .token = other.registration_token.reveal()}),
      Fault::kInvalidToken);
  EXPECT_REFUSED(all.read(at(), {.client = one.kept.client.id, .token = ""}), Fault::kInvalidToken);
  EXPECT_REFUSED(all.read(at(), {.client = "none", .token = one.registration_token.reveal()}),
                 Fault::kInvalidToken);
  EXPECT_REFUSED(all.read(at(), {.client = one.kept.client.id, .token = one.secret->reveal()}),
                 Fault::kInvalidToken);
}

TEST_P(RegistrationsTest, AClientOfTheHouseHasNoSuchToken) {
  const Client app = client();
  EXPECT_REFUSED(provider_->registrations.read(at(), {.client = app.id, .token = ""}),
                 Fault::kInvalidToken);
  EXPECT_REFUSED(provider_->registrations.remove(at(), {.client = app.id, .token = secret_}),
                 Fault::kInvalidToken);
}

TEST_P(RegistrationsTest, WhatTheHouseChangesTheHouseLooksAfter) {
  const auto registered = must(enter(described(), invited()));
  must(provider_->clients.write(at(), described({{"audiences", {"https://fhir.example"}}}),
                                registered.kept.client.id));
  EXPECT_REFUSED(replace(registered, {}), Fault::kInvalidToken);
  EXPECT_EQ(must(provider_->clients.find("main", registered.kept.client.id))->audiences.size(), 1U);
}

TEST_P(RegistrationsTest, AClientDescribesItselfAnewAndGainsNothing) {
  const auto registered = must(enter(described({{"scope", "openid profile"}}), invited()));
  EXPECT_REFUSED(replace(registered, {{"scope", "openid email"}}), Fault::kInvalidClientMetadata);
  EXPECT_REFUSED(replace(registered, {{"grant_types", {"client_credentials"}}}),
                 Fault::kInvalidClientMetadata);
  EXPECT_REFUSED(replace(registered, {{"redirect_uris", {"http://app.example/in"}}}),
                 Fault::kInvalidRedirectUri);
  EXPECT_REFUSED(replace(registered, {{"software_statement", statement()}}),
                 Fault::kInvalidSoftwareStatement);
  const auto next = must(replace(registered, {{"client_name", "Application"},
                                              {"scope", "openid"},
                                              {"require_consent", false},
                                              {"may_introspect", true}}));
  EXPECT_EQ(next.kept.client.name, "Application");
  EXPECT_TRUE(next.kept.client.asks_consent);
  EXPECT_FALSE(next.kept.client.may_introspect);
  EXPECT_TRUE(next.kept.client.is_self_registered);
  EXPECT_FALSE(next.secret) << "it has one already";
  EXPECT_EQ(told_.back(), "change");
  EXPECT_REFUSED(replace(registered, {{"scope", "openid profile"}}), Fault::kInvalidClientMetadata);
  EXPECT_TRUE(provider_->registrations.read(at(), managed(registered)));
}

TEST_P(RegistrationsTest, WhatOnlyTheServerSaysDoesNotComeBack) {
  const auto registered = must(enter(described(), invited()));
  const auto put = [&](const object& metadata) {
    return provider_->registrations.replace(at(), managed(registered), described(metadata));
  };
  const std::string& id = registered.kept.client.id;
  EXPECT_REFUSED(put({}), Fault::kInvalidClientMetadata);
  EXPECT_REFUSED(put({{"client_id", "another"}}), Fault::kInvalidClientMetadata);
  EXPECT_REFUSED(put({{"client_id", id}, {"registration_access_token", "x"}}),
                 Fault::kInvalidClientMetadata);
  EXPECT_REFUSED(put({{"client_id", id}, {"client_id_issued_at", 1}}),
                 Fault::kInvalidClientMetadata);
  EXPECT_REFUSED(put({{"client_id", id}, {"client_secret", "wls_guessed"}}),
                 Fault::kInvalidClientMetadata);
  EXPECT_TRUE(put({{"client_id", id}, {"client_secret", registered.secret->reveal()}}));
}

TEST_P(RegistrationsTest, PeopleAreAskedAnewWhereAnswersGoElsewhere) {
  const auto registered = must(enter(described({{"scope", "openid"}}), invited()));
  const Client& app = registered.kept.client;
  const auto session = this->session(grey_);
  const auto needs_consent = [&] {
    const auto begun =
        provider_->authorizations.begin(at(), asked(app, {{"scope", "openid"}}), &session);
    return begun && !begun->answer;
  };
  ASSERT_TRUE(needs_consent());
  approved(asked(app, {{"scope", "openid"}}), session);
  ASSERT_FALSE(needs_consent());
  ASSERT_TRUE(replace(registered, {{"client_name", "Other"}, {"scope", "openid"}}));
  EXPECT_FALSE(needs_consent());
  ASSERT_TRUE(replace(registered, {{"scope", "openid"},
                                   {"redirect_uris", {kRedirect, "https://evil.example/in"}}}));
  EXPECT_TRUE(needs_consent());
}

TEST_P(RegistrationsTest, AClientThatGoesTakesAllAlong) {
  const auto registered = must(enter(described(), invited()));
  ASSERT_TRUE(provider_->registrations.remove(at(), managed(registered)));
  EXPECT_EQ(told_.back(), "remove");
  EXPECT_FALSE(is_there(registered.kept.client.id));
  EXPECT_REFUSED(provider_->registrations.remove(at(), managed(registered)), Fault::kInvalidToken);
}

TEST_P(RegistrationsTest, ADisabledClientLooksAfterNothing) {
  const auto registered = must(enter(described(), invited()));
  must(transact<bool>(*store_, [&](storage::Work& work) -> Answer<bool> {
    const auto kept = TRY(find_kept_client(work, "main", registered.kept.client.id));
    TRY_VOID(set_client_enabled(work, at(), *kept, false));
    return true;
  }));
  EXPECT_REFUSED(provider_->registrations.read(at(), managed(registered)), Fault::kInvalidToken);
  EXPECT_REFUSED(provider_->registrations.remove(at(), managed(registered)), Fault::kInvalidToken);
}

TEST_P(RegistrationsTest, WhatIsKeptIsAHash) {
  const auto registered = must(enter(described(), invited()));
  const Client& client = registered.kept.client;
  EXPECT_EQ(client.registration_hash, hash_of(registered.registration_token.reveal()));
  EXPECT_FALSE(
      codec::to_json_text(codec::Json(describe(client))).contains(client.registration_hash));
}

}  // namespace
}  // namespace wardlock::oauth
