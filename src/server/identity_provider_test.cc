#include "server/identity_provider.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "authn/oauth/parameters.h"
#include "authn/session/session_rows.h"
#include "base/wall_clock.h"
#include "server/directory_for_test.h"

namespace wardlock::server {
namespace {

constexpr std::string_view kChallenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

class IdentityProviderTest : public DirectoryForTest {
 protected:
  IdentityProviderTest() {
    config_.authentication.emplace();
    seal_secrets();
    open();
    auto opened = IdentityProvider::open(config_, *directory_, log_);
    if (!opened) ADD_FAILURE() << opened.error().message;
    provider_ = *std::move(opened);
    grey_ = somebody("grey", {}).id;
  }
  ~IdentityProviderTest() override { provider_.reset(); }

  static oauth::Occasion now() {
    return {.tenant = "main", .issuer = "https://id.example", .now_ms = wall_clock_ms()};
  }
  oauth::Client client(std::string_view more) {
    boost::json::object metadata = {{"client_name", "Ward list"},
                                    {"redirect_uris", {"https://app.example/in"}},
                                    {"token_endpoint_auth_method", "none"},
                                    {"scope", "openid profile"}};
    const codec::Json other = codec::parse_json(more).value();
    for (const auto& member : other.as_object()) metadata[member.key()] = member.value();
    return provider_->rules().clients.write(now(), metadata)->client;
  }
  std::string waiting(const oauth::Client& app, std::string_view mode = "query") {
    const oauth::Parameters asked = {{"response_type", "code"},
                                     {"client_id", app.id},
                                     {"redirect_uri", "https://app.example/in"},
                                     {"scope", "openid"},
                                     {"response_mode", std::string(mode)},
                                     {"code_challenge", std::string(kChallenge)},
                                     {"code_challenge_method", "S256"}};
    return provider_->rules().authorizations.begin(now(), asked, nullptr)->handle;
  }
  authn::Session session() const {
    authn::Session session;
    session.id = "session-1";
    session.tenant = "main";
    session.person = grey_;
    session.assurance.level = authn::AssuranceLevel::kAal2;
    session.assurance.authenticated_ms = wall_clock_ms();
    return session;
  }

  /// As `authn::Sessions` leaves it.
  void end_in_store(const authn::Session& session) {
    storage::write(*directory_->store, [&](storage::Work& work) -> Result<void> {
      authn::SessionRecord record{.session = session};
      TRY_VOID(authn::insert_session(work, record));
      TRY(authn::end_session(work, session.tenant, session.id, authn::EndReason::kSignedOut,
                             wall_clock_ms()));
      return {};
    });
  }

  std::unique_ptr<IdentityProvider> provider_;
  std::string grey_;
};
WARDLOCK_ON_EACH_DATABASE(IdentityProviderTest);

TEST_P(IdentityProviderTest, TellsThePagesWhatAnApplicationAsks) {
  const std::string handle = waiting(client("{}"));
  const auto question = provider_->find("main", handle, session());
  ASSERT_TRUE(question) << question.error().message;
  EXPECT_EQ(question->service, "Ward list");
  EXPECT_EQ(question->host, "app.example");
  EXPECT_EQ(question->scopes, std::vector<std::string>{"openid"});
  EXPECT_TRUE(question->needs_consent);
  EXPECT_EQ(question->required, authn::AssuranceLevel::kAal1);
  for (const std::string_view wrong : {"", "unknown", "device.BCDF-GHJK"}) {
    const auto none = provider_->find("main", wrong, session());
    ASSERT_FALSE(none) << wrong;
    EXPECT_EQ(none.error().code, ErrorCode::kNotFound);
  }
  EXPECT_FALSE(provider_->find("another", handle, session()));
}

TEST_P(IdentityProviderTest, SendsTheBrowserOnWithTheAnswer) {
  const oauth::Client app = client("{}");
  const auto approved = provider_->approve("main", waiting(app), session());
  ASSERT_TRUE(approved) << approved.error().message;
  EXPECT_TRUE(approved->url.starts_with("https://app.example/in?code=wlc_")) << approved->url;
  EXPECT_TRUE(approved->url.ends_with("iss=https%3A%2F%2Fid.example")) << approved->url;
  const auto denied = provider_->deny("main", waiting(app), session());
  ASSERT_TRUE(denied);
  EXPECT_TRUE(denied->url.contains("error=access_denied"));
  const auto posted = provider_->approve("main", waiting(app, "form_post"), session());
  ASSERT_TRUE(posted);
  EXPECT_TRUE(posted->url.starts_with("https://id.example/oauth2/answer?ticket=wlq_"));
}

TEST_P(IdentityProviderTest, LetsADeviceInByTheCodeThatItShows) {
  const oauth::Client pump = client(
      R"({"grant_types": ["urn:ietf:params:oauth:grant-type:device_code"], "redirect_uris": []})");
  const oauth::Parameters asked = {{"client_id", pump.id}, {"scope", "openid"}};
  const auto who = provider_->rules().authenticator.authenticate(now(), {.parameters = asked});
  ASSERT_TRUE(who);
  const auto offer = provider_->rules().devices.begin(now(), *who, asked);
  ASSERT_TRUE(offer);
  const auto handle = provider_->find_device("main", offer->user_code, "192.0.2.1");
  ASSERT_TRUE(handle) << handle.error().message;
  const auto question = provider_->find("main", *handle, session());
  ASSERT_TRUE(question);
  EXPECT_EQ(question->host, "");
  EXPECT_TRUE(question->needs_consent);
  const auto approved = provider_->approve("main", *handle, session());
  ASSERT_TRUE(approved) << approved.error().message;
  EXPECT_EQ(approved->url, "");
  EXPECT_FALSE(provider_->find("main", *handle, session())) << "it was answered";
}

/// A code that is right is none to who has not typed it here, where it is counted.
TEST_P(IdentityProviderTest, ADevicesHandleIsMadeByNobodyElse) {
  const oauth::Client pump = client(
      R"({"grant_types": ["urn:ietf:params:oauth:grant-type:device_code"], "redirect_uris": []})");
  const oauth::Parameters asked = {{"client_id", pump.id}, {"scope", "openid"}};
  const auto who = provider_->rules().authenticator.authenticate(now(), {.parameters = asked});
  const auto offer = provider_->rules().devices.begin(now(), *who, asked);
  ASSERT_TRUE(offer);
  const std::string handle = provider_->find_device("main", offer->user_code, "192.0.2.1").value();
  std::string changed = handle;
  changed.back() = changed.back() == 'A' ? 'E' : 'A';
  for (const std::string& made :
       {"device." + offer->user_code, "device." + offer->user_code + ".", changed, handle + "A"}) {
    EXPECT_EQ(provider_->find("main", made, session()).error().code, ErrorCode::kNotFound) << made;
    EXPECT_FALSE(provider_->approve("main", made, session())) << made;
    EXPECT_FALSE(provider_->deny("main", made, session())) << made;
  }
  EXPECT_FALSE(provider_->find("another", handle, session()));
  EXPECT_TRUE(provider_->find("main", handle, session()));
}

TEST_P(IdentityProviderTest, TellsWhatSomebodyAllowsAndEndsIt) {
  const oauth::Client app = client(R"({"require_consent": true})");
  ASSERT_TRUE(provider_->approve("main", waiting(app), session()));
  const auto allowed = provider_->allowed_by("main", grey_);
  ASSERT_TRUE(allowed) << allowed.error().message;
  ASSERT_EQ(allowed->size(), 1U);
  EXPECT_EQ(allowed->front().id, app.id);
  EXPECT_EQ(allowed->front().name, "Ward list");
  EXPECT_EQ(allowed->front().scopes, std::vector<std::string>{"openid"});
  EXPECT_FALSE(allowed->front().is_lasting);
  EXPECT_TRUE(provider_->allowed_by("another", grey_)->empty());
  EXPECT_TRUE(provider_->allowed_by("main", somebody("lee", {}).id)->empty());
  ASSERT_TRUE(provider_->withdraw(app.id, session(), "192.0.2.1"));
  EXPECT_TRUE(provider_->allowed_by("main", grey_)->empty());
  EXPECT_EQ(storage::number(*directory_->store,
                            "SELECT count(*) FROM oauth_grant WHERE ended_ms IS NULL"),
            0);
  EXPECT_EQ(provider_->withdraw(app.id, session(), "192.0.2.1").error().code, ErrorCode::kNotFound);
}

TEST_P(IdentityProviderTest, SlowsDownWhoTriesCodes) {
  const auto tried = [&](std::string_view from) {
    return provider_->find_device("main", "BBBB-BBBB", from).error().code;
  };
  for (int i = 0; i < 4; ++i) tried("192.0.2.1");
  EXPECT_EQ(tried("192.0.2.1"), ErrorCode::kResourceExhausted);
  EXPECT_EQ(tried("198.51.100.1"), ErrorCode::kNotFound) << "nobody else waits";
}

TEST_P(IdentityProviderTest, EndsWhatRestsOnASessionThatEnded) {
  const oauth::Client app = client("{}");
  const auto approved = provider_->approve("main", waiting(app), session());
  ASSERT_TRUE(approved);
  const auto live = [&] {
    return storage::number(*directory_->store,
                           "SELECT count(*) FROM oauth_grant WHERE ended_ms IS NULL");
  };
  EXPECT_EQ(live(), 1);
  end_in_store(session());
  provider_->note_ended();
  EXPECT_TRUE(eventually([&] { return live() == 0; }));
}

TEST_P(IdentityProviderTest, PutsChangesOfClientsOnRecord) {
  const std::int64_t before =
      storage::number(*directory_->store, "SELECT count(*) FROM change WHERE kind = 'oauthClient'");
  client("{}");
  EXPECT_EQ(
      storage::number(*directory_->store, "SELECT count(*) FROM change WHERE kind = 'oauthClient'"),
      before + 1);
}

TEST_P(IdentityProviderTest, IsNoneWhereNobodySignsIn) {
  config::Config without = config_;
  without.authentication.reset();
  const auto opened = IdentityProvider::open(without, *directory_, log_);
  ASSERT_TRUE(opened);
  EXPECT_EQ(*opened, nullptr);
}

}  // namespace
}  // namespace wardlock::server
