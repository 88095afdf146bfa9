#include "authn/oauth/authorizations.h"

#include <gtest/gtest.h>

#include "authn/oauth/oauth_for_test.h"

namespace wardlock::oauth {
namespace {

class AuthorizationsTest : public OAuthForTest {
 protected:
  std::expected<Begun, AuthorizationRefusal> begin(const Parameters& asked,
                                                   const authn::Session* session = nullptr) {
    return provider_->authorizations.begin(at(), asked, session);
  }
  /// The refusal must go to the client.
  std::string told(const Parameters& asked, const authn::Session* session = nullptr) {
    const auto begun = begin(asked, session);
    if (begun) return "not refused";
    if (!begun.error().address) return "not told to the client";
    EXPECT_EQ(begun.error().address->redirect_uri, kRedirect);
    return std::string(to_string(begun.error().refusal.fault));
  }
  bool is_told_to_nobody(const Parameters& asked) {
    const auto begun = begin(asked);
    return !begun && !begun.error().address;
  }
};
WARDLOCK_ON_EACH_DATABASE(AuthorizationsTest);

TEST_P(AuthorizationsTest, ARequestWaitsForSomebodyToSignIn) {
  const Client app = client();
  const auto begun = begin(asked(app));
  ASSERT_TRUE(begun);
  const auto pending = must(provider_->authorizations.find(at(), begun->handle, nullptr));
  EXPECT_EQ(pending.awaited, Awaited::kSignIn);
  EXPECT_EQ(pending.client_name, "Ward list");
  const auto session = this->session(grey_);
  EXPECT_EQ(must(provider_->authorizations.find(at(), begun->handle, &session)).awaited,
            Awaited::kNothing);
  const ReturnAnswer answer =
      must(provider_->authorizations.approve(at(), begun->handle, session, {}));
  EXPECT_EQ(answer.parameters.text("state"), "state-1");
  EXPECT_EQ(answer.parameters.text("iss"), "https://id.example");
  EXPECT_TRUE(answer.url().starts_with("https://app.example/signed-in?code=wlc_"));
  EXPECT_REFUSED(provider_->authorizations.approve(at(), begun->handle, session, {}),
                 Fault::kInvalidRequest)
      << "twice";
}

TEST_P(AuthorizationsTest, WhatNobodyRegisteredIsToldToNobody) {
  const Client app = client();
  EXPECT_TRUE(is_told_to_nobody(asked(app, {{"redirect_uri", "https://evil.example/"}})));
  EXPECT_TRUE(is_told_to_nobody(asked(app, {{"redirect_uri", "https://app.example/signed-in/"}})));
  EXPECT_TRUE(is_told_to_nobody(asked(app, {{"client_id", "nobody"}})));
  EXPECT_TRUE(is_told_to_nobody(asked(app, {{"client_id", ""}})));
  const Client elsewhere = client("{}", "other");
  EXPECT_TRUE(is_told_to_nobody(asked(elsewhere))) << "another tenant's client";
  const Client two =
      client(R"({"redirect_uris": ["https://app.example/a", "https://app.example/b"]})");
  EXPECT_TRUE(is_told_to_nobody(asked(two, {{"redirect_uri", ""}})));
}

TEST_P(AuthorizationsTest, WhatIsWrongWithARequestIsToldToItsClient) {
  const Client app = client();
  EXPECT_EQ(told(asked(app, {{"response_type", "token"}})), "unsupported_response_type");
  EXPECT_EQ(told(asked(app, {{"response_type", "code id_token"}})), "unsupported_response_type");
  EXPECT_EQ(told(asked(app, {{"response_type", ""}})), "invalid_request");
  EXPECT_EQ(told(asked(app, {{"code_challenge", ""}})), "invalid_request");
  EXPECT_EQ(told(asked(app, {{"code_challenge", ""}, {"code_challenge_method", ""}})),
            "invalid_request");
  EXPECT_EQ(told(asked(app, {{"code_challenge_method", "plain"}})), "invalid_request");
  EXPECT_EQ(told(asked(app, {{"code_challenge_method", ""}})), "invalid_request");
  EXPECT_EQ(told(asked(app, {{"scope", "openid admin"}})), "invalid_scope");
  EXPECT_EQ(told(asked(app, {{"scope", "user/Patient.cruds"}})), "invalid_scope");
  EXPECT_EQ(told(asked(app, {{"scope", "system/Patient.r"}})), "invalid_scope");
  EXPECT_EQ(told(asked(app, {{"resource", "https://elsewhere.example"}})), "invalid_target");
  EXPECT_EQ(told(asked(app, {{"aud", "https://elsewhere.example"}})), "invalid_target");
  EXPECT_EQ(told(asked(app, {{"prompt", "none login"}})), "invalid_request");
  EXPECT_EQ(told(asked(app, {{"prompt", "surprise"}})), "invalid_request");
  EXPECT_EQ(told(asked(app, {{"max_age", "-1"}})), "invalid_request");
  EXPECT_EQ(told(asked(app, {{"max_age", "1e9"}})), "invalid_request");
  EXPECT_EQ(told(asked(app, {{"response_mode", "fragment"}})), "invalid_request");
  EXPECT_EQ(told(asked(app, {{"request", "eyJ"}})), "request_not_supported");
  EXPECT_EQ(told(asked(app, {{"purpose_of_use", "curiosity"}})), "invalid_request");
  const Client machine = client(R"({"grant_types": ["client_credentials"], "scope": "api"})");
  EXPECT_EQ(told(asked(machine, {{"scope", "api"}})), "unauthorized_client");
}

TEST_P(AuthorizationsTest, WhoMayNotBeAskedIsAnsweredAtOnce) {
  const Client app = client();
  const auto session = this->session(grey_);
  EXPECT_EQ(told(asked(app, {{"prompt", "none"}})), "login_required");
  const auto begun = begin(asked(app, {{"prompt", "none"}}), &session);
  ASSERT_TRUE(begun);
  ASSERT_TRUE(begun->answer);
  EXPECT_TRUE(begun->answer->parameters.has("code"));
  EXPECT_EQ(told(asked(app, {{"prompt", "none"}, {"max_age", "30"}}), &session), "login_required");
  EXPECT_EQ(told(asked(app, {{"prompt", "none"},
                             {"acr_values", "http://idmanagement.gov/ns/assurance/aal/3"}}),
                 &session),
            "interaction_required");
  const Client asking = client(R"({"require_consent": true})");
  EXPECT_EQ(told(asked(asking, {{"prompt", "none"}}), &session), "consent_required");
}

TEST_P(AuthorizationsTest, ASessionCountsOnlyWhereItIsAndWhileItIsOpen) {
  const Client app = client();
  const auto begun = begin(asked(app));
  ASSERT_TRUE(begun);
  auto session = this->session(grey_, "session-1", "other");
  EXPECT_REFUSED(provider_->authorizations.approve(at(), begun->handle, session, {}),
                 Fault::kLoginRequired);
  EXPECT_REFUSED(provider_->authorizations.approve(at("other"), begun->handle, session, {}),
                 Fault::kInvalidRequest);
  session = this->session(grey_);
  session.is_locked = true;
  EXPECT_REFUSED(provider_->authorizations.approve(at(), begun->handle, session, {}),
                 Fault::kLoginRequired);
  suspend(grey_);
  session.is_locked = false;
  EXPECT_REFUSED(provider_->authorizations.approve(at(), begun->handle, session, {}),
                 Fault::kInvalidGrant);
}

TEST_P(AuthorizationsTest, WhoMustSignInAnewOrMoreSurelyHasNotUntilTheyDo) {
  const Client app = client();
  auto session = this->session(grey_);
  const auto fresh = begin(asked(app, {{"prompt", "login"}}), &session);
  ASSERT_TRUE(fresh);
  EXPECT_REFUSED(provider_->authorizations.approve(at(), fresh->handle, session, {}),
                 Fault::kLoginRequired);
  session.assurance.authenticated_ms = now_;
  EXPECT_TRUE(provider_->authorizations.approve(at(), fresh->handle, session, {}));
  const auto sure =
      begin(asked(app, {{"acr_values", "http://idmanagement.gov/ns/assurance/aal/3"}}), &session);
  ASSERT_TRUE(sure);
  EXPECT_REFUSED(provider_->authorizations.approve(at(), sure->handle, session, {}),
                 Fault::kInteractionRequired);
  session.assurance.level = authn::AssuranceLevel::kAal3;
  EXPECT_TRUE(provider_->authorizations.approve(at(), sure->handle, session, {}));
}

TEST_P(AuthorizationsTest, ARequestWaitsForHalfAnHour) {
  const Client app = client();
  const auto begun = begin(asked(app));
  ASSERT_TRUE(begun);
  now_ += Authorizations::kPendingMs;
  EXPECT_REFUSED(provider_->authorizations.approve(at(), begun->handle, session(grey_), {}),
                 Fault::kInvalidRequest);
}

TEST_P(AuthorizationsTest, ConsentIsAskedOnceAndCanBeWithdrawn) {
  const Client app = client(R"({"require_consent": true})");
  const auto session = this->session(grey_);
  const auto next = [&](Pairs other = {}) {
    const auto begun = begin(asked(app, other), &session);
    EXPECT_TRUE(begun);
    if (begun->answer) return Awaited::kNothing;
    return must(provider_->authorizations.find(at(), begun->handle, &session)).awaited;
  };
  EXPECT_EQ(next(), Awaited::kConsent);
  EXPECT_EQ(next({{"scope", ""}}), Awaited::kConsent) << "also where nothing is asked for";
  const std::string code(approved(asked(app), session).parameters.text("code"));
  const TokenAnswer tokens = must(redeem(app, code));
  EXPECT_EQ(next(), Awaited::kNothing);
  EXPECT_EQ(next({{"scope", "openid profile email"}}), Awaited::kConsent) << "more than before";
  EXPECT_EQ(next({{"prompt", "consent"}}), Awaited::kConsent);
  ASSERT_TRUE(must(provider_->consents.withdraw(at(), {.person = grey_, .client = app.id})));
  ASSERT_TRUE(provider_->tokens.follow());
  EXPECT_EQ(next(), Awaited::kConsent);
  EXPECT_FALSE(is_good(tokens.access_token));
}

TEST_P(AuthorizationsTest, AProgramThatAnybodyCanSayToBeAsksEachTime) {
  const Client app = client(
      R"({"require_consent": true, "token_endpoint_auth_method": "none",
          "application_type": "native", "redirect_uris": ["com.example.app:/signed-in"]})");
  const auto session = this->session(grey_);
  const Parameters wanted = asked(app, {{"redirect_uri", "com.example.app:/signed-in"}});
  approved(wanted, session);
  const auto again = begin(wanted, &session);
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->answer);
}

TEST_P(AuthorizationsTest, NoMoreIsApprovedThanWasAskedFor) {
  const Client app = client();
  const auto begun = begin(asked(app));
  ASSERT_TRUE(begun);
  EXPECT_REFUSED(provider_->authorizations.approve(at(), begun->handle, session(grey_),
                                                   {.scopes = {"openid", "email"}}),
                 Fault::kInvalidScope);
  const ReturnAnswer less = must(provider_->authorizations.approve(
      at(), begun->handle, session(grey_), {.scopes = {"openid"}}));
  EXPECT_EQ(must(redeem(app, less.parameters.text("code"))).scope, "openid");
}

TEST_P(AuthorizationsTest, ANoIsToldWithWhoSaysIt) {
  const Client app = client();
  const auto begun = begin(asked(app));
  ASSERT_TRUE(begun);
  const ReturnAnswer answer = must(provider_->authorizations.deny(at(), begun->handle));
  EXPECT_EQ(answer.parameters.text("error"), "access_denied");
  EXPECT_EQ(answer.parameters.text("iss"), "https://id.example");
  EXPECT_EQ(answer.parameters.text("state"), "state-1");
  EXPECT_FALSE(answer.parameters.has("code"));
}

TEST_P(AuthorizationsTest, APatientIsChosenWhereOneIsAskedFor) {
  const Client app = client();
  const auto session = this->session(grey_);
  const Parameters wanted = asked(app, {{"scope", "openid launch/patient user/Observation.rs"}});
  EXPECT_EQ(told(
                [&] {
                  Parameters none = wanted;
                  none.set("prompt", "none");
                  return none;
                }(),
                &session),
            "interaction_required");
  const auto begun = begin(wanted, &session);
  ASSERT_TRUE(begun);
  EXPECT_REFUSED(provider_->authorizations.approve(at(), begun->handle, session, {}),
                 Fault::kInteractionRequired);
  const ReturnAnswer answer = must(provider_->authorizations.approve(
      at(), begun->handle, session, {.patient = "patient-7", .encounter = "stay-3"}));
  const TokenAnswer tokens = must(redeem(app, answer.parameters.text("code")));
  EXPECT_EQ(tokens.to_json().at("patient").as_string(), "patient-7");
  EXPECT_EQ(tokens.to_json().at("encounter").as_string(), "stay-3");
  EXPECT_EQ(claims_of(tokens.access_token).at("patient").as_string(), "patient-7");
}

TEST_P(AuthorizationsTest, WhatIuaWantsToKnowIsInTheToken) {
  const Client app = client();
  const auto answer =
      approved(asked(app, {{"scope", "openid iua"}, {"purpose_of_use", "TREAT"}}), session(grey_));
  const TokenAnswer tokens = must(redeem(app, answer.parameters.text("code")));
  const auto claims = claims_of(tokens.access_token);
  const auto& iua = claims.at("extensions").at("ihe_iua").as_object();
  EXPECT_EQ(iua.at("subject_name").as_string(), "Dr. Meredith Grey");
  EXPECT_EQ(iua.at("national_provider_identifier").as_string(), "1234567893");
  EXPECT_EQ(iua.at("purpose_of_use").at(0).at("code").as_string(), "TREAT");
  const TokenAnswer plain = signed_in(app);
  EXPECT_FALSE(claims_of(plain.access_token).contains("extensions"));
}

TEST_P(AuthorizationsTest, APushedRequestIsTakenOnceFromItsClient) {
  const Client app = client(R"({"require_pushed_authorization_requests": true})");
  EXPECT_EQ(told(asked(app)), "invalid_request") << "it was not pushed";
  const auto push = [&](const Parameters& what) {
    return provider_->authorizations.push(at(), must(authenticated(app, what)), what);
  };
  const auto bring = [&](const std::string& uri, std::string_view id) {
    return begin({{"client_id", std::string(id)}, {"request_uri", uri}});
  };
  const std::string uri = must(push(asked(app)));
  const auto begun = bring(uri, app.id);
  ASSERT_TRUE(begun);
  EXPECT_FALSE(bring(uri, app.id)) << "twice";
  const std::string other = must(push(asked(app)));
  const Client thief = client();
  EXPECT_FALSE(bring(other, thief.id));
  EXPECT_FALSE(bring("https://evil.example/request.jwt", app.id));
  EXPECT_FALSE(bring("urn:ietf:params:oauth:request_uri:unknown", app.id));
}

TEST_P(AuthorizationsTest, APushedRequestIsCheckedWhenItIsPushed) {
  const Client app = client();
  const auto push = [&](Pairs other) {
    const Parameters what = asked(app, other);
    return provider_->authorizations.push(at(), must(authenticated(app, what)), what);
  };
  EXPECT_REFUSED(push({{"redirect_uri", "https://evil.example/"}}), Fault::kInvalidRequest);
  EXPECT_REFUSED(push({{"scope", "admin"}}), Fault::kInvalidScope);
  EXPECT_REFUSED(push({{"code_challenge_method", "plain"}}), Fault::kInvalidRequest);
  EXPECT_REFUSED(push({{"request_uri", "urn:x"}}), Fault::kInvalidRequest);
  const std::string uri = must(push({}));
  now_ += Authorizations::kPushedMs;
  EXPECT_FALSE(begin({{"client_id", app.id}, {"request_uri", uri}}));
}

}  // namespace
}  // namespace wardlock::oauth
