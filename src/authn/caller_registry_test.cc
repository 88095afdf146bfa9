#include "authn/caller_registry.h"

#include <gtest/gtest.h>

#include "authn/token.h"

namespace wardlock::authn {
namespace {

CallerEntry entry(std::string id, const std::vector<std::string>& tokens,
                  std::vector<std::string> certificates = {}) {
  std::vector<std::string> hashes;
  for (const std::string& token : tokens) hashes.push_back(token_hash(token));
  return {.caller = {.id = std::move(id)},
          .tokens = std::move(hashes),
          .certificates = std::move(certificates)};
}

std::string refusal(const std::vector<CallerEntry>& entries) {
  const auto registry = CallerRegistry::build(entries);
  return registry ? "built" : registry.error().message;
}

std::string id_of(const KnownCaller* caller) { return caller == nullptr ? "-" : caller->caller.id; }

const std::string kFingerprint = "sha256:" + std::string(64, 'a');

TEST(CallerRegistry, FindsByTokenOrCertificate) {
  const auto registry =
      CallerRegistry::build({entry("pump", {"t1", "t2"}, {"dns:Pump-7.ward.example"}),
                             entry("gate", {"t3"}, {kFingerprint, "uri:urn:gate"})});
  ASSERT_TRUE(registry) << registry.error().message;
  EXPECT_EQ(registry->size(), 2);
  EXPECT_EQ(id_of(registry->find_token("t1")), "pump");
  EXPECT_EQ(id_of(registry->find_token("t2")), "pump");
  EXPECT_EQ(id_of(registry->find_token("t3")), "gate");
  EXPECT_EQ(id_of(registry->find("gate")), "gate");
  const auto by = [&](const std::string& fingerprint, const std::vector<std::string>& names) {
    return id_of(registry->find_certificate(fingerprint, names));
  };
  EXPECT_EQ(by(kFingerprint, {}), "gate");
  EXPECT_EQ(by("sha256:0", {"dns:other", "dns:pump-7.WARD.example"}), "pump");
  EXPECT_EQ(by(kFingerprint, {"uri:urn:gate"}), "gate");
}

TEST(CallerRegistry, FindsByTheClientOfItsTenant) {
  CallerEntry north = entry("gate", {});
  north.tenant = 0;
  north.clients = {"gw", "gw-2"};
  CallerEntry south = entry("pump", {});
  south.tenant = 1;
  south.clients = {"gw"};
  const auto registry = CallerRegistry::build({north, south});
  ASSERT_TRUE(registry) << registry.error().message;
  EXPECT_EQ(id_of(registry->find_client(0, "gw")), "gate");
  EXPECT_EQ(id_of(registry->find_client(0, "gw-2")), "gate");
  EXPECT_EQ(id_of(registry->find_client(1, "gw")), "pump");
  EXPECT_EQ(id_of(registry->find_client(1, "gw-2")), "-");
  EXPECT_EQ(id_of(registry->find_client(2, "gw")), "-");
  EXPECT_EQ(id_of(registry->find_client(0, "")), "-");
  EXPECT_EQ(id_of(registry->find_token("gw")), "-");
}

TEST(CallerRegistry, AClientIsOneCallersOfATenant) {
  CallerEntry first = entry("a", {});
  first.tenant = 0;
  first.clients = {"gw"};
  CallerEntry second = first;
  second.caller.id = "b";
  EXPECT_EQ(refusal({first, second}), "callers `a` and `b` have the same client `gw`");
  second.tenant = 1;
  EXPECT_EQ(refusal({first, second}), "built");
  second.tenant = std::nullopt;
  EXPECT_NE(refusal({second}).find("clients are a tenant's"), std::string::npos);
}

TEST(CallerRegistry, KnowsNobodyElse) {
  const auto registry = CallerRegistry::build(
      {entry("pump", {"t1"}, {"dns:pump"}), entry("gate", {}, {kFingerprint})});
  ASSERT_TRUE(registry);
  EXPECT_EQ(id_of(registry->find_token("")), "-");
  EXPECT_EQ(id_of(registry->find_token("t")), "-");
  EXPECT_EQ(id_of(registry->find_token(token_hash("t1"))), "-");  // the hash is no token
  EXPECT_EQ(id_of(registry->find("Pump")), "-");
  const auto by = [&](const std::string& fingerprint, const std::vector<std::string>& names) {
    return id_of(registry->find_certificate(fingerprint, names));
  };
  EXPECT_EQ(by("", {}), "-");
  EXPECT_EQ(by("sha256:0", {"uri:pump", "dns:pump.evil"}), "-");
  // One certificate that stands for two callers stands for none.
  EXPECT_EQ(by(kFingerprint, {"dns:pump"}), "-");
  EXPECT_EQ(id_of(CallerRegistry().find_token("t1")), "-");
}

TEST(CallerRegistry, ACredentialIsOneCallersOnly) {
  EXPECT_EQ(refusal({entry("a", {"t"}), entry("b", {"t"})}),
            "callers `a` and `b` have the same token");
  EXPECT_EQ(refusal({entry("a", {"t", "t"})}), "callers `a` and `a` have the same token");
  EXPECT_EQ(refusal({entry("a", {}, {"dns:x"}), entry("b", {}, {"dns:X"})}),
            "callers `a` and `b` have the same certificate `dns:X`");
  EXPECT_EQ(refusal({entry("a", {"t"}), entry("a", {"u"})}), "caller `a` comes twice");
}

TEST(CallerRegistry, RefusesWhatIsMalformed) {
  EXPECT_EQ(refusal({entry("", {"t"})}), "a caller has no id");
  EXPECT_NE(refusal({entry("a", {})}).find("neither"), std::string::npos);
  CallerEntry plain = entry("a", {});
  plain.tokens = {"wlk_secret"};
  EXPECT_NE(refusal({plain}).find("wardlock token new"), std::string::npos);
  EXPECT_EQ(refusal({plain}).find("wlk_secret"), std::string::npos);
  for (const char* name :
       {"", "dns:", "uri:", "pump", "DNS:pump", "dns:*.ward.example", "email:a", "sha256:abc"}) {
    EXPECT_NE(refusal({entry("a", {}, {name})}).find("is no certificate"), std::string::npos)
        << name;
  }
  const std::string both = refusal({entry("a", {}), entry("b", {}, {"x"})});
  EXPECT_NE(both.find('\n'), std::string::npos) << both;
}

TEST(CallerRegistry, ALimitGoesOnUnlessItsQuotaChanges) {
  CallerEntry limited = entry("a", {"t"});
  limited.quota = Quota{.rate = 1, .burst = 1};
  const auto first = CallerRegistry::build({limited});
  EXPECT_FALSE(first->find("a")->limit->take(1, 1'000'000'000));
  const auto second = CallerRegistry::build({limited}, &*first);
  EXPECT_TRUE(second->find("a")->limit->take(1, 1'000'000'000));
  limited.quota->burst = 2;
  const auto third = CallerRegistry::build({limited}, &*second);
  EXPECT_FALSE(third->find("a")->limit->take(1, 1'000'000'000));
}

}  // namespace
}  // namespace wardlock::authn
