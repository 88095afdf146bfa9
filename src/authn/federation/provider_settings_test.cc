#include "authn/federation/provider_settings.h"

#include <gtest/gtest.h>

#include "authn/federation/provider_metadata.h"

namespace wardlock::authn {
namespace {

ProviderSettings good() {
  ProviderSettings settings;
  settings.name = "hospital";
  settings.issuer = "https://login.st-mary.example/realm";
  settings.client_id = "wardlock";
  settings.proof = Secret("secret");
  settings.redirect_uri = "https://wardlock.example/sign-in/with/hospital";
  return settings;
}

TEST(Provider, IsCheckedBeforeItIsAsked) {
  EXPECT_TRUE(check_provider(good()));
  const auto is_refused = [](const auto& change) {
    ProviderSettings settings = good();
    change(settings);
    return !check_provider(settings);
  };
  for (const char* name : {"", "Hospital", "a b", "../x"}) {
    EXPECT_TRUE(is_refused([&](auto& settings) { settings.name = name; })) << name;
  }
  for (const char* url :
       {"", "login.st-mary.example", "http://login.st-mary.example",
        "http://127.0.0.1.evil.example", "http://localhost.evil.example", "https://a@b.example",
        "https://login.st-mary.example?x", "https://login.st-mary.example#x"}) {
    EXPECT_TRUE(is_refused([&](auto& settings) { settings.issuer = url; })) << url;
  }
  for (const char* url :
       {"http://127.0.0.1", "http://127.0.0.1:8080/x", "http://localhost:1", "http://[::1]:8080"}) {
    EXPECT_FALSE(is_refused([&](auto& settings) { settings.issuer = url; })) << url;
  }
  EXPECT_TRUE(is_refused([](auto& settings) { settings.redirect_uri = "http://w.example/"; }));
  EXPECT_TRUE(is_refused([](auto& settings) { settings.client_id = ""; }));
  EXPECT_TRUE(is_refused([](auto& settings) { settings.client_id = "a\nb"; }));
  EXPECT_TRUE(is_refused([](auto& settings) { settings.scopes = {"profile"}; }));
  EXPECT_TRUE(is_refused([](auto& settings) { settings.scopes = {"openid", "a b"}; }));
  EXPECT_TRUE(is_refused([](auto& settings) { settings.acr_values = {""}; }));
}

TEST(Provider, KnowsUsBySomething) {
  ProviderSettings settings = good();
  EXPECT_TRUE(check_proof(settings));
  settings.proof = Secret();
  EXPECT_FALSE(check_proof(settings));
}

TEST(Level, IsTheHighestThatTheTableHas) {
  const AssuranceTable table{
      .by_acr = {{"mfa", AssuranceLevel::kAal2}},
      .by_methods = {{.methods = {"hwk", "pin"}, .level = AssuranceLevel::kAal3},
                     {.methods = {}, .level = AssuranceLevel::kAal3}}};
  EXPECT_EQ(level_by(table, "mfa", {}), AssuranceLevel::kAal2);
  EXPECT_EQ(level_by(table, "mfa", {"pin", "x", "hwk"}), AssuranceLevel::kAal3);
  EXPECT_EQ(level_by(table, "", {"hwk"}), AssuranceLevel::kAal1);
  EXPECT_EQ(level_by({}, "http://idmanagement.gov/ns/assurance/aal/3", {"mfa"}),
            AssuranceLevel::kAal1);
}

TEST(MetadataAddress, FollowsTheIssuer) {
  EXPECT_EQ(metadata_address("https://a.example"),
            "https://a.example/.well-known/openid-configuration");
  EXPECT_EQ(metadata_address("https://a.example/"),
            "https://a.example/.well-known/openid-configuration");
  EXPECT_EQ(metadata_address("https://a.example/realm"),
            "https://a.example/realm/.well-known/openid-configuration");
}

TEST(Metadata, OfAnIssuerOverTlsAreOverTls) {
  const std::string with =
      R"({"issuer":"https://a.example","authorization_endpoint":"https://a.example/a",
"token_endpoint":"http://a.example/t","jwks_uri":"https://a.example/j"})";
  EXPECT_EQ(ProviderMetadata::parse(with, "https://a.example").error().message,
            "the provider's `token_endpoint` is not over TLS");
  for (const char* text :
       {"", "[]", "{}", "{\"issuer\":1}", "{\"issuer\":\"https://a.example\"}"}) {
    EXPECT_FALSE(ProviderMetadata::parse(text, "https://a.example")) << text;
  }
  EXPECT_FALSE(ProviderMetadata::parse(std::string(300'000, ' '), "https://a.example"));
}

}  // namespace
}  // namespace wardlock::authn
