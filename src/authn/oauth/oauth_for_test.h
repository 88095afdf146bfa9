#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "authn/oauth/provider.h"
#include "directory/registry/registry.h"
#include "jose/jwt.h"
#include "storage/store_for_test.h"

namespace wardlock::oauth {

using storage::name_of;  // for WARDLOCK_ON_EACH_DATABASE
using storage::tested_databases;

/// A verifier of PKCE, and its challenge.
inline constexpr std::string_view kVerifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
inline constexpr std::string_view kChallenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
inline constexpr std::string_view kRedirect = "https://app.example/signed-in";
inline constexpr std::string_view kTokenUrl = "https://id.example/oauth2/token";

/// A key that signs, as clients have one.
jose::SigningKey new_key(std::string_view id = "");
/// A proof of DPoP. `nonce` empty: none; `token` empty: no `ath`.
struct ProofForTest {
  const jose::SigningKey& key;
  std::string_view method = "POST";
  std::string_view url = kTokenUrl;
  std::string nonce = {};
  std::string token = {};
  std::string id = "proof-1";
  std::int64_t now_ms = 0;
};
std::string dpop_proof(const ProofForTest& proof);
/// A JWT with any header, signed with the key.
std::string signed_with_header(const jose::SigningKey& key, const boost::json::object& header,
                               const boost::json::object& claims);

/// A provider with a tenant, a person and a client, on each kind of database; the clock stands
/// still.
class OAuthForTest : public storage::OnEachDatabase {
 protected:
  using Promoted = decltype(directory::Surroundings::promoted);
  explicit OAuthForTest(const Provider::Options& options = {}, Promoted promoted = {});

  Occasion at(std::string_view tenant = "main") const;
  /// A new client; `json`: what is to be other than usual. Its secret is in `secret_`.
  Client client(std::string_view json = "{}", std::string_view tenant = "main");
  std::string person(std::string_view name, std::string_view tenant = "main");
  void suspend(std::string_view person);
  /// As the pages would have it.
  authn::Session session(std::string_view person, std::string_view id = "session-1",
                         std::string_view tenant = "main") const;

  /// What the client asks a browser to bring, with what is to be other than usual; an empty value
  /// leaves the parameter out.
  using Pairs = std::initializer_list<std::pair<std::string_view, std::string_view>>;
  Parameters asked(const Client& client, Pairs other = {}) const;
  /// The code for it, when everybody says yes.
  std::string code(const Client& client, Pairs other = {});
  ReturnAnswer approved(const Parameters& asked, const authn::Session& session,
                        const Approval& approval = {});

  /// What a token request of the client is answered. `dpop`: the header.
  Answer<TokenAnswer> request(const Client& client, Pairs parameters, std::string_view dpop = "",
                              std::string_view tenant = "main");
  Answer<TokenAnswer> redeem(const Client& client, std::string_view code, Pairs other = {},
                             std::string_view dpop = "");
  /// All of it: code and tokens.
  TokenAnswer signed_in(const Client& client, Pairs other = {});
  Answer<AuthenticatedClient> authenticated(const Client& client, const Parameters& parameters,
                                            std::string_view dpop = "",
                                            std::string_view tenant = "main");
  /// Whether the access token is good now.
  bool is_good(std::string_view token, std::string_view tenant = "main");
  boost::json::object claims_of(std::string_view jwt) const;

  std::int64_t now_ = 1'800'000'000'000;
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<secrets::SecretTable> secrets_;
  std::unique_ptr<directory::Registry> registry_;
  std::vector<std::string> told_;  ///< actions of events
  FetchKeys published_;            ///< what is at the `jwks_uri` of clients
  std::unique_ptr<Provider> provider_;
  std::string secret_;
  std::string grey_;  ///< a person
};

/// The fault of a refusal; `kServerError` and a failed test where there is none.
template <typename T>
Fault fault_of(const Answer<T>& answer) {
  EXPECT_FALSE(answer) << "was not refused";
  return answer ? Fault::kServerError : answer.error().fault;
}

#define EXPECT_REFUSED(answer, expected) \
  EXPECT_EQ(to_string(wardlock::oauth::fault_of(answer)), to_string(expected))

/// The value, or the end of the test program.
template <typename T>
T must(Answer<T> answer) {
  if (!answer) {
    ADD_FAILURE() << to_string(answer.error().fault) << ": " << answer.error().description;
    std::abort();
  }
  return *std::move(answer);
}

}  // namespace wardlock::oauth
