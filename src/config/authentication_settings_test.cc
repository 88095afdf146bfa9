#include "config/authentication_settings.h"

#include <gtest/gtest.h>

#include <string>

#include "config/config.h"

namespace wardlock::config {
namespace {

constexpr std::string_view kBase =
    "listeners: [{address: '127.0.0.1:8180'}]\n"
    "policies: p\n"
    "directory: {database: 'sqlite:d.db'}\n";

Parsed<Config> parsed(std::string_view authentication, std::string_view base = kBase) {
  return parse_config(std::string(base) + "authentication: " + std::string(authentication),
                      "/etc/wardlock");
}

Authentication sound(std::string_view authentication) {
  const auto config = parsed(authentication);
  EXPECT_TRUE(config) << config.error().front().message;
  return config ? *config->authentication : Authentication();
}

std::string fault(std::string_view authentication, std::string_view base = kBase) {
  const auto config = parsed(authentication, base);
  return config ? "" : config.error().front().message;
}

TEST(AuthenticationSettings, HaveDefaults) {
  const Authentication none = sound("{}");
  EXPECT_EQ(none.party.id, "localhost");
  EXPECT_EQ(none.party.origins, std::vector<std::string>{"http://localhost:8180"});
  EXPECT_EQ(none.passwords.min_length_alone, 15U);
  EXPECT_EQ(none.cost, crypto::Argon2idCost());
  EXPECT_EQ(none.sessions.environments.size(), 3U);
  EXPECT_EQ(none.environment_of("10.0.0.1"), "remote");
  EXPECT_EQ(none.hashing_threads, 1U);
}

TEST(AuthenticationSettings, TakeThePartyFromThePublicUrl) {
  const auto config = parsed("{}", std::string(kBase) + "public_url: https://login.example:8443\n");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->authentication->party.id, "login.example");
  EXPECT_EQ(config->authentication->party.origins,
            std::vector<std::string>{"https://login.example:8443"});
}

TEST(AuthenticationSettings, TellWhereSomebodySitsByTheLongestNetwork) {
  const Authentication given = sound(
      "{environments: {office: {networks: [10.0.0.0/8]}, bedside: {networks: [10.20.0.0/16]}, "
      "theatre: {networks: ['2001:db8::/32'], idle: 5m, overall: 4h, locks: true}}}");
  EXPECT_EQ(given.environment_of("10.20.3.4"), "bedside");
  EXPECT_EQ(given.environment_of("10.21.3.4"), "office");
  EXPECT_EQ(given.environment_of("2001:db8::1"), "theatre");
  EXPECT_EQ(given.environment_of("192.0.2.1"), "remote");
  EXPECT_EQ(given.environment_of("nonsense"), "remote");
  const auto* theatre = authn::find_environment(given.sessions, "theatre");
  ASSERT_NE(theatre, nullptr);
  EXPECT_EQ(theatre->limits.idle, std::chrono::minutes(5));
  EXPECT_TRUE(theatre->locks);
}

TEST(AuthenticationSettings, KeepWhatAnEnvironmentDoesNotSay) {
  const Authentication given = sound("{environments: {bedside: {idle: 5m}}}");
  const auto* bedside = authn::find_environment(given.sessions, "bedside");
  const auto* usual = authn::find_environment(authn::SessionSettings(), "bedside");
  EXPECT_EQ(bedside->limits.idle, std::chrono::minutes(5));
  EXPECT_EQ(bedside->limits.overall, usual->limits.overall);
  EXPECT_EQ(bedside->locks, usual->locks);
}

TEST(AuthenticationSettings, FindBlockListsBesideTheFile) {
  EXPECT_EQ(sound("{password: {block_lists: [words.txt, /srv/x.txt]}}").block_lists,
            (std::vector<std::string>{"/etc/wardlock/words.txt", "/srv/x.txt"}));
}

TEST(AuthenticationSettings, NeedADirectory) {
  EXPECT_NE(
      fault("{}", "listeners: [{address: '127.0.0.1:8180'}]\npolicies: p\n").find("directory"),
      std::string::npos);
}

TEST(AuthenticationSettings, NeedAKeyForSecrets) {
  EXPECT_NE(fault("{}",
                  "listeners: [{address: '127.0.0.1:8180'}]\npolicies: p\n"
                  "directory: {database: 'postgresql://db/x'}\n")
                .find("secret_keys"),
            std::string::npos);
}

TEST(AuthenticationSettings, RefuseWhatCannotBe) {
  for (const char* refused :
       {"{otherwise: nowhere}",
        "{environments: {ward: {}}}",
        "{environments: {ward: {idle: 5m}}}",
        "{environments: {office: {networks: [10.0.0.1/8]}}}",
        "{environments: {office: {networks: [10.0.0.0/8]}, bedside: {networks: [10.0.0.0/8]}}}",
        "{environments: {office: {idle: 2h}}}",
        "{environments: {office: {overall: 2d}}}",
        "{environments: {Ward: {idle: 5m, overall: 1h}}}",
        "{attestation: {required: true}}",
        "{password: {min_length: 14}}",
        "{password: {min_length_with_second_factor: 7}}",
        "{password: {passes: 1, memory: 19MiB}}",
        "{password: {memory: 12MiB}}",
        "{relying_party: {id: other.example}}",
        "{relying_party: {id: st-mary.example, origins: ['https://evil-st-mary.example']}}",
        "{relying_party: {name: 'a:b'}}",
        "{sessions: {too_many: both}}",
        "{hashing: {threads: 0}}",
        "{without_database: {for: 2d}}",
        "{unknown: 1}"}) {
    EXPECT_NE(fault(refused), "") << refused;
  }
}

TEST(AuthenticationSettings, TakePagesOfASubdomain) {
  const Authentication given =
      sound("{relying_party: {id: st-mary.example, origins: ['https://login.st-mary.example']}}");
  EXPECT_EQ(given.party.id, "st-mary.example");
}

TEST(AuthenticationSettings, SayWhomOthersAddressesMayNameAndWhoMayNot) {
  const Authentication none = sound("{}");
  EXPECT_TRUE(none.egress.origins.empty() && none.egress.networks.empty());
  const Authentication given =
      sound("{egress: {origins: ['https://app.example'], networks: [10.0.0.0/8], timeout: 3s}}");
  EXPECT_EQ(given.egress.origins, std::vector<std::string>{"https://app.example"});
  EXPECT_EQ(given.egress.networks.size(), 1U);
  EXPECT_EQ(given.egress.timeout, std::chrono::seconds(3));
  EXPECT_NE(fault("{egress: {origins: ['https://app.example:443']}}"), "");
  EXPECT_NE(fault("{egress: {origins: ['ftp://app.example']}}"), "");
  EXPECT_NE(fault("{egress: {networks: [10.0.0.1/8]}}").find("is no network"), std::string::npos);
}

constexpr std::string_view kAsking =
    "listeners: [{address: '127.0.0.1:8443', tls: {certificate: c, key: k, client_ca: a}}]\n"
    "policies: p\n"
    "public_url: https://id.example\n"
    "directory: {database: 'sqlite:d.db'}\n";

TEST(AuthenticationSettings, SayWhichCardsCount) {
  const auto none = parsed("{}", kAsking);
  ASSERT_TRUE(none);
  EXPECT_FALSE(none->authentication->cards);
  const auto given = parsed(
      "{cards: {anchors: a.pem, crl_files: [a.crl], realm: '@st-mary.example', grace: 8h, "
      "url: 'https://id.example:8444'}}",
      kAsking);
  ASSERT_TRUE(given) << given.error().front().message;
  const Cards& cards = *given->authentication->cards;
  EXPECT_EQ(cards.anchors, "/etc/wardlock/a.pem");
  EXPECT_EQ(cards.revocation.crl_files, std::vector<std::string>{"/etc/wardlock/a.crl"});
  EXPECT_EQ(cards.revocation.grace, std::chrono::hours(8));
  EXPECT_EQ(cards.rules.name, authn::CertificateName::kPrincipal);
  EXPECT_EQ(cards.rules.usages, authn::CertificateRules().usages);
  EXPECT_EQ(cards.rules.card_policies, authn::CertificateRules().card_policies);
  EXPECT_EQ(cards.attribute, "userName");
}

TEST(AuthenticationSettings, RefuseCardsThatNobodyCouldTell) {
  const auto wrong = [](std::string_view cards, std::string_view base = kAsking) {
    return fault("{cards: {anchors: a.pem, " + std::string(cards) + "}}", base);
  };
  EXPECT_EQ(wrong("crl_files: [a.crl]"), "");
  EXPECT_NE(wrong("crl_files: [a.crl]", kBase).find("no listener asks"), std::string::npos);
  EXPECT_NE(wrong("name: upn").find("nothing says whether"), std::string::npos);
  EXPECT_NE(wrong("ocsp: true").find("nobody may be asked"), std::string::npos);
  EXPECT_NE(wrong("crl_files: [a.crl], name: uuid, realm: '@a.example'").find("have a realm"),
            std::string::npos);
  EXPECT_NE(wrong("crl_files: [a.crl], url: 'https://other.example'").find("of the host"),
            std::string::npos);
  EXPECT_NE(wrong("crl_files: [a.crl], name: cn"), "");
  EXPECT_NE(wrong("crl_files: [a.crl], policies: [piv]"), "");
}

constexpr std::string_view kPublic =
    "listeners: [{address: '127.0.0.1:8180'}]\n"
    "public_url: https://id.st-mary.example\n"
    "policies: p\n"
    "directory: {database: 'sqlite:d.db'}\n";

TEST(SoftwareIssuers, AreReadWithTheirKeys) {
  EXPECT_TRUE(sound("{}").software_issuers.empty());
  const Authentication given =
      sound("{software_issuers: {store: {issuer: 'https://store.example', keys: store.json}}}");
  ASSERT_EQ(given.software_issuers.size(), 1U);
  EXPECT_EQ(given.software_issuers[0].issuer, "https://store.example");
  EXPECT_EQ(given.software_issuers[0].keys, "/etc/wardlock/store.json");
}

TEST(SoftwareIssuers, AreNamedWholeAndOnce) {
  for (const char* store : {"{issuer: 'https://store.example'}", "{keys: store.json}",
                            "{issuer: 'two words', keys: store.json}"}) {
    EXPECT_NE(fault("{software_issuers: {store: " + std::string(store) + "}}"), "") << store;
  }
  const std::string one = "{issuer: 'https://store.example', keys: store.json}";
  EXPECT_TRUE(fault("{software_issuers: {a: " + one + ", b: " + one + "}}").contains("twice"));
}

/// One provider, with `more` of its settings.
std::string with_provider(std::string_view more,
                          std::string_view origins = "https://login.st-mary.example") {
  return "{egress: {origins: ['" + std::string(origins) +
         "']}, providers: {hospital: {label: St. Mary, client_id: wardlock, secret_file: s.txt, " +
         std::string(more) + "}}}";
}
constexpr std::string_view kIssuer = "issuer: 'https://login.st-mary.example/realm'";

TEST(Providers, AreReadWhole) {
  const auto config =
      parsed(with_provider(std::string(kIssuer) +
                           ", scopes: [openid, profile], acr_values: [loa2], "
                           "acr: {loa2: aal2, loa3: aal3}, amr: {otp  pwd: aal2}, max_age: 1h, "
                           "rsa_algorithm: PS256, linked_by: administrators"),
             kPublic);
  ASSERT_TRUE(config) << config.error().front().message;
  ASSERT_EQ(config->authentication->providers.size(), 1U);
  const ForeignProvider& provider = config->authentication->providers.front();
  EXPECT_EQ(provider.label, "St. Mary");
  EXPECT_EQ(provider.secret_file, "/etc/wardlock/s.txt");
  EXPECT_FALSE(provider.may_be_linked_by_people);
  const authn::ProviderSettings& settings = provider.settings;
  EXPECT_EQ(settings.name, "hospital");
  EXPECT_EQ(settings.issuer, "https://login.st-mary.example/realm");
  EXPECT_EQ(settings.redirect_uri, "https://id.st-mary.example/sign-in/with/hospital");
  EXPECT_EQ(settings.scopes, (std::vector<std::string>{"openid", "profile"}));
  EXPECT_EQ(settings.max_age, std::chrono::hours(1));
  EXPECT_EQ(settings.rsa_algorithm, jose::SignatureAlgorithm::kPs256);
  using enum authn::AssuranceLevel;
  EXPECT_EQ(authn::level_by(settings.assurance, "loa3", {}), kAal3);
  EXPECT_EQ(authn::level_by(settings.assurance, "", {"pwd", "otp"}), kAal2);
  EXPECT_EQ(authn::level_by(settings.assurance, "", {"pwd"}), kAal1);
}

TEST(Providers, KnowNothingThatIsNotSaid) {
  const auto config = parsed(with_provider(kIssuer), kPublic);
  ASSERT_TRUE(config) << config.error().front().message;
  const ForeignProvider& provider = config->authentication->providers.front();
  EXPECT_TRUE(provider.may_be_linked_by_people);
  EXPECT_EQ(provider.settings.scopes, std::vector<std::string>{"openid"});
  EXPECT_EQ(provider.settings.max_age, std::chrono::hours(12)) << "it must say when";
  EXPECT_EQ(authn::level_by(provider.settings.assurance, "loa3", {"mfa"}),
            authn::AssuranceLevel::kAal1);
  EXPECT_TRUE(sound("{}").providers.empty());
}

TEST(Providers, AreOnlyThoseThatMayBeAskedAndComeBackFrom) {
  EXPECT_EQ(fault(with_provider(kIssuer)),
            "people come back from it to `public_url`, which must be set");
  EXPECT_EQ(fault(with_provider(kIssuer, "https://other.example"), kPublic),
            "it may not be asked: `authentication.egress.origins` does not name its origin");
  EXPECT_NE(fault(with_provider("issuer: 'http://login.st-mary.example'"), kPublic), "");
  EXPECT_NE(fault(with_provider(std::string(kIssuer) + ", scopes: [profile]"), kPublic), "");
  EXPECT_NE(fault(with_provider(std::string(kIssuer) + ", acr: {loa2: high}"), kPublic), "");
  EXPECT_NE(fault(with_provider(std::string(kIssuer) + ", linked_by: anybody"), kPublic), "");
  EXPECT_NE(fault(with_provider(std::string(kIssuer) + ", tenant: nowhere"), kPublic), "");
  EXPECT_NE(fault(with_provider("scopes: [openid]"), kPublic), "") << "no issuer";
}

TEST(Providers, AreOfOneOfSeveralTenants) {
  constexpr std::string_view kTwo =
      "listeners: [{address: '127.0.0.1:8180'}]\n"
      "public_url: https://id.example\n"
      "tenants: {st-mary: {policies: p}, city: {policies: q}}\n"
      "directory: {database: 'sqlite:d.db'}\n";
  EXPECT_EQ(fault(with_provider(kIssuer), kTwo), "`tenant` is missing: there are several");
  const auto config = parsed(with_provider(std::string(kIssuer) + ", tenant: city"), kTwo);
  ASSERT_TRUE(config) << config.error().front().message;
  const authn::ProviderSettings& settings = config->authentication->providers.front().settings;
  EXPECT_EQ(settings.tenant, "city");
  EXPECT_EQ(settings.redirect_uri, "https://id.example/city/sign-in/with/hospital");
}

}  // namespace
}  // namespace wardlock::config
