#include "authn/oauth/scope.h"

#include <gtest/gtest.h>

#include "authn/oauth/parameters.h"
#include "authn/oauth/proof_key.h"
#include "authn/oauth/ticket.h"
#include "crypto/random.h"

namespace wardlock::oauth {
namespace {

bool covers(std::string_view allowed, std::string_view asked) {
  return check_scopes({std::string(asked)}, {std::string(allowed)}).has_value();
}

TEST(Scope, OfSmartIsReadInItsParts) {
  const auto scope = read_smart_scope("user/Observation.rs?category=vital-signs");
  ASSERT_TRUE(scope);
  EXPECT_EQ(scope->level, SmartLevel::kUser);
  EXPECT_EQ(scope->resource, "Observation");
  EXPECT_EQ(scope->permissions, "rs");
  EXPECT_EQ(scope->search, "category=vital-signs");
  EXPECT_TRUE(read_smart_scope("system/*.cruds"));
  EXPECT_TRUE(read_smart_scope("patient/Patient.r"));
}

TEST(Scope, OfSmartThatIsMalformedIsRefused) {
  for (const std::string_view text :
       {"user/", "user/Observation", "user/Observation.", "user/Observation.read", "user/*.*",
        "user/Observation.sr", "user/Observation.rr", "user/observation.r", "user/.r",
        "user/Obs-ervation.r", "patient/*.crudsx", "system/Patient.r?", "system/Patient.r?a",
        "user//Patient.r", "user/Patient/r"}) {
    EXPECT_FALSE(read_scopes(text)) << text;
  }
}

TEST(Scope, OfSmartCoversWhatIsLess) {
  EXPECT_TRUE(covers("user/*.cruds", "user/Observation.rs"));
  EXPECT_TRUE(covers("user/Observation.rs", "user/Observation.r"));
  EXPECT_TRUE(covers("user/Observation.rs", "user/Observation.rs?category=x"));
  EXPECT_TRUE(covers("user/Observation.rs?category=x", "user/Observation.r?category=x"));
  for (const auto& [allowed, asked] : std::initializer_list<std::pair<const char*, const char*>>{
           {"user/Observation.rs", "user/Observation.c"},
           {"user/Observation.rs", "user/Patient.r"},
           {"user/Observation.rs", "user/*.r"},
           {"patient/*.rs", "user/Observation.r"},
           {"user/*.rs", "system/Observation.r"},
           {"user/Observation.rs?category=x", "user/Observation.rs"},
           {"user/Observation.rs?category=x", "user/Observation.rs?category=y"},
           {"openid", "profile"},
           {"user/*.rs", "openid"}}) {
    EXPECT_FALSE(covers(allowed, asked)) << allowed << " " << asked;
  }
}

TEST(Scope, ThatIsNoTokenIsRefused) {
  for (const std::string_view text : {"a\"b", "a\\b", "a\tb", "\xC3\xA4"}) {
    EXPECT_FALSE(read_scopes(text)) << text;
  }
  EXPECT_FALSE(read_scopes(std::string(257, 'a')));
  std::string many;
  for (int i = 0; i < 101; ++i) many += "s" + std::to_string(i) + " ";
  EXPECT_FALSE(read_scopes(many));
  EXPECT_EQ(read_scopes("b a b  c").value(), (std::vector<std::string>{"b", "a", "c"}));
}

TEST(Scope, OfWhoIsSignedInAndOfClientsAreKeptApart) {
  EXPECT_FALSE(check_scopes_of_person({"system/Patient.r"}));
  EXPECT_TRUE(check_scopes_of_person({"openid", "user/Patient.r", "api"}));
  for (const char* scope :
       {"openid", "offline_access", "launch/patient", "user/Patient.r", "patient/Patient.r",
        "fhirUser", "iua", "wardlock.admin", "wardlock.break-glass"}) {
    EXPECT_FALSE(check_scopes_of_client({scope})) << scope;
  }
  EXPECT_TRUE(check_scopes_of_client({"system/Patient.r", "api"}));
}

TEST(Parameters, ComeOnce) {
  for (const std::string_view form : {"client_id=a&client_id=a", "state=1&scope=x&state=2",
                                      "code=a&code=", "client_secret=a&client_secret=b"}) {
    EXPECT_FALSE(Parameters::read(form)) << form;
  }
  const auto several = Parameters::read("resource=a&resource=b&audience=c&audience=d");
  ASSERT_TRUE(several);
  EXPECT_EQ(several->all("resource").size(), 2U);
}

TEST(Parameters, HaveASizeThatIsRead) {
  EXPECT_FALSE(Parameters::read("state=" + std::string(Parameters::kMostValueBytes + 1, 'a')));
  EXPECT_TRUE(Parameters::read("token=" + std::string(Parameters::kMostValueBytes + 1, 'a')));
  EXPECT_FALSE(Parameters::read("token=" + std::string(Parameters::kMostBytes, 'a')));
  EXPECT_FALSE(Parameters::read("a=%00"));
  EXPECT_FALSE(Parameters::read("a=%FF"));
}

TEST(Parameters, WithoutAValueAreNotThere) {
  const Parameters parameters = Parameters::read("a=&b=x").value();
  EXPECT_FALSE(parameters.has("a"));
  EXPECT_FALSE(parameters.need("a"));
  EXPECT_EQ(parameters.need("b").value(), "x");
}

TEST(ProofKey, IsS256Alone) {
  constexpr std::string_view kGood = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
  EXPECT_TRUE(check_challenge(kGood, "S256"));
  EXPECT_FALSE(check_challenge(kGood, "plain"));
  EXPECT_FALSE(check_challenge(kGood, "")) << "it would be `plain`";
  EXPECT_FALSE(check_challenge(kGood, "s256"));
  EXPECT_FALSE(check_challenge("", "S256"));
  EXPECT_FALSE(check_challenge("", ""));
  EXPECT_FALSE(check_challenge("short", "S256"));
  EXPECT_FALSE(check_challenge(std::string(43, '+'), "S256"));
}

TEST(ProofKey, FitsItsVerifierAlone) {
  constexpr std::string_view kVerifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
  constexpr std::string_view kChallenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
  EXPECT_TRUE(check_verifier(kVerifier, kChallenge));
  EXPECT_FALSE(check_verifier("", kChallenge));
  EXPECT_FALSE(check_verifier(kChallenge, kChallenge)) << "as `plain` would have it";
  EXPECT_FALSE(check_verifier(kVerifier, ""));
  EXPECT_FALSE(check_verifier(std::string(129, 'a'), kChallenge));
  EXPECT_FALSE(check_verifier("!" + std::string(kVerifier), kChallenge));
}

TEST(Ticket, SaysWhatItIsAndNoTwoAreAlike) {
  const auto random = [](std::span<std::uint8_t> bytes) { crypto::fill_random(bytes); };
  const std::string code = new_ticket(Ticket::kCode, random);
  EXPECT_TRUE(is_ticket(Ticket::kCode, code));
  EXPECT_FALSE(is_ticket(Ticket::kAccessToken, code));
  EXPECT_FALSE(is_ticket(Ticket::kCode, code + "a"));
  EXPECT_NE(code, new_ticket(Ticket::kCode, random));
}

TEST(Ticket, ThatAPersonTypesIsReadHoweverItIsTyped) {
  const auto random = [](std::span<std::uint8_t> bytes) { crypto::fill_random(bytes); };
  const std::string code = new_user_code(random);
  EXPECT_EQ(normal_user_code(code), code);
  EXPECT_EQ(normal_user_code("bcdf ghjk"), "BCDF-GHJK");
  for (const std::string_view typed : {"", "BCDF", "BCDFGHJKL", "ABCDFGHJ", "BCDF_GHJK"}) {
    EXPECT_EQ(normal_user_code(typed), "") << typed;
  }
}

}  // namespace
}  // namespace wardlock::oauth
