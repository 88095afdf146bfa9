#include "server/policy_trust.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "bundle/bundle_for_test.h"
#include "bundle/keys.h"
#include "codec/base64.h"

namespace wardlock::server {
namespace {

class PolicyTrust : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "wardlock-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ + "/" + name) << text;
    return folder_ + "/" + name;
  }
  static std::string pem(char byte) {
    const std::string der = own(byte).spki();
    return "-----BEGIN PUBLIC KEY-----\n" +
           codec::to_base64({reinterpret_cast<const std::uint8_t*>(der.data()), der.size()}) +
           "\n-----END PUBLIC KEY-----\n";
  }
  static std::vector<std::string> ids(const std::vector<crypto::PublicKey>& keys) {
    std::vector<std::string> out;
    for (const crypto::PublicKey& key : keys) out.push_back(bundle::key_id(key));
    return out;
  }
  static std::string id(char byte) { return bundle::key_id(own(byte)); }
  static crypto::PublicKey own(char byte = 'k') { return bundle::fixed_key(byte).public_key(); }

  std::string folder_;
  config::ManagedPolicies settings_;
};

TEST_F(PolicyTrust, IsInTheOwnKeyAlone) {
  const auto trust = read_policy_trust(settings_, own());
  ASSERT_TRUE(trust);
  EXPECT_EQ(ids(trust->keys), std::vector{id('k')});
  EXPECT_TRUE(trust->revoked.empty());
}

TEST_F(PolicyTrust, IsInWhatTheFilesSayNow) {
  settings_.trusted_keys = write("old.pub", pem('a') + pem('b'));
  settings_.revoked_keys = write("bad.pub", pem('b'));
  EXPECT_EQ(ids(read_policy_trust(settings_, own())->keys),
            (std::vector{id('a'), id('b'), id('k')}));
  EXPECT_EQ(ids(read_policy_trust(settings_, own())->revoked), std::vector{id('b')});
  write("bad.pub", pem('a'));
  EXPECT_EQ(ids(read_policy_trust(settings_, own())->revoked), std::vector{id('a')});
}

TEST_F(PolicyTrust, PassesOverNoFileThatIsNamed) {
  settings_.revoked_keys = folder_ + "/missing.pub";
  EXPECT_FALSE(read_policy_trust(settings_, own())) << "keys that are revoked would count";
  settings_.revoked_keys = write("empty.pub", "");
  EXPECT_FALSE(read_policy_trust(settings_, own()));
  settings_.revoked_keys = {};
  settings_.trusted_keys = write("text.pub", "no key");
  EXPECT_FALSE(read_policy_trust(settings_, own()));
}

TEST_F(PolicyTrust, KeepsTheLastBundleBesideTheDatabase) {
  const pap::PolicyPlace place{.tenant = "main", .environment = "production"};
  EXPECT_EQ(last_bundle_path(settings_, "sqlite:/var/lib/w.db", place),
            "/var/lib/w.db.main.production.bundle");
  EXPECT_EQ(last_bundle_path(settings_, "postgresql://db/w", place), "");
  EXPECT_EQ(last_bundle_path(settings_, "nonsense", place), "");
  settings_.last_bundle = "/srv/last";
  EXPECT_EQ(last_bundle_path(settings_, "postgresql://db/w", place), "/srv/last");
}

}  // namespace
}  // namespace wardlock::server
