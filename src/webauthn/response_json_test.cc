#include "webauthn/response_json.h"

#include <gtest/gtest.h>

#include "codec/json.h"
#include "webauthn/options.h"

namespace wardlock::webauthn {
namespace {

constexpr std::string_view kAssertion =
    R"({"id":"aWQ","rawId":"aWQ","type":"public-key","authenticatorAttachment":"platform",)"
    R"("response":{"clientDataJSON":"e30","authenticatorData":"ZGF0YQ","signature":"c2ln",)"
    R"("userHandle":"dXNlcg"},"clientExtensionResults":{}})";
constexpr std::string_view kRegistration =
    R"({"id":"aWQ","rawId":"aWQ","type":"public-key","response":{"clientDataJSON":"e30",)"
    R"("attestationObject":"oA","transports":["usb"],"publicKey":null},"clientExtensionResults":{}})";

std::string changed(std::string_view text, std::string_view from, std::string_view to) {
  std::string all(text);
  const std::size_t at = all.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return all.replace(at, from.size(), to);
}

TEST(ResponseJson, ReadsWhatBrowsersSend) {
  const auto assertion = read_assertion_json(kAssertion);
  ASSERT_TRUE(assertion) << assertion.error().message;
  EXPECT_EQ(assertion->credential_id, "id");
  EXPECT_EQ(assertion->client_data_json, "{}");
  EXPECT_EQ(assertion->authenticator_data, "data");
  EXPECT_EQ(assertion->signature, "sig");
  EXPECT_EQ(assertion->user_handle, "user");
  EXPECT_EQ(assertion->response().user_handle, "user");
  const auto registration = read_registration_json(kRegistration);
  ASSERT_TRUE(registration) << registration.error().message;
  EXPECT_EQ(registration->attestation_object, "\xA0");
  for (const char* none : {R"("signature":"c2ln","userHandle":null)", R"("signature":"c2ln")"}) {
    const auto without = read_assertion_json(
        changed(kAssertion, R"("signature":"c2ln","userHandle":"dXNlcg")", none));
    ASSERT_TRUE(without);
    EXPECT_FALSE(without->user_handle);
  }
}

TEST(ResponseJson, TakesNothingElse) {
  const std::pair<std::string_view, std::string_view> spoilt[] = {
      {R"("type":"public-key",)", ""},
      {R"("public-key")", R"("password")"},
      {R"("public-key")", "1"},
      {R"("rawId":"aWQ",)", ""},
      {R"("rawId":"aWQ")", R"("rawId":"aWQ=")"},
      {R"("rawId":"aWQ")", R"("rawId":"")"},
      {R"("rawId":"aWQ")", R"("rawId":"eA")"},
      {R"("id":"aWQ")", R"("id":7)"},
      {R"("clientDataJSON":"e30",)", ""},
      {R"("clientDataJSON":"e30")", R"("clientDataJSON":"e 30")"},
      {R"("clientDataJSON":"e30")", R"("clientDataJSON":{})"},
      {R"("signature":"c2ln",)", ""},
      {R"("authenticatorData":"ZGF0YQ",)", ""},
      {R"("userHandle":"dXNlcg")", R"("userHandle":"+")"},
      {R"("userHandle":"dXNlcg")", R"("userHandle":7)"},
      {R"("response":{)", R"("response":[{)"},
      {R"(,"clientExtensionResults":{}})", ""},
  };
  for (const auto& [from, to] : spoilt) {
    const auto read = read_assertion_json(changed(kAssertion, from, to));
    EXPECT_FALSE(read) << from << " as " << to;
    if (!read) {
      EXPECT_EQ(read.error().step, Step::kForm);
    }
  }
  for (const char* other : {"", "null", "[]", "{}", "\"x\""}) {
    EXPECT_FALSE(read_assertion_json(other)) << other;
    EXPECT_FALSE(read_registration_json(other)) << other;
  }
  EXPECT_FALSE(read_registration_json(kAssertion));
  EXPECT_FALSE(read_assertion_json(kRegistration));
  EXPECT_FALSE(read_assertion_json(std::string(64 * 1024, ' ') + std::string(kAssertion)));
}

TEST(OptionsJson, SaysWhatABrowserIsAsked) {
  const RelyingParty party{.id = "example.org", .origins = {}, .top_origins = {}};
  AuthenticatorRules rules;
  const std::vector<std::string> known = {"id"};
  const std::string text =
      creation_options_json({.party = party,
                             .party_name = "St. \"Mary\"",
                             .user = {.handle = "user", .name = "grey", .display_name = "Ada Grey"},
                             .challenge = "\xFF\xFE",
                             .rules = rules,
                             .known_ids = known});
  EXPECT_EQ(text, R"({"rp":{"id":"example.org","name":"St. \"Mary\""},)"
                  R"("user":{"id":"dXNlcg","name":"grey","displayName":"Ada Grey"},)"
                  R"("challenge":"__4","pubKeyCredParams":[{"type":"public-key","alg":-7},)"
                  R"({"type":"public-key","alg":-8},{"type":"public-key","alg":-35},)"
                  R"({"type":"public-key","alg":-257}],"timeout":300000,)"
                  R"("excludeCredentials":[{"type":"public-key","id":"aWQ"}],)"
                  R"("authenticatorSelection":{"residentKey":"required","requireResidentKey":true,)"
                  R"("userVerification":"required"},"attestation":"none"})");
  rules.aaguids = {Aaguid{}};
  rules.demands_user_verification = false;
  const std::string other = creation_options_json({.party = party,
                                                   .party_name = "x",
                                                   .user = {},
                                                   .challenge = "x",
                                                   .rules = rules,
                                                   .known_ids = {}});
  EXPECT_TRUE(other.contains(R"("attestation":"direct")"));
  EXPECT_TRUE(other.contains(R"("userVerification":"preferred")"));
  EXPECT_EQ(request_options_json({.party = party, .challenge = "\xFF\xFE", .ids = known}),
            R"({"challenge":"__4","timeout":300000,"rpId":"example.org",)"
            R"("allowCredentials":[{"type":"public-key","id":"aWQ"}],)"
            R"("userVerification":"required"})");
}

}  // namespace
}  // namespace wardlock::webauthn
