#include "authn/federation/foreign_sign_in.h"

#include <gtest/gtest.h>

#include "authn/federation/provider_for_test.h"
#include "crypto/random.h"
#include "net/query_string.h"

namespace wardlock::authn {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class Away : public testing::Test {
 protected:
  std::unique_ptr<ForeignSignIn> made(ProviderSettings settings) {
    return ForeignSignIn::create(std::move(settings), provider_.egress(), key_,
                                 [](auto bytes) { crypto::fill_random(bytes); })
        .value();
  }
  std::unique_ptr<ForeignSignIn> made() { return made(provider_.settings()); }
  BegunErrand begin(ForeignSignIn& with, const ForeignErrand& errand = {}) {
    auto begun = with.begin(errand, now_for_test(), interruption_);
    EXPECT_TRUE(begun) << begun.error().message;
    return *std::move(begun);
  }
  Result<FinishedErrand> finish(ForeignSignIn& with, const Secret& cookie, const std::string& query,
                                seconds later = seconds(0)) {
    return with.finish(cookie.reveal(), query, now_for_test() + later, interruption_);
  }
  /// The whole way.
  Result<FinishedErrand> there_and_back(ForeignSignIn& with) {
    const BegunErrand begun = begin(with);
    return finish(with, begun.cookie, provider_.sign_in(begun.url));
  }
  std::string refusal(ForeignSignIn& with) {
    const auto finished = there_and_back(with);
    if (!finished) {
      EXPECT_EQ(finished.error().code, ErrorCode::kUnauthenticated) << finished.error().message;
      return finished.error().message;
    }
    return "";
  }
  /// With claims that are changed.
  std::string refusal(std::function<void(boost::json::object&)> spoil) {
    provider_.spoil = std::move(spoil);
    return refusal(*sign_in_);
  }

  crypto::SealingKey key_;
  net::Interruption interruption_;
  ProviderForTest provider_;
  std::unique_ptr<ForeignSignIn> sign_in_ = made();
};

TEST_F(Away, SomebodyComesBackAndIsKnown) {
  const BegunErrand begun = begin(*sign_in_, {.return_to = "/account"});
  EXPECT_TRUE(begun.url.starts_with(provider_.issuer() + "/auth?tenant=1&response_type=code&"));
  EXPECT_EQ(parameter(begun.url, "scope"), "openid");
  EXPECT_EQ(parameter(begun.url, "code_challenge_method"), "S256");
  EXPECT_EQ(parameter(begun.url, "redirect_uri"), "https://wardlock.example/sign-in/with/hospital");
  EXPECT_GE(parameter(begun.url, "state").size(), 43);
  EXPECT_NE(parameter(begun.url, "state"), parameter(begun.url, "nonce"));
  EXPECT_LT(begun.cookie.size(), 4096);
  const auto finished = finish(*sign_in_, begun.cookie, provider_.sign_in(begun.url));
  ASSERT_TRUE(finished) << finished.error().message;
  EXPECT_EQ(finished->identity.issuer, provider_.issuer());
  EXPECT_EQ(finished->identity.subject, "grey-1");
  EXPECT_EQ(finished->identity.assurance.level, AssuranceLevel::kAal1);
  EXPECT_TRUE(finished->identity.assurance.methods.empty());
  EXPECT_TRUE(finished->identity.assurance.proofs.empty());
  EXPECT_EQ(finished->errand.return_to, "/account");
  EXPECT_EQ(finished->errand.purpose, ForeignPurpose::kSignIn);
  EXPECT_TRUE(provider_.last_request.starts_with("Basic d2FyZGxvY2s6b3VyJTIwc2VjcmV0\n"))
      << provider_.last_request;
}

TEST_F(Away, EachErrandHasItsOwnSecrets) {
  const BegunErrand one = begin(*sign_in_);
  const BegunErrand other = begin(*sign_in_);
  for (const char* name : {"state", "nonce", "code_challenge"}) {
    EXPECT_NE(parameter(one.url, name), parameter(other.url, name)) << name;
  }
}

TEST_F(Away, AnotherBrowserDoesNotFinishIt) {
  const BegunErrand ours = begin(*sign_in_);
  const BegunErrand theirs = begin(*sign_in_);
  const std::string query = provider_.sign_in(theirs.url);  // theirs is put before us
  EXPECT_EQ(finish(*sign_in_, ours.cookie, query).error().message,
            "the provider's answer is not to what this browser began: its state is another");
  EXPECT_FALSE(finish(*sign_in_, Secret(""), query));
  EXPECT_FALSE(finish(*sign_in_, Secret("AAAA"), query));
  EXPECT_FALSE(finish(*sign_in_, Secret(std::string(5000, 'A')), query));
  EXPECT_FALSE(finish(*sign_in_, theirs.cookie, query + "&state=x"));
  EXPECT_FALSE(finish(*sign_in_, theirs.cookie, "code=code-1"));
  EXPECT_TRUE(finish(*sign_in_, theirs.cookie, query));
}

TEST_F(Away, NeitherACookieNorACodeIsForever) {
  const BegunErrand begun = begin(*sign_in_);
  const std::string query = provider_.sign_in(begun.url);
  EXPECT_FALSE(finish(*sign_in_, begun.cookie, query, minutes(11)));
  EXPECT_FALSE(finish(*sign_in_, begun.cookie, query, -minutes(1)));
  EXPECT_TRUE(finish(*sign_in_, begun.cookie, query));
  EXPECT_EQ(finish(*sign_in_, begun.cookie, query).error().message,
            "the provider does not take the code");
}

TEST_F(Away, ACookieIsOfOneProviderAndTenant) {
  const BegunErrand begun = begin(*sign_in_);
  const std::string query = provider_.sign_in(begun.url);
  ProviderSettings settings = provider_.settings();
  settings.tenant = "st-john";
  EXPECT_FALSE(finish(*made(settings), begun.cookie, query));
  settings = provider_.settings();
  settings.name = "other";
  EXPECT_FALSE(finish(*made(settings), begun.cookie, query));
  const crypto::SealingKey another;
  const auto elsewhere = ForeignSignIn::create(provider_.settings(), provider_.egress(), another,
                                               [](auto bytes) { crypto::fill_random(bytes); });
  EXPECT_FALSE(finish(**elsewhere, begun.cookie, query));
  std::string changed(begun.cookie.reveal());
  changed[20] = changed[20] == 'A' ? 'B' : 'A';
  EXPECT_FALSE(finish(*sign_in_, Secret(changed), query));
}

TEST_F(Away, OneProvidersAnswerIsNotAnothers) {
  const auto with = [&](const std::string& iss) {
    const BegunErrand begun = begin(*sign_in_);
    std::string query = provider_.sign_in(begun.url);
    query = query.substr(0, query.find("&iss=")) + iss;
    const auto finished = finish(*sign_in_, begun.cookie, query);
    return finished ? "" : finished.error().message;
  };
  const std::string mixed = "the answer is another provider's, or does not say whose it is";
  EXPECT_EQ(with("&iss=" + net::percent_encoded("https://evil.example")), mixed);
  EXPECT_EQ(with("&iss=" + net::percent_encoded(provider_.issuer() + "/")), mixed);
  EXPECT_EQ(with("&iss="), mixed);
  EXPECT_EQ(with(""), mixed);  // it says that it says so
}

TEST_F(Away, AProviderThatNeverSaysWhoItIsNeedNot) {
  provider_.says_issuer = false;
  EXPECT_EQ(refusal(*made()), "");
}

TEST_F(Away, WhatTheProviderRefusesIsToldAsSuch) {
  const BegunErrand begun = begin(*sign_in_);
  const std::string state = parameter(begun.url, "state");
  const std::string iss = "&iss=" + net::percent_encoded(provider_.issuer());
  const auto refused = finish(*sign_in_, begun.cookie, "error=access_denied&state=" + state + iss);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_EQ(refused.error().message, "the provider refused it: `access_denied`");
  EXPECT_EQ(
      finish(*sign_in_, begun.cookie, "error=%3Cscript%3E&state=" + state + iss).error().message,
      "the provider refused it: `?`");
  EXPECT_EQ(finish(*sign_in_, begun.cookie, "state=" + state + iss).error().message,
            "the provider's answer has no code");
  EXPECT_EQ(finish(*sign_in_, begun.cookie, "error=access_denied&state=x").error().code,
            ErrorCode::kUnauthenticated);
  EXPECT_FALSE(finish(*sign_in_, begun.cookie, "code=%FF&state=" + state + iss));
  EXPECT_FALSE(finish(*sign_in_, begun.cookie, "code=" + std::string(9000, 'a')));
}

TEST_F(Away, ATokenIsTheOneThatWasAskedFor) {
  EXPECT_EQ(refusal([](auto&) {}), "");
  EXPECT_EQ(refusal([](auto& claims) { claims["nonce"] = "another"; }),
            "the token is not the one that was asked for: its nonce is another");
  EXPECT_NE(refusal([](auto& claims) { claims.erase("nonce"); }), "");
  EXPECT_NE(refusal([](auto& claims) { claims["iss"] = "https://evil.example"; }), "");
  EXPECT_NE(refusal([](auto& claims) { claims["aud"] = "another"; }), "");
  EXPECT_NE(refusal([](auto& claims) { claims.erase("exp"); }), "");
  EXPECT_NE(refusal([](auto& claims) { claims.erase("iat"); }), "");
  EXPECT_NE(refusal([](auto& claims) { claims["exp"] = claims["iat"].as_int64() - 120; }), "");
  EXPECT_NE(refusal([](auto& claims) { claims["exp"] = claims["iat"].as_int64() + 90'000; }), "");
}

TEST_F(Away, ATokenIsForUs) {
  EXPECT_EQ(refusal([](auto& claims) { claims["aud"] = boost::json::array{"wardlock"}; }), "");
  EXPECT_EQ(refusal([](auto& claims) { claims["aud"] = boost::json::array{"wardlock", "b"}; }),
            "the token is for several, and does not say who asked");
  EXPECT_EQ(refusal([](auto& claims) {
              claims["aud"] = boost::json::array{"wardlock", "b"};
              claims["azp"] = "wardlock";
            }),
            "");
  EXPECT_EQ(refusal([](auto& claims) { claims["azp"] = "b"; }),
            "the token was asked for by somebody else");
  EXPECT_EQ(refusal([](auto& claims) { claims["azp"] = 1; }),
            "the token was asked for by somebody else");
}

TEST_F(Away, ATokenNamesSomebody) {
  const std::string malformed = "the token's subject is missing or malformed";
  EXPECT_EQ(refusal([](auto& claims) { claims.erase("sub"); }), malformed);
  EXPECT_EQ(refusal([](auto& claims) { claims["sub"] = ""; }), malformed);
  EXPECT_EQ(refusal([](auto& claims) { claims["sub"] = 1; }), malformed);
  EXPECT_EQ(refusal([](auto& claims) { claims["sub"] = std::string(256, 'a'); }), malformed);
  EXPECT_EQ(refusal([](auto& claims) { claims["sub"] = "gr\u00E9y"; }), malformed);
}

TEST_F(Away, ATokenIsSignedByTheProvider) {
  provider_.rewrite = [](std::string token) {
    token[token.size() - 10] = token[token.size() - 10] == 'A' ? 'B' : 'A';
    return token;
  };
  EXPECT_NE(refusal(*sign_in_), "");
  provider_.rewrite = [](const std::string& token) {
    return "eyJhbGciOiJub25lIn0" +
           token.substr(token.find('.'), token.rfind('.') - token.find('.')) + ".";
  };
  EXPECT_NE(refusal(*sign_in_), "");
  provider_.rewrite = [](const std::string&) { return std::string("junk"); };
  EXPECT_NE(refusal(*sign_in_), "");
  provider_.rewrite = [](std::string token) { return token; };
  provider_.type = "at+jwt";  // of another kind
  EXPECT_NE(refusal(*sign_in_), "");
  provider_.type = "JWT";
  EXPECT_EQ(refusal(*sign_in_), "");
  provider_.token_status = 400;
  EXPECT_EQ(refusal(*sign_in_), "the provider does not take the code");
}

TEST_F(Away, AssuranceIsWhatTheTableSays) {
  ProviderSettings settings = provider_.settings();
  settings.assurance.by_acr = {{"loa3", AssuranceLevel::kAal3}, {"loa2", AssuranceLevel::kAal2}};
  settings.assurance.by_methods = {{.methods = {"pwd", "otp"}, .level = AssuranceLevel::kAal2}};
  const auto with = made(settings);
  const auto assurance = [&](std::function<void(boost::json::object&)> spoil) {
    provider_.spoil = std::move(spoil);
    return there_and_back(*with).value().identity.assurance;
  };
  EXPECT_EQ(assurance([](auto& claims) { claims["acr"] = "loa3"; }).level, AssuranceLevel::kAal3);
  EXPECT_EQ(assurance([](auto& claims) { claims["acr"] = "loa33"; }).level, AssuranceLevel::kAal1);
  EXPECT_EQ(assurance([](auto& claims) { claims["acr"] = 3; }).level, AssuranceLevel::kAal1);
  const Assurance two = assurance([](auto& claims) {
    claims["amr"] = boost::json::array{"pwd", "otp", "<script>", 7};
    claims["auth_time"] = claims["iat"].as_int64() - 100;
  });
  EXPECT_EQ(two.level, AssuranceLevel::kAal2);
  EXPECT_EQ(two.methods, (std::vector<std::string>{"otp", "pwd"}));
  EXPECT_LE(two.authenticated_ms, (now_for_test().time_since_epoch().count() - 100) * 1000);
  EXPECT_EQ(assurance([](auto& claims) { claims["amr"] = boost::json::array{"pwd"}; }).level,
            AssuranceLevel::kAal1);
  EXPECT_EQ(assurance([](auto& claims) { claims["amr"] = "otp"; }).level, AssuranceLevel::kAal1);
}

TEST_F(Away, AnOldSignInIsNotANewOne) {
  ProviderSettings settings = provider_.settings();
  settings.max_age = hours(1);
  settings.acr_values = {"loa2", "loa3"};
  sign_in_ = made(settings);
  const std::string url = begin(*sign_in_).url;
  EXPECT_EQ(parameter(url, "max_age"), "3600");
  EXPECT_EQ(parameter(url, "acr_values"), "loa2 loa3");
  const auto aged = [&](std::int64_t by) {
    return refusal([by](auto& claims) { claims["auth_time"] = claims["iat"].as_int64() - by; });
  };
  EXPECT_EQ(aged(3600), "");
  EXPECT_EQ(aged(3700), "its owner signed in there too long ago");
  EXPECT_EQ(aged(-100), "the token's `auth_time` is of the future");
  EXPECT_EQ(refusal([](auto&) {}), "the token does not say when its owner signed in");
  EXPECT_EQ(refusal([](auto& claims) { claims["auth_time"] = "now"; }),
            "the token's `auth_time` is no time");
}

TEST_F(Away, WhoIsSentThereAnewMustHaveSignedInSince) {
  const auto back = [&](std::optional<std::int64_t> signed_in_ago) {
    provider_.spoil = [=](auto& claims) {
      if (signed_in_ago) claims["auth_time"] = claims["iat"].as_int64() - *signed_in_ago;
    };
    const BegunErrand begun = begin(*sign_in_, {.is_anew = true});
    EXPECT_EQ(parameter(begun.url, "prompt"), "login");
    EXPECT_EQ(parameter(begun.url, "max_age"), "0");
    const auto finished = finish(*sign_in_, begun.cookie, provider_.sign_in(begun.url));
    return finished ? "" : finished.error().message;
  };
  EXPECT_EQ(back(0), "");
  EXPECT_EQ(back(120), "its owner signed in there too long ago");
  EXPECT_EQ(back(std::nullopt), "the token does not say when its owner signed in");
  EXPECT_EQ(parameter(begin(*sign_in_).url, "prompt"), "");
}

TEST_F(Away, LinkingIsBoundToWhereItBegan) {
  const ForeignErrand link{.purpose = ForeignPurpose::kLink, .bound_to = "session:1"};
  const BegunErrand begun = begin(*sign_in_, link);
  const auto finished = finish(*sign_in_, begun.cookie, provider_.sign_in(begun.url));
  ASSERT_TRUE(finished);
  EXPECT_EQ(finished->errand.purpose, ForeignPurpose::kLink);
  EXPECT_EQ(finished->errand.bound_to, "session:1");
  EXPECT_FALSE(sign_in_->begin({.purpose = ForeignPurpose::kLink}, now_for_test(), interruption_));
  EXPECT_FALSE(
      sign_in_->begin({.return_to = std::string(2000, 'a')}, now_for_test(), interruption_));
}

TEST_F(Away, OurKeyProvesUs) {
  const jose::SigningKey ours{.key = crypto::PrivateKey::generate(crypto::KeyType::kP256),
                              .algorithm = jose::SignatureAlgorithm::kEs256,
                              .id = "ours"};
  ProviderSettings settings = provider_.settings();
  settings.proof = ours;
  EXPECT_EQ(refusal(*made(settings)), "");
  ASSERT_TRUE(provider_.last_request.starts_with("\n"));  // no secret
  const std::string body = provider_.last_request.substr(1);
  const auto assertion = jose::UnverifiedJws::parse(parameter(body, "client_assertion"));
  ASSERT_TRUE(assertion);
  const auto verified = jose::verify_jwt(*assertion, jose::KeySet({ours.verification_key()}),
                                         {.type = "",
                                          .issuer = "wardlock",
                                          .audience = provider_.issuer(),
                                          .now = now_for_test(),
                                          .max_lifetime = seconds(60)});
  ASSERT_TRUE(verified) << verified.error().message;
  EXPECT_EQ(verified->text("sub"), "wardlock");
  EXPECT_GE(verified->text("jti").size(), 43);
}

TEST_F(Away, NewKeysAreFoundAndNobodyMakesUsAskForThem) {
  EXPECT_EQ(refusal(*sign_in_), "");
  EXPECT_EQ(refusal(*sign_in_), "");
  EXPECT_EQ(provider_.asked_keys, 1);
  EXPECT_EQ(provider_.asked_metadata, 1);
  provider_.key.key = crypto::PrivateKey::generate(crypto::KeyType::kP256);
  provider_.key.id = "second";
  provider_.published = {provider_.key};
  EXPECT_NE(refusal(*sign_in_), "");  // a minute has not passed
  EXPECT_EQ(provider_.asked_keys, 1);
  const BegunErrand begun = begin(*sign_in_);
  const std::string query = provider_.sign_in(begun.url);
  EXPECT_TRUE(finish(*sign_in_, begun.cookie, query, seconds(61)));
  EXPECT_EQ(provider_.asked_keys, 2);
  provider_.key.id = "nobody's";
  for (int i = 0; i < 5; ++i) EXPECT_NE(refusal(*sign_in_), "");
  EXPECT_EQ(provider_.asked_keys, 2);
}

TEST_F(Away, AProviderThatIsDownIsToldFromARefusal) {
  EXPECT_EQ(refusal(*sign_in_), "");
  const BegunErrand begun = begin(*sign_in_);
  const std::string query = provider_.sign_in(begun.url);
  provider_.is_down = true;
  EXPECT_EQ(finish(*sign_in_, begun.cookie, query).error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(made()->begin({}, now_for_test(), interruption_).error().code, ErrorCode::kUnavailable);
  // Who waits meanwhile is told at once, and it is asked again soon.
  const auto other = made();
  EXPECT_FALSE(other->begin({}, now_for_test(), interruption_));
  provider_.is_down = false;
  EXPECT_EQ(other->begin({}, now_for_test() + seconds(1), interruption_).error().message,
            "the provider does not answer");
  EXPECT_TRUE(other->begin({}, now_for_test() + seconds(11), interruption_));
  provider_.is_down = true;
  // What was known of it counts for a day.
  EXPECT_TRUE(sign_in_->begin({}, now_for_test() + hours(23), interruption_));
  EXPECT_FALSE(sign_in_->begin({}, now_for_test() + hours(25), interruption_));
}

TEST_F(Away, MetadataAreTheIssuersOwn) {
  const auto with = [&](const char* name, const boost::json::value& value) {
    provider_.metadata = {{name, value}};
    const auto begun = made()->begin({}, now_for_test(), interruption_);
    return begun ? "" : begun.error().message;
  };
  EXPECT_EQ(with("issuer", "https://evil.example"), "the provider's metadata are another issuer's");
  EXPECT_EQ(with("issuer", boost::json::value(provider_.issuer() + "/")),
            "the provider's metadata are another issuer's");
  EXPECT_EQ(with("response_types_supported", {"id_token"}),
            "the provider gives no authorization codes");
  EXPECT_EQ(with("code_challenge_methods_supported", {"plain"}),
            "the provider does not know PKCE with S256");
  for (const char* name : {"authorization_endpoint", "token_endpoint", "jwks_uri"}) {
    for (const boost::json::value& value :
         {boost::json::value(), boost::json::value("javascript:alert(1)"),
          boost::json::value("https://user@evil.example/")}) {
      EXPECT_NE(with(name, value), "") << name;
    }
  }
  EXPECT_EQ(with("code_challenge_methods_supported", {"S256", "plain"}), "");
}

TEST_F(Away, WhereTheMetadataPointIsAskedOnlyWhereItMayBe) {
  provider_.metadata = {{"token_endpoint", "http://169.254.169.254/latest/meta-data"}};
  const auto with = made();
  const auto finished = there_and_back(*with);
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error().code, ErrorCode::kPermissionDenied);
}

}  // namespace
}  // namespace wardlock::authn
