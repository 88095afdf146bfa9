#include "server/foreign_providers.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

#include "authn/federation/provider_for_test.h"
#include "net/query_string.h"

namespace wardlock::server {
namespace {

using account::ProviderRefusal;
using authn::parameter;

std::int64_t now_ms() { return authn::now_for_test().time_since_epoch().count() * 1000; }

class ForeignProvidersTest : public testing::Test {
 protected:
  ForeignProvidersTest() { keep_secret("our secret\nand what nobody reads", 0600); }
  ~ForeignProvidersTest() override { std::filesystem::remove(secret_file_); }

  void keep_secret(const std::string& text, mode_t mode) {
    std::ofstream(secret_file_, std::ios::binary) << text;
    ASSERT_EQ(::chmod(secret_file_.c_str(), mode), 0);
  }
  config::ForeignProvider setting(const std::string& name = "hospital",
                                  const std::string& tenant = "") const {
    config::ForeignProvider setting{
        .settings = hospital_.settings(), .label = "St. Mary", .secret_file = secret_file_};
    setting.settings.proof = Secret();
    setting.settings.name = name;
    setting.settings.tenant = tenant;
    return setting;
  }
  Result<std::unique_ptr<ForeignProviders>> open(std::vector<config::ForeignProvider> settings) {
    settings_ = std::move(settings);
    const std::string issuer = hospital_.issuer();
    return ForeignProviders::open(
        settings_, {.origins = {issuer}, .networks = {*net::IpNetwork::parse("127.0.0.0/8")}}, key_,
        log_);
  }
  std::unique_ptr<ForeignProviders> opened() { return open({setting()}).value(); }
  static auto finish(ForeignProviders& with, std::string_view cookie, std::string_view query,
                     std::string_view from = "192.0.2.1") {
    return with.finish("main", "hospital", cookie, query, from, now_ms());
  }

  const std::string secret_file_ =
      (std::filesystem::temp_directory_path() / ("provider-secret-" + std::to_string(::getpid())))
          .string();
  authn::ProviderForTest hospital_;
  const crypto::SymmetricKey key_ = crypto::SymmetricKey::random();
  Log log_{config::Log{.level = config::LogLevel::kError}};
  std::vector<config::ForeignProvider> settings_;
};

TEST_F(ForeignProvidersTest, SendSomebodyThereAndKnowThemWhenTheyComeBack) {
  const auto with = opened();
  const auto begun = with->begin("main", "hospital", {.return_to = "r-1"}, now_ms());
  ASSERT_TRUE(begun);
  EXPECT_TRUE(begun->url.starts_with(hospital_.issuer()));
  const auto back = finish(*with, begun->cookie.reveal(), hospital_.sign_in(begun->url));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->identity.issuer, hospital_.issuer());
  EXPECT_EQ(back->identity.subject, "grey-1");
  EXPECT_EQ(back->errand.return_to, "r-1");
  EXPECT_TRUE(hospital_.last_request.starts_with("Basic d2FyZGxvY2s6b3VyJTIwc2VjcmV0\n"))
      << "the first line is the secret";
}

TEST_F(ForeignProvidersTest, AnotherNodeFinishesWhatOneBegan) {
  const auto one = opened();
  const auto other = opened();
  const auto begun = one->begin("main", "hospital", {}, now_ms());
  EXPECT_TRUE(finish(*other, begun->cookie.reveal(), hospital_.sign_in(begun->url)));
}

TEST_F(ForeignProvidersTest, AreOneTenantsEach) {
  const auto with = open({setting("a", "st-mary"), setting("b", "city"), setting("c", "city")});
  ASSERT_TRUE(with) << with.error().message;
  ASSERT_EQ((*with)->of("city").size(), 2U);
  EXPECT_EQ((*with)->of("city").front().name, "b");
  EXPECT_EQ((*with)->of("city").front().label, "St. Mary");
  EXPECT_TRUE((*with)->of("main").empty());
  EXPECT_EQ((*with)->begin("city", "a", {}, now_ms()).error(), ProviderRefusal::kUnknown);
  EXPECT_EQ((*with)->finish("city", "a", "x", "code=1", "192.0.2.1", now_ms()).error(),
            ProviderRefusal::kUnknown);
}

TEST_F(ForeignProvidersTest, WithoutASecretOfOnesOwnNothingIsServed) {
  keep_secret("our secret", 0644);
  EXPECT_EQ(open({setting()}).error().code, ErrorCode::kFailedPrecondition) << "others may read it";
  keep_secret("\n", 0600);
  EXPECT_FALSE(open({setting()})) << "it is empty";
  std::filesystem::remove(secret_file_);
  EXPECT_EQ(open({setting()}).error().code, ErrorCode::kNotFound);
}

TEST_F(ForeignProvidersTest, ToldApartAreRefusalsFaultsAndWhatIsNotOurs) {
  const auto with = opened();
  EXPECT_EQ(finish(*with, "nonsense", "code=1").error(), ProviderRefusal::kNotOurs);
  const auto begun = with->begin("main", "hospital", {}, now_ms());
  const std::string iss = "&iss=" + net::percent_encoded(hospital_.issuer());
  const std::string state = "&state=" + parameter(begun->url, "state");
  EXPECT_EQ(finish(*with, begun->cookie.reveal(), "error=access_denied" + state + iss, "192.0.2.2")
                .error(),
            ProviderRefusal::kRefused);
  const std::string query = hospital_.sign_in(begun->url);
  hospital_.is_down = true;
  EXPECT_EQ(finish(*with, begun->cookie.reveal(), query, "192.0.2.3").error(),
            ProviderRefusal::kDown);
  EXPECT_EQ(opened()->begin("main", "hospital", {}, now_ms()).error(), ProviderRefusal::kDown);
}

TEST_F(ForeignProvidersTest, WhereMetadataLeadElsewhereNobodyIsAsked) {
  hospital_.metadata = {{"token_endpoint", "http://169.254.169.254/latest/meta-data"}};
  const auto with = opened();
  const auto begun = with->begin("main", "hospital", {}, now_ms());
  EXPECT_EQ(finish(*with, begun->cookie.reveal(), hospital_.sign_in(begun->url)).error(),
            ProviderRefusal::kDown);
}

TEST_F(ForeignProvidersTest, AnswersInVainAreSlowedDownForTheirSourceAlone) {
  const auto with = opened();
  for (int i = 0; i < 4; ++i) EXPECT_FALSE(finish(*with, "nonsense", "code=1"));
  const auto begun = with->begin("main", "hospital", {}, now_ms());
  const std::string query = hospital_.sign_in(begun->url);
  EXPECT_EQ(finish(*with, begun->cookie.reveal(), query).error(), ProviderRefusal::kWait);
  EXPECT_TRUE(finish(*with, begun->cookie.reveal(), query, "198.51.100.1")) << "nobody else waits";
}

TEST_F(ForeignProvidersTest, AnswersThatAreRightCostNobodyTheirTries) {
  const auto with = opened();
  for (int i = 0; i < 8; ++i) {
    const auto begun = with->begin("main", "hospital", {}, now_ms());
    EXPECT_TRUE(finish(*with, begun->cookie.reveal(), hospital_.sign_in(begun->url))) << i;
  }
}

TEST_F(ForeignProvidersTest, WhatIsStoppedWaitsForNobody) {
  const auto with = opened();
  with->stop();
  EXPECT_EQ(with->begin("main", "hospital", {}, now_ms()).error(), ProviderRefusal::kDown);
}

}  // namespace
}  // namespace wardlock::server
