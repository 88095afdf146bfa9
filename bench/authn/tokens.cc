#include <fmt/format.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "authn/oauth/provider.h"
#include "authn/oauth/ticket.h"
#include "base/check.h"
#include "bench/authn/measure.h"
#include "bench/authn/parts.h"
#include "crypto/random.h"
#include "directory/registry/registry.h"
#include "jose/jwt.h"
#include "secrets/secret_table.h"
#include "tables/tables.h"

namespace wardlock::authn {
namespace {

constexpr std::int64_t kNow = 1'800'000'000'000;
constexpr int kTokens = 1'000;
constexpr double kMost = 2;
constexpr std::string_view kApi = "https://fhir.example/r4";

/// An authorization server with two clients: `pump` asks for tokens, `fhir` takes them.
class Site {
 public:
  explicit Site(storage::Store& store)
      : secrets_(secrets::Sealer::make(std::vector{crypto::SymmetricKey::random()}).value()),
        registry_(store, {.clock = [] { return kNow; },
                          .fill_random = &crypto::fill_random,
                          .node = "a",
                          .secrets = &secrets_}),
        provider_({.store = store,
                   .secrets = secrets_,
                   .registry = registry_,
                   .fill_random = &crypto::fill_random},
                  crypto::HmacKey("a key for nonces"), {}) {}

  /// An access token of that form.
  std::string token(std::string_view form) {
    const auto pump = client({{"access_token_format", form}, {"scope", "system/DeviceMetric.rs"}});
    const oauth::Parameters wanted = {{"client_id", pump.client().id},
                                      {"grant_type", "client_credentials"}};
    const auto answer = provider_.token_requests.answer(occasion_, pump, wanted);
    CHECK(answer);
    return answer->access_token;
  }
  oauth::AuthenticatedClient resource_server() { return client({{"may_introspect", true}}); }

  oauth::Provider& provider() { return provider_; }
  const oauth::Occasion& occasion() const { return occasion_; }

 private:
  /// It proves itself with a certificate, which costs nothing here.
  oauth::AuthenticatedClient client(boost::json::object more) {
    more["client_name"] = "A client";
    more["grant_types"] = {"client_credentials"};
    more["token_endpoint_auth_method"] = "tls_client_auth";
    more["tls_client_auth_san_uri"] = "urn:client";
    more["audiences"] = {kApi};
    const auto written = provider_.clients.write(occasion_, more);
    CHECK(written);
    const oauth::Parameters parameters = {{"client_id", written->client.id}};
    const net::PeerCertificate certificate{.fingerprint = "sha256:" + std::string(64, 'c'),
                                           .names = {"uri:urn:client"},
                                           .expires_at = kNow + 1};
    auto client =
        provider_.authenticator.authenticate(occasion_, {.parameters = parameters,
                                                         .certificate = &certificate,
                                                         .url = "https://id.example/oauth2/token"});
    CHECK(client);
    return *std::move(client);
  }

  secrets::SecretTable secrets_;
  directory::Registry registry_;
  oauth::Provider provider_;
  const oauth::Occasion occasion_{.tenant = "main", .issuer = "https://id.example", .now_ms = kNow};
};

bool judge(std::string_view what, std::string_view bare, const Pair& seconds) {
  const double ratio = seconds.ours / seconds.bare;
  fmt::print("{}  {:.1f} us, {} {:.1f} us: {:.2f} times (at most {})\n", what, seconds.ours * 1e6,
             bare, seconds.bare * 1e6, ratio, kMost);
  return ratio <= kMost;
}

/// The signature of the same token, as its key has it.
bool bench_jwt(Site& site) {
  const std::string token = site.token("jwt");
  const auto keys = site.provider().keys.known("main");
  const auto jws = jose::UnverifiedJws::parse(token);
  CHECK(keys != nullptr && jws);
  const crypto::PrivateKey key = crypto::PrivateKey::generate(crypto::KeyType::kP256);
  const auto algorithm = crypto::SignatureAlgorithm::kEs256;
  const std::string text = token.substr(0, token.rfind('.'));
  const std::string signature = key.sign(algorithm, text);
  return judge("JWT verified", "its signature alone",
               measure(
                   2'000, [&] { CHECK(key.public_key().verify(algorithm, text, signature)); },
                   [&] { CHECK(site.provider().tokens.verify(site.occasion(), token)); }));
}

/// The row is read with its primary key, through the same connections.
bool bench_introspection(Site& site, const storage::Store& store) {
  const auto server = site.resource_server();
  std::string token;
  for (int i = 0; i < kTokens; ++i) token = site.token("opaque");
  const std::string hash = oauth::hash_of(token);
  const oauth::Parameters asked = {{"token", token}};
  const auto read = [&] {
    CHECK(store.read([&](storage::Work& work) -> Result<void> {
      const auto rows = TRY(
          work.query("SELECT document, until_ms FROM oauth_token WHERE tenant = $1 AND hash = $2",
                     std::string_view("main"), hash));
      CHECK(rows.size() == 1);
      return {};
    }));
  };
  const auto introspect = [&] {
    const auto said = site.provider().token_state.introspect(site.occasion(), server, asked);
    CHECK(said && said->at("active").as_bool());
  };
  return judge("token introspected", "its row read", measure(2'000, read, introspect));
}

}  // namespace

Result<bool> bench_tokens(const std::string& folder) {
  const auto store =
      TRY(storage::Store::open({.url = "sqlite:" + folder + "/a.db"}, tables::migrations()));
  Site site(*store);
  const bool is_jwt_fast = bench_jwt(site);
  return bench_introspection(site, *store) && is_jwt_fast;
}

}  // namespace wardlock::authn
