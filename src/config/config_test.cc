#include "config/config.h"

#include <gtest/gtest.h>

#include <fstream>
#include <functional>

#include "authn/token.h"
#include "config/description.h"
#include "config/setting.h"

namespace wardlock::config {
namespace {

const std::string kLeast = "listeners: [{address: '127.0.0.1:8180'}]\npolicies: rules\n";

/// Every finding as `line:column message`.
std::vector<std::string> findings(const std::string& text) {
  const auto config = parse_config(text, "/etc/wardlock");
  std::vector<std::string> out;
  if (config) return out;
  for (const Diagnostic& diagnostic : config.error()) {
    const Position place = position_at(text, diagnostic.span.begin);
    out.push_back(std::to_string(place.line) + ":" + std::to_string(place.column) + " " +
                  diagnostic.message);
  }
  return out;
}

/// What is wrong when this is added to a configuration that is sound.
std::string fault(const std::string& more) {
  const auto found = findings(kLeast + more);
  return found.empty() ? "sound" : found.front();
}

Config sound(const std::string& more) {
  auto config = parse_config(kLeast + more, "/etc/wardlock");
  EXPECT_TRUE(config) << (config ? "" : config.error().front().message);
  return config ? *std::move(config) : Config();
}

using Found = std::vector<std::string>;

TEST(Config, HasADefaultForWhatIsNotGiven) {
  const Config config = sound("");
  ASSERT_EQ(config.server.listeners.size(), 1);
  EXPECT_EQ(config.server.listeners[0].port, 8180);
  EXPECT_FALSE(config.server.listeners[0].tls);
  ASSERT_EQ(config.tenants.size(), 1);
  EXPECT_EQ(config.tenants[0].name, "");
  EXPECT_EQ(config.tenants[0].policies, "/etc/wardlock/rules");
  EXPECT_EQ(config.tenants[0].entities, "");
  EXPECT_EQ(config.reload.interval, std::chrono::seconds(2));
  EXPECT_EQ(config.server.limits.max_body_bytes, 1 << 20);
  EXPECT_EQ(config.server.drain_timeout, std::chrono::seconds(10));
  EXPECT_EQ(config.max_batch, 100);
  EXPECT_EQ(config.decision_steps, cedar::StepBudget::kDefault);
  EXPECT_FALSE(config.anonymous);
  EXPECT_FALSE(config.is_lenient);
  EXPECT_TRUE(config.callers.empty());
}

TEST(Config, TheTablesDefaultsAreThoseOfItsTypes) {
  const Config config = sound("");
  const Config plain;
  EXPECT_EQ(config.server.header_timeout, plain.server.header_timeout);
  EXPECT_EQ(config.server.body_timeout, plain.server.body_timeout);
  EXPECT_EQ(config.server.idle_timeout, plain.server.idle_timeout);
  EXPECT_EQ(config.server.write_timeout, plain.server.write_timeout);
  EXPECT_EQ(config.server.drain_timeout, plain.server.drain_timeout);
  EXPECT_EQ(config.server.max_connections, plain.server.max_connections);
  EXPECT_EQ(config.server.max_peer_connections, plain.server.max_peer_connections);
  EXPECT_EQ(config.server.handshake_timeout, plain.server.handshake_timeout);
  EXPECT_EQ(config.server.limits.max_header_bytes, plain.server.limits.max_header_bytes);
  EXPECT_EQ(config.failed_authentications, plain.failed_authentications);
  EXPECT_EQ(config.reload.max_staleness, plain.reload.max_staleness);
  EXPECT_EQ(config.max_batch, plain.max_batch);
  EXPECT_EQ(config.decision_steps, plain.decision_steps);
}

TEST(Config, ReadsACaller) {
  const std::string hash = authn::token_hash("x");
  const Config config = sound("callers:\n- id: gate\n  tokens: [\"" + hash + R"("]
  certificates: ["dns:gate.example"]
  scope: {types: [User], actions: ["*"], attributes: [User.level, "User in Role", "User tags"]}
  rights: [explain, metrics]
  quota: {rate: 5, burst: 200}
)");
  ASSERT_EQ(config.callers.size(), 1);
  const authn::CallerEntry& entry = config.callers[0];
  EXPECT_EQ(entry.caller.id, "gate");
  EXPECT_EQ(entry.tenant, 0);
  EXPECT_EQ(entry.tokens, Found{hash});
  EXPECT_TRUE(entry.caller.scope.types.contains("User"));
  EXPECT_FALSE(entry.caller.scope.types.contains("Pump"));
  EXPECT_TRUE(entry.caller.scope.actions.is_all());
  EXPECT_FALSE(entry.caller.scope.attributes.contains("context.rate"));
  EXPECT_TRUE(entry.caller.scope.attributes.contains("User in Role"));
  EXPECT_TRUE(entry.caller.may_explain && entry.may_read_metrics);
  EXPECT_FALSE(entry.caller.may_attest || entry.caller.may_override);
  EXPECT_EQ(entry.quota, (authn::Quota{.rate = 5, .burst = 200}));
}

TEST(Config, EachRightToTheAuditLogIsItsOwn) {
  const Config config = sound(R"(
callers:
- {id: a, certificates: ['dns:a'], rights: [audit]}
- {id: d, certificates: ['dns:d'], rights: [disclose]}
- {id: e, certificates: ['dns:e'], rights: [erase]}
- {id: h, certificates: ['dns:h'], rights: [hold]}
)");
  for (const authn::CallerEntry& caller : config.callers) {
    const std::string& id = caller.caller.id;
    EXPECT_EQ(caller.may_read_audit, id == "a") << id;
    EXPECT_EQ(caller.audit.may_disclose, id == "d") << id;
    EXPECT_EQ(caller.audit.may_erase, id == "e") << id;
    EXPECT_EQ(caller.audit.may_hold, id == "h") << id;
  }
}

TEST(Config, ACallerWithoutAScopeMayAskNothing) {
  const Config config = sound("callers: [{id: p, certificates: ['dns:p'], rights: [metrics]}]");
  EXPECT_FALSE(config.callers.at(0).caller.scope.types.contains("User"));
  EXPECT_FALSE(config.callers.at(0).quota);
}

TEST(Config, ACallerMayBeMadeToShowTokens) {
  constexpr std::string_view kTail = "directory: {database: 'sqlite:d.db'}\nauthentication: {}\n";
  const std::string callers =
      "callers: [{id: p, certificates: ['dns:p'], requires_subject_token: true},"
      " {id: q, certificates: ['dns:q']}]\n";
  const Config config = sound(callers + std::string(kTail));
  EXPECT_TRUE(config.callers.at(0).caller.must_show_token);
  EXPECT_FALSE(config.callers.at(1).caller.must_show_token);
  EXPECT_NE(fault(callers).find("nobody has a token to show"), std::string::npos);
}

TEST(Config, ACallerMayBeAClient) {
  constexpr std::string_view kTail = "directory: {database: 'sqlite:d.db'}\nauthentication: {}\n";
  const std::string callers = "callers: [{id: p, clients: [gw, 'gw-2']}]\n";
  const Config config = sound(callers + std::string(kTail));
  EXPECT_EQ(config.callers.at(0).clients, (std::vector<std::string>{"gw", "gw-2"}));
  EXPECT_NE(fault(callers).find("no client has a token"), std::string::npos);
  EXPECT_NE(
      fault("callers: [{id: p, clients: ['a b']}]\n" + std::string(kTail)).find("the id of a"),
      std::string::npos);
  EXPECT_NE(fault("callers: [{id: p}]\n").find("neither"), std::string::npos);
}

TEST(Config, ReadsTenants) {
  const auto config = parse_config(R"(
listeners: [{address: "0.0.0.0:8443", tls: {certificate: c.pem, key: /k.pem, min_version: "1.3"}}]
callers: [{id: operator, certificates: ["dns:o"], rights: [metrics]}]
tenants:
  st-mary: {policies: a, callers: [{id: gate, certificates: ["dns:g"]}]}
  city: {policies: b, schema: s.cedarschema, entities: ../e.json}
)",
                                   "/etc/wardlock");
  ASSERT_TRUE(config);
  ASSERT_EQ(config->tenants.size(), 2);
  EXPECT_EQ(config->tenants[1].name, "city");
  EXPECT_EQ(config->tenants[1].entities, "/etc/e.json");
  EXPECT_EQ(config->callers[0].tenant, std::nullopt);
  EXPECT_EQ(config->callers[1].tenant, 0);
  EXPECT_EQ(config->server.listeners[0].tls->certificate, "/etc/wardlock/c.pem");
  EXPECT_EQ(config->server.listeners[0].tls->key, "/k.pem");
  EXPECT_FALSE(config->server.listeners[0].tls->allows_tls12);
}

TEST(Config, ReadsHowLongRecordsAreKept) {
  const auto audit = [](const std::string& retention) {
    return *sound("audit: {directory: d" + retention + "}").audit;
  };
  EXPECT_EQ(audit("").retention_years_otherwise, 0) << "all are kept";
  EXPECT_EQ(audit(", retention: {}").retention_years_otherwise, 0);
  const Audit one = audit(", retention: {research: 25y}");
  EXPECT_EQ(one.retention_years_otherwise, 6);
  EXPECT_EQ(one.retention_years.at("research"), 25);
  const Audit both = audit(", retention: {otherwise: 10y, care: 6y}");
  EXPECT_EQ(both.retention_years_otherwise, 10);
  EXPECT_EQ(both.retention_years.size(), 1U);
  for (const char* refused : {"5y", "6", "100y", "6 y", "72m", "-6y", "06y", "6.5y"}) {
    EXPECT_TRUE(fault(std::string("audit: {directory: d, retention: {care: ") + refused + "}}")
                    .contains("must be years, from `6y` to `99y`"))
        << refused;
  }
}

TEST(Config, FindsAllThatIsWrongAtOnce) {
  EXPECT_EQ(findings("listners: 1\npolicies: 2\nlimits:\n  batch: many\n  body: 1GB\n"),
            (Found{"1:1 there is no setting `listners` here; did you mean `listeners`?",
                   "1:1 `listeners` is missing here",
                   "4:10 `batch` must be a whole number from 1 to 10000",
                   "5:9 `body` must be a number of bytes, e.g. `4096`, `16KiB` or `1MiB`"}));
}

TEST(Config, RefusesWhatIsNoSetting) {
  EXPECT_EQ(fault("tenant: x"), "3:1 there is no setting `tenant` here; did you mean `tenants`?");
  EXPECT_EQ(fault("x: y"), "3:1 there is no setting `x` here");
  EXPECT_EQ(fault("log: {formt: json}"),
            "3:7 there is no setting `formt` here; did you mean `format`?");
  EXPECT_EQ(fault("log: []"), "3:6 this must be settings, each as `name: value`");
  EXPECT_EQ(fault("log:"), "3:1 `log` has no value; give one, or leave it out");
  EXPECT_EQ(fault("log: {}\nlog: {}"), "4:1 `log` is given twice");
}

TEST(Config, RefusesValuesOfTheWrongKind) {
  EXPECT_EQ(fault("threads: '2'"), "3:10 `threads` must be a whole number from 0 to 256");
  EXPECT_EQ(fault("threads: -1"), "3:10 `threads` must be a whole number from 0 to 256");
  EXPECT_EQ(fault("threads: 1.5"), "3:10 `threads` must be a whole number from 0 to 256");
  EXPECT_EQ(fault("log: {requests: yes}"), "3:17 `requests` must be `true` or `false`");
  EXPECT_EQ(fault("log: {requests: 'true'}"), "3:17 `requests` must be `true` or `false`");
  EXPECT_EQ(fault("log: {format: xml}"), "3:15 `format` must be one of `json`, `text`");
  EXPECT_EQ(fault("allowed_hosts: a"), "3:16 `allowed_hosts` must be a list");
  EXPECT_NE(fault("allowed_hosts: ['a/b']").find("a host name"), std::string::npos);
  EXPECT_NE(fault("allowed_hosts: ['']").find("must be text"), std::string::npos);
  EXPECT_NE(fault("public_url: https://a/b").find("without a path"), std::string::npos);
  EXPECT_NE(fault("reload: {interval: 2}").find("e.g. `2s`"), std::string::npos);
  EXPECT_NE(fault("reload: {interval: 1ms}").find("from 50 to"), std::string::npos);
  EXPECT_NE(fault("entities: [a]").find("the path of a file"), std::string::npos);
  EXPECT_NE(fault("types: {user: 7up}").find("a Cedar entity type"), std::string::npos);
  EXPECT_NE(fault("types: {a: User, b: User}"), "sound");
  EXPECT_NE(fault("public_url: 'https://" + std::string(100'000, 'a') + "'"), "sound");
}

TEST(Config, RefusesListenersThatWouldBeUnsafe) {
  const auto listener = [](const std::string& text) {
    const auto found = findings("policies: rules\nlisteners: [" + text + "]");
    return found.empty() ? "sound" : found.front();
  };
  EXPECT_EQ(listener("{address: '127.0.0.1:1'}"), "sound");
  EXPECT_NE(listener("{address: '0.0.0.0:1'}").find("loopback"), std::string::npos);
  EXPECT_EQ(listener("{address: '0.0.0.0:1', tls: {certificate: a, key: b}}"), "sound");
  EXPECT_NE(listener("{address: '0.0.0.0:1', tls: {certificate: a}}").find("`key` is missing"),
            std::string::npos);
  EXPECT_NE(listener("{address: '999.0.0.0:1', tls: {certificate: a, key: b}}").find("no"),
            std::string::npos);
  EXPECT_NE(listener("{address: x, tls: {certificate: a, key: b, min_version: 1.1}}"), "sound");
  EXPECT_NE(listener("{address: '[::1]:1', tls: {certificate: a, key: b, "
                     "require_client_certificate: true}}")
                .find("needs `client_ca`"),
            std::string::npos);
  EXPECT_EQ(listener(""), "2:1 there must be a listener");
}

TEST(Config, RefusesTenantsThatMix) {
  const std::string listeners = "listeners: [{address: '127.0.0.1:1'}]\n";
  EXPECT_EQ(findings(listeners), Found{"1:1 give one of `policies`, `tenants`"});
  EXPECT_EQ(findings(listeners + "policies: a\ntenants: {x: {policies: b}}"),
            Found{"1:1 give one of `policies`, `tenants`, not several"});
  EXPECT_EQ(findings(listeners + "tenants: {}"), Found{"2:1 there must be a tenant"});
  EXPECT_EQ(findings(listeners + "tenants: {x: {}}"), Found{"2:14 `policies` is missing here"});
  EXPECT_EQ(findings(listeners + "entities: e\ntenants: {x: {policies: b}}"),
            Found{"2:1 `entities` belongs into each of `tenants`, where there are any"});
  for (const char* name : {"Mary", "a/b", "..", "-a", "'a b'", "a_b", "\u00e4"}) {
    const auto found = findings(listeners + "tenants: {" + name + ": {policies: b}}");
    ASSERT_EQ(found.size(), 1) << name;
    EXPECT_NE(found[0].find("lowercase letters"), std::string::npos) << found[0];
  }
}

TEST(Config, RefusesCallersThatAreNotClear) {
  const std::string hash = authn::token_hash("x");
  const std::string good = "{id: a, tokens: ['" + hash + "']}";
  EXPECT_EQ(fault("callers: [" + good + "]"), "sound");
  EXPECT_EQ(fault("callers:\n- " + good + "\n- {id: b, tokens: ['" + hash + "']}"),
            "5:3 callers `a` and `b` have the same token");
  EXPECT_NE(fault("callers: [{id: a}]").find("neither"), std::string::npos);
  EXPECT_NE(fault("callers: [{tokens: ['" + hash + "']}]").find("`id` is missing"),
            std::string::npos);
  EXPECT_NE(fault("callers: [{id: 'a b', tokens: ['" + hash + "']}]").find("`id` must be"),
            std::string::npos);
  const std::string token = fault("callers: [{id: a, tokens: [wlk_secret]}]");
  EXPECT_NE(token.find("wardlock token new"), std::string::npos);
  EXPECT_EQ(token.find("wlk_secret"), std::string::npos);
  EXPECT_NE(fault("callers: [{id: a, certificates: ['dns:*.x']}]").find("must be"),
            std::string::npos);
  EXPECT_NE(fault("callers: [{id: a, certificates: ['dns:x'], rights: [all]}]").find("one of"),
            std::string::npos);
  EXPECT_NE(fault("callers: [{id: a, certificates: ['dns:x'], scope: {types: ['*']}}]")
                .find("`actions` is missing"),
            std::string::npos);
  EXPECT_NE(fault("callers: [{id: a, certificates: ['dns:x'], quota: {rate: 9, burst: 99}}]")
                .find("can't hold a batch of 100"),
            std::string::npos);
  for (const char* attribute : {"level", "User in", "User in Role in Ward", "User of Role"}) {
    EXPECT_NE(fault("callers: [{id: a, certificates: ['dns:x'], scope: {types: ['*'], actions: "
                    "['*'], attributes: ['" +
                    std::string(attribute) + "']}}]")
                  .find("must be"),
              std::string::npos)
        << attribute;
  }
  EXPECT_NE(findings("listeners: [{address: '127.0.0.1:1'}]\ntenants: {x: {policies: p}}\n"
                     "callers: [{id: a, certificates: ['dns:x'], scope: {types: [], actions: [], "
                     "attributes: []}}]")
                .at(0)
                .find("asks nothing"),
            std::string::npos);
}

TEST(Config, TellsWhatARunningServerCannotTakeOver) {
  const Config before = sound("callers: [{id: a, certificates: ['dns:x']}]");
  EXPECT_EQ(changes_beyond_callers(before, sound("")), Found{});
  EXPECT_EQ(changes_beyond_callers(before, sound("threads: 2\nentities: e")),
            (Found{"entities", "threads"}));
  EXPECT_TRUE(has_same_tenants(before, sound("")));
}

TEST(Config, OfSeveralTenantsThoseNamedAreTrusted) {
  const std::string two =
      "listeners: [{address: '127.0.0.1:1'}]\ntenants: {x: {policies: p}, y: {policies: p}}\n";
  const auto read = [](const std::string& text) {
    const auto config = parse_config(text, "/etc");
    EXPECT_TRUE(config);
    return config ? config->audit->trusted_tenants : std::nullopt;
  };
  EXPECT_EQ(read(two + "audit: {directory: d}"), std::vector<std::string>()) << "nobody else";
  EXPECT_EQ(read(two + "audit: {directory: d, trusted_tenants: [y]}"),
            std::vector<std::string>{"y"});
  EXPECT_EQ(sound("audit: {directory: d}").audit->trusted_tenants, std::nullopt);
  EXPECT_EQ(findings(two + "audit: {directory: d, trusted_tenants: [x, z]}"),
            Found{"3:44 there is no tenant `z`"});
  EXPECT_EQ(fault("audit: {directory: d, trusted_tenants: [z]}"), "3:41 there is no tenant `z`");
}

/// The audit section with these witnesses.
std::string witnessed(const std::string& witnesses) {
  return "audit:\n  directory: log\n  witnesses: [" + witnesses + "]\n";
}

/// What a witness signs with.
std::string witness_key(std::uint8_t seed, merkle::SignatureType type) {
  const std::array<std::uint8_t, 32> bytes{seed};
  return merkle::SignerKey::from_seed("witness.example/w1", type, bytes)->verifier().text();
}

TEST(Config, ReadsWitnesses) {
  const std::string key = witness_key(1, merkle::SignatureType::kEd25519Cosignature);
  const Config config =
      sound(witnessed("{name: w1, url: 'https://w.example/1', key: '" + key + "', ca: ca.pem}"));
  ASSERT_EQ(config.audit->witnesses.size(), 1U);
  const audit::Witness& witness = config.audit->witnesses[0];
  EXPECT_EQ(witness.name, "w1");
  EXPECT_EQ(witness.url, "https://w.example/1");
  EXPECT_EQ(witness.key->text(), key);
  EXPECT_EQ(witness.ca, "/etc/wardlock/ca.pem");
  EXPECT_EQ(config.audit->witness_interval, std::chrono::minutes(1));
}

TEST(Config, RefusesWitnessesThatAreNotClear) {
  const auto witness = [](const std::string& name, const std::string& url, const std::string& key) {
    return "{name: " + name + ", url: '" + url + "', key: '" + key + "'}";
  };
  const std::string url = "https://w.example";
  const std::string key = witness_key(1, merkle::SignatureType::kEd25519Cosignature);
  const std::string other = witness_key(2, merkle::SignatureType::kEd25519Cosignature);
  const auto has = [&](const std::string& witnesses, std::string_view words) {
    const std::string said = fault(witnessed(witnesses));
    EXPECT_TRUE(said.contains(words)) << said;
  };
  has(witness("w1", url, key), "sound");
  has(witness("w1", url, key) + ", " + witness("w2", url, other), "sound");
  has(witness("w1", url, key) + ", " + witness("w1", url, other), "two witnesses are called `w1`");
  has(witness("w1", url, key) + ", " + witness("w2", url, key), "the key of the witness `w1`");
  has(witness("w1", url, witness_key(1, merkle::SignatureType::kEd25519)), "no cosignatures");
  has(witness("w1", url, "key"), "5:");
  has(witness("w 1", url, key), "`name` must be");
  has(witness("w1", "ftp://w.example", key), "`url` must be");
  has("{name: w1, url: '" + url + "'}", "`key` is missing");
}

TEST(Config, IsShownWithEveryDefaultAndNoSecret) {
  const std::string hash = authn::token_hash("x");
  const Config config =
      sound("types: {'a: b': User}\ncallers: [{id: a, tokens: ['" + hash + "']}]");
  const codec::Json json = shown(config.document);
  const std::string text = to_yaml_text(json);
  EXPECT_EQ(text.find(hash), std::string::npos);
  EXPECT_NE(text.find(hash.substr(0, 15)), std::string::npos);
  EXPECT_NE(text.find("interval: \"2s\""), std::string::npos) << text;
  // Read again it is the same, but for the secret.
  std::string again = text;
  again.replace(again.find(hash.substr(0, 15)), 15 + std::string("…").size(), hash);
  const auto reread = parse_config(again, "/");
  ASSERT_TRUE(reread) << again << reread.error().front().message;
  EXPECT_EQ(reread->document, config.document);
}

TEST(Config, TheDirectoryIsInAFileOrInPostgresql) {
  EXPECT_FALSE(sound("").directory);
  const Config file = sound("directory: {database: 'sqlite:data/directory.db', keep_changes: 2d}");
  ASSERT_TRUE(file.directory);
  EXPECT_EQ(file.directory->database, "sqlite:/etc/wardlock/data/directory.db");
  EXPECT_EQ(file.directory->keep_changes, std::chrono::days(2));
  const Config shared =
      sound("directory: {database: 'postgresql://db/wardlock?sslmode=verify-full'}");
  EXPECT_EQ(shared.directory->database, "postgresql://db/wardlock?sslmode=verify-full");
  EXPECT_EQ(shared.directory->keep_changes, std::chrono::days(30));
  EXPECT_EQ(sound("administration: {policies: own}").administration_policies, "/etc/wardlock/own");
}

TEST(Config, TheDirectoryIsNamedWithoutItsPassword) {
  EXPECT_TRUE(fault("directory: {}").contains("database"));
  for (const char* url : {"mysql://db/x", "sqlite:", "directory.db", "postgresql:db"}) {
    EXPECT_TRUE(fault(std::string("directory: {database: '") + url + "'}").contains("sqlite:PATH"))
        << url;
  }
  for (const char* url :
       {"postgresql://me:secret@db/x", "postgres://db/x?user=me&password=secret"}) {
    const std::string found = fault(std::string("directory: {database: '") + url + "'}");
    EXPECT_TRUE(found.contains("passfile")) << found;
    EXPECT_FALSE(found.contains("secret")) << found;
  }
  EXPECT_TRUE(
      fault("directory: {database: 'sqlite:x', keep_changes: 5m}").contains("keep_changes"));
}

TEST(Config, SecretsAreSealedUnderNamedKeys) {
  const auto keys = [](const std::string& list) {
    return sound("directory: {database: 'sqlite:x.db', secret_keys: " + list + "}")
        .directory->secret_keys;
  };
  const auto beside = keys("[]");
  ASSERT_EQ(beside.size(), 1U);
  EXPECT_EQ(std::get<secrets::KeyFile>(beside[0]).path, "/etc/wardlock/x.db.key");
  EXPECT_TRUE(sound("directory: {database: 'postgresql://db/w'}").directory->secret_keys.empty());
  const auto three = keys(
      "[{variable: NEW_KEY}, {file: old.key}, {file: hsm.key, module: /lib/p11.so, token: ward, "
      "key: main, pin_file: pin}]");
  ASSERT_EQ(three.size(), 3U);
  EXPECT_EQ(std::get<secrets::KeyVariable>(three[0]).name, "NEW_KEY");
  EXPECT_EQ(std::get<secrets::KeyFile>(three[1]).path, "/etc/wardlock/old.key");
  const auto& token = std::get<secrets::KeyToken>(three[2]);
  EXPECT_EQ(token.path + token.module + token.token + token.key + token.pin_file,
            "/etc/wardlock/hsm.key/lib/p11.sowardmain/etc/wardlock/pin");
}

TEST(Config, AKeyForSecretsIsInOnePlace) {
  for (const char* key :
       {"{}", "{file: a, variable: B}", "{variable: B, token: ward}", "{file: a, token: ward}",
        "{file: a, module: m, token: t, key: k}", "{module: m, token: t, key: k, pin_file: p}"}) {
    const std::string found =
        fault(std::string("directory: {database: 'sqlite:x', secret_keys: [") + key + "]}");
    EXPECT_TRUE(found.contains("a key is in a `file` or in a `variable`") ||
                found.contains("a token's key needs"))
        << found;
  }
  EXPECT_TRUE(fault("directory: {database: 'sqlite:x', secret_keys: [{variable: 'A B'}]}")
                  .contains("environment variable"));
}

TEST(Setting, DurationsAndSizes) {
  EXPECT_EQ(parse_duration("250ms"), std::chrono::milliseconds(250));
  EXPECT_EQ(parse_duration("2h"), std::chrono::hours(2));
  EXPECT_EQ(parse_duration("30d"), std::chrono::days(30));
  EXPECT_EQ(parse_size("64KiB"), 65536);
  EXPECT_EQ(parse_size("7"), 7);
  for (const char* text : {"", "s", "2", "2 s", "-1s", "+1s", "1.5s", "2S", "2D", "1ms1s",
                           "9223372036854775807h", "99999999999999999999s"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
  for (const char* text : {"", "KiB", "1KB", "1 KiB", "-1", "1kib", "9223372036854775807MiB"}) {
    EXPECT_FALSE(parse_size(text)) << text;
  }
}

/// Visits every setting, however deep.
void visit(std::span<const Setting> settings, const std::function<void(const Setting&)>& use) {
  for (const Setting& setting : settings) {
    use(setting);
    visit(setting.settings, use);
  }
}

TEST(Setting, TheTableIsWhole) {
  visit(all_settings(), [](const Setting& setting) {
    EXPECT_FALSE(setting.about.empty()) << setting.name;
    EXPECT_FALSE(setting.about.ends_with('.')) << setting.name;
    EXPECT_EQ(setting.pattern == nullptr, setting.form == nullptr) << setting.name;
    EXPECT_FALSE(setting.is_required && !setting.fallback.empty()) << setting.name;
    const bool has_settings = setting.kind == Kind::kSection || setting.kind == Kind::kSections ||
                              setting.kind == Kind::kNamed || setting.kind == Kind::kPathOrSection;
    EXPECT_EQ(has_settings, !setting.settings.empty()) << setting.name;
  });
}

TEST(Description, TheDocumentIsUpToDate) {
  std::ifstream file(WARDLOCK_SOURCE_DIR "/docs/configuration.md");
  const std::string text(std::istreambuf_iterator<char>(file), {});
  EXPECT_NE(text.find("\n" + reference()), std::string::npos) << "run ./dev docs";
}

TEST(Description, TheSchemaAndTheReferenceNameEverySetting) {
  const std::string schema = codec::to_json_text(json_schema());
  const std::string table = reference();
  visit(all_settings(), [&](const Setting& setting) {
    EXPECT_NE(schema.find("\"" + std::string(setting.name) + "\":{"), std::string::npos)
        << setting.name;
    EXPECT_NE(table.find(setting.about), std::string::npos) << setting.name;
  });
  EXPECT_NE(table.find("| `callers[].scope.types` | list of texts | **required** |"),
            std::string::npos);
}

}  // namespace
}  // namespace wardlock::config
