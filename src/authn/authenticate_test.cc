#include "authn/authenticate.h"

#include <gtest/gtest.h>

#include "authn/token.h"

namespace wardlock::authn {
namespace {

class Authenticate : public testing::Test {
 protected:
  Authenticate() {
    auto built = CallerRegistry::build(
        {{.caller = {.id = "pump"}, .tokens = {token_hash(pump_)}, .certificates = {"dns:pump"}},
         {.caller = {.id = "gate"}, .tokens = {token_hash(gate_)}}});
    registry_ = *std::move(built);
    certificate_.names = {"dns:pump"};
  }

  /// The caller's id, or why it was sent away.
  std::string answer() {
    const auto caller = authenticate(request_, registry_);
    if (caller) return (*caller)->caller.id;
    EXPECT_EQ(caller.error().detail.find("wlk_"), std::string::npos);
    EXPECT_TRUE(caller.error().challenge.starts_with("Bearer"));
    return std::to_string(caller.error().status) + " " +
           std::string(to_string(caller.error().rejection));
  }
  std::string with(std::string_view name, const std::string& value) {
    request_.headers = {{name, value}};
    return answer();
  }

  const std::string pump_ = new_token();
  const std::string gate_ = new_token();
  net::PeerCertificate certificate_;
  net::HttpRequest request_;
  CallerRegistry registry_;
};

TEST_F(Authenticate, ByToken) {
  EXPECT_EQ(with("Authorization", "Bearer " + pump_), "pump");
  EXPECT_EQ(with("authorization", "bearer " + gate_), "gate");
}

TEST_F(Authenticate, ByCertificate) {
  request_.peer_certificate = &certificate_;
  EXPECT_EQ(answer(), "pump");
  certificate_ = {.fingerprint = "sha256:1", .names = {"dns:other"}};
  EXPECT_EQ(answer(), "401 unknown_certificate");
}

TEST_F(Authenticate, CertificateAndTokenMustAgree) {
  request_.peer_certificate = &certificate_;
  EXPECT_EQ(with("Authorization", "Bearer " + pump_), "pump");
  EXPECT_EQ(with("Authorization", "Bearer " + gate_), "401 mismatch");
  EXPECT_EQ(with("Authorization", "Bearer " + new_token()), "401 unknown_token");
  certificate_.names = {"dns:other"};
  EXPECT_EQ(with("Authorization", "Bearer " + pump_), "401 unknown_certificate");
}

TEST_F(Authenticate, NobodyWithoutCredentials) {
  EXPECT_EQ(answer(), "401 no_credentials");
  EXPECT_EQ(with("Cookie", "a=b"), "401 no_credentials");
}

TEST_F(Authenticate, RefusesWhatIsNotBearerAndAToken) {
  for (const std::string& value : std::vector<std::string>{
           "", "Bearer", "Bearer ", pump_, "Basic " + pump_, "Bearer  " + pump_,
           "Bearer " + pump_ + "x", "Bearer " + pump_ + " x", "Bearer x",
           "Bearer " + pump_ + "," + gate_, "Bearer\t" + pump_, "Digest a=b",
           "Bearer " + token_hash(pump_)}) {
    EXPECT_EQ(with("Authorization", value), "401 malformed") << value;
  }
  EXPECT_EQ(with("Authorization", "Bearer " + new_token()), "401 unknown_token");
  const std::string value = "Bearer " + pump_;
  request_.headers = {{"Authorization", value}, {"authorization", value}};
  EXPECT_EQ(answer(), "401 malformed");
}

TEST_F(Authenticate, RefusesACredentialInTheWrongPlaceEvenBesideARightOne) {
  const std::string right = "Bearer " + pump_;
  for (const char* name : {"X-API-Key", "x-api-key", "X-Auth-Token", "Proxy-Authorization"}) {
    request_.headers = {{"Authorization", right}, {name, pump_}};
    EXPECT_EQ(answer(), "400 misplaced") << name;
  }
  request_.headers = {{"Authorization", right}};
  for (const std::string& query :
       std::vector<std::string>{"access_token=" + pump_, "a=b&Token=x", "q=" + pump_,
                                "&&api_key=1&", "authorization=Bearer+x", "access_token"}) {
    request_.query = query;
    EXPECT_EQ(answer(), "400 misplaced") << query;
  }
  for (const char* query : {"", "a=b", "&", "=", "tokens=1", "x=token"}) {
    request_.query = query;
    EXPECT_EQ(answer(), "pump") << query;
  }
}

}  // namespace
}  // namespace wardlock::authn
