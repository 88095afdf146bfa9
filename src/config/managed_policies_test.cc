#include "config/managed_policies.h"

#include <gtest/gtest.h>

#include "config/config.h"
#include "config/description.h"

namespace wardlock::config {
namespace {

const std::string kListener = "listeners: [{address: '127.0.0.1:8180'}]\n";
const std::string kDirectory = "directory: {database: 'sqlite:d.db'}\n";
const std::string kManagedByFile = "{key: {file: signer.pem}, initial: rules}";

std::string with(const std::string& managed, const std::string& more = kDirectory) {
  return kListener + "policies: {managed: " + managed + "}\n" + more;
}

Config sound(const std::string& text) {
  auto config = parse_config(text, "/etc/wardlock");
  EXPECT_TRUE(config) << (config ? "" : config.error().front().message);
  return config ? *std::move(config) : Config();
}

std::string fault(const std::string& text) {
  const auto config = parse_config(text, "/etc/wardlock");
  if (config) return "sound";
  std::string all;
  for (const Diagnostic& each : config.error()) all += each.message + "\n";
  return all;
}

TEST(ManagedPolicySettings, HaveDefaults) {
  const Config config = sound(with(kManagedByFile));
  ASSERT_TRUE(config.tenants.at(0).managed);
  const ManagedPolicies& managed = *config.tenants[0].managed;
  EXPECT_EQ(managed.environment, "production");
  EXPECT_EQ(managed.key, "/etc/wardlock/signer.pem");
  EXPECT_EQ(managed.initial, "/etc/wardlock/rules");
  EXPECT_EQ(managed.lifetime, std::chrono::hours(24 * 365));
  EXPECT_EQ(managed.approve_within, std::chrono::hours(24));
  EXPECT_EQ(managed.node_grace, std::chrono::minutes(2));
  EXPECT_EQ(managed.node_silence, std::chrono::minutes(10));
  EXPECT_EQ(config.tenants[0].policies, managed.initial);
  EXPECT_TRUE(managed.trusted_keys.empty());
  EXPECT_TRUE(managed.revoked_keys.empty());
  EXPECT_TRUE(managed.last_bundle.empty());
}

TEST(ManagedPolicySettings, NameKeysAndWhatIsKeptOnTheNode) {
  const Config config =
      sound(with("{key: {file: signer.pem}, initial: rules, trusted_keys: old.pub, "
                 "revoked_keys: bad.pub, last_bundle: /var/lib/last}"));
  const ManagedPolicies& managed = config.tenants.at(0).managed.value();
  EXPECT_EQ(managed.trusted_keys, "/etc/wardlock/old.pub");
  EXPECT_EQ(managed.revoked_keys, "/etc/wardlock/bad.pub");
  EXPECT_EQ(managed.last_bundle, "/var/lib/last");
}

TEST(ManagedPolicySettings, MayFollowAFolder) {
  const std::string id = "0193a2f0-5c1e-7b3a-9d44-2f7c8e1b6a05";
  const std::string begin = "{key: {file: a}, initial: r, source: {";
  EXPECT_FALSE(sound(with(kManagedByFile)).tenants.at(0).managed->source);
  const Config usual = sound(with(begin + "folder: tree, service: " + id + "}}"));
  const auto& source = usual.tenants.at(0).managed->source;
  ASSERT_TRUE(source);
  EXPECT_EQ(source->folder, "/etc/wardlock/tree");
  EXPECT_EQ(source->service, id);
  EXPECT_EQ(source->interval, std::chrono::seconds(10));
  const Config slow =
      sound(with(begin + "folder: /t, service: " + id + ", interval_seconds: 60}}"));
  EXPECT_EQ(slow.tenants.at(0).managed->source->interval, std::chrono::minutes(1));
  EXPECT_EQ(fault(with(begin + "folder: tree}}")), "`service` is missing here\n");
  EXPECT_EQ(fault(with(begin + "service: " + id + "}}")), "`folder` is missing here\n");
  EXPECT_NE(fault(with(begin + "folder: tree, service: git}}")).find("the id of a service"),
            std::string::npos);
  EXPECT_NE(fault(with(begin + "folder: t, service: " + id + ", interval_seconds: 0}}"))
                .find("from 1 to 3600"),
            std::string::npos);
}

TEST(ManagedPolicySettings, AreEachTenantsOwn) {
  const Config config = sound(kListener + kDirectory + R"(
tenants:
  city: {policies: {managed: {environment: test, key: {pkcs11: 'pkcs11:token=T;object=k?module-path=/m.so&pin-source=/pin'},
                              initial: /rules, lifetime_days: 30, approve_within_hours: 2,
                              node_grace_seconds: 300, node_silence_minutes: 60}}}
  town: {policies: files}
)");
  ASSERT_EQ(config.tenants.size(), 2);
  const ManagedPolicies& managed = config.tenants[0].managed.value();
  EXPECT_EQ(managed.environment, "test");
  EXPECT_EQ(managed.key, "pkcs11:token=T;object=k?module-path=/m.so&pin-source=/pin");
  EXPECT_EQ(managed.lifetime, std::chrono::hours(24 * 30));
  EXPECT_EQ(managed.approve_within, std::chrono::hours(2));
  EXPECT_EQ(managed.node_grace, std::chrono::minutes(5));
  EXPECT_EQ(managed.node_silence, std::chrono::hours(1));
  EXPECT_FALSE(config.tenants[1].managed);
  EXPECT_EQ(config.tenants[1].policies, "/etc/wardlock/files");
}

TEST(ManagedPolicySettings, AreRefusedWhereTheyCannotBe) {
  const std::string both = "{key: {file: a, pkcs11: 'pkcs11:token=T'}, initial: r}";
  EXPECT_NE(fault(with(both)).find("give one of them"), std::string::npos);
  EXPECT_NE(fault(with("{key: {}, initial: r}")).find("give one of them"), std::string::npos);
  EXPECT_EQ(fault(with("{initial: r}")), "`key` is missing here\n");
  EXPECT_EQ(fault(with("{key: {file: a}}")), "`initial` is missing here\n");
  EXPECT_NE(fault(with("{key: {pkcs11: 'pkcs11:token=T'}, initial: r}")), "sound");
  EXPECT_NE(fault(with("{key: {pkcs11: signer.pem}, initial: r}")).find("a PKCS#11 URI"),
            std::string::npos);
  EXPECT_NE(fault(with("{key: {file: a}, initial: r, node_grace_seconds: 4}")).find("from 5 to"),
            std::string::npos);
  EXPECT_NE(fault(with("{key: {file: a}, initial: r, node_silence_minutes: 0}")).find("from 1 to"),
            std::string::npos);
  EXPECT_NE(fault(with("{key: {file: a}, initial: r, lifetime_days: 0}")).find("from 1 to 3660"),
            std::string::npos);
  EXPECT_NE(fault(with("{key: {file: a}, initial: r, environment: Live}")).find("lowercase"),
            std::string::npos);
  EXPECT_NE(fault(with(kManagedByFile, "")).find("there is none"), std::string::npos);
  EXPECT_NE(fault(with(kManagedByFile, kDirectory + "schema: s\n")).find("schema with them"),
            std::string::npos);
  EXPECT_EQ(fault(kListener + "policies: {}\n"), "`managed` is missing here\n");
  EXPECT_NE(fault(kListener + "policies: {manage: x}\n").find("there is no setting `manage`"),
            std::string::npos);
  EXPECT_EQ(fault(kListener + "policies: [a]\n"),
            "`policies` must be the path of a file or folder\n");
}

TEST(ManagedPolicySettings, AreShown) {
  const Config config = sound(with(kManagedByFile));
  EXPECT_NE(to_yaml_text(shown(config.document)).find("initial: \"/etc/wardlock/rules\""),
            std::string::npos);
}

}  // namespace
}  // namespace wardlock::config
