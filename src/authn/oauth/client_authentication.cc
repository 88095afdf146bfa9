#include "authn/oauth/client_authentication.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "authn/oauth/grant_rows.h"
#include "authn/oauth/transaction.h"
#include "codec/base64.h"
#include "codec/base64url.h"
#include "crypto/digest.h"
#include "crypto/sha256.h"
#include "jose/jwt.h"
#include "net/http.h"
#include "net/query_string.h"

namespace wardlock::oauth {
namespace {

constexpr std::string_view kAssertionType =
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
constexpr std::chrono::seconds kLongestAssertion = std::chrono::minutes(5);

/// One answer for all, so that nobody finds out which clients there are.
std::unexpected<Refusal> refuse_client() {
  return refuse(Fault::kInvalidClient, "the client is not known, or did not prove to be it");
}

/// What a request says of who sends it.
struct Claimed {
  std::string id;
  std::string secret = {};
  ClientProof by = ClientProof::kNone;
};

/// `Basic`, of which RFC 6749, 2.3.1 wants each part form-encoded.
Answer<Claimed> read_basic(std::string_view header) {
  constexpr std::string_view kScheme = "Basic ";
  if (header.size() <= kScheme.size() ||
      !net::equal_ignoring_case(header.substr(0, kScheme.size()), kScheme)) {
    return refuse_client();
  }
  auto pair = codec::from_base64(header.substr(kScheme.size()));
  if (!pair) return refuse_client();
  const std::size_t colon = pair->find(':');
  if (colon == std::string::npos) return refuse_client();
  // As parameters they are decoded in the one way that there is.
  const auto parts = net::read_query_string(
      fmt::format("id={}&secret={}", pair->substr(0, colon), pair->substr(colon + 1)));
  if (!parts || parts->size() != 2) return refuse_client();
  return Claimed{
      .id = (*parts)[0].value, .secret = (*parts)[1].value, .by = ClientProof::kSecretBasic};
}

Answer<Claimed> read_assertion(const Parameters& parameters) {
  if (parameters.text("client_assertion_type") != kAssertionType) {
    return refuse(Fault::kInvalidRequest, "'client_assertion_type' is none that is taken");
  }
  const auto jws = jose::UnverifiedJws::parse(parameters.text("client_assertion"));
  if (!jws) return refuse_client();
  const auto json = codec::parse_json(jws->payload());
  if (!json || !json->is_object()) return refuse_client();
  const codec::Json* subject = json->get_object().if_contains("sub");
  if (subject == nullptr || !subject->is_string()) return refuse_client();
  return Claimed{.id = std::string(subject->get_string()), .by = ClientProof::kPrivateKeyJwt};
}

Answer<Claimed> read_claimed(const ClientRequest& request) {
  const Parameters& parameters = request.parameters;
  const bool has_assertion =
      parameters.has("client_assertion") || parameters.has("client_assertion_type");
  const int ways = (request.authorization ? 1 : 0) + (parameters.has("client_secret") ? 1 : 0) +
                   (has_assertion ? 1 : 0);
  if (ways > 1) return refuse(Fault::kInvalidRequest, "the client proves itself in several ways");
  Claimed claimed{.id = std::string(parameters.text("client_id"))};
  if (request.authorization) claimed = TRY(read_basic(*request.authorization));
  if (has_assertion) claimed = TRY(read_assertion(parameters));
  if (parameters.has("client_secret")) {
    claimed.secret = parameters.text("client_secret");
    claimed.by = ClientProof::kSecretPost;
  }
  const auto named = parameters.find("client_id");
  if (named && *named != claimed.id) {
    return refuse(Fault::kInvalidRequest, "'client_id' is not who the proof is of");
  }
  if (claimed.id.empty()) return refuse_client();
  return claimed;
}

bool has_secret(const Client& client, std::string_view secret) {
  const std::string hash = hash_of(secret);
  bool is_one = false;
  for (const std::string& each : client.secret_hashes) {
    is_one = crypto::equal_in_constant_time(hash, each) || is_one;
  }
  return is_one;
}

bool is_own_certificate(const Client& client, const net::PeerCertificate* certificate) {
  if (certificate == nullptr) return false;
  if (client.proof == ClientProof::kTls) {
    const std::string name =
        client.tls_san_dns.empty() ? "uri:" + client.tls_san_uri : "dns:" + client.tls_san_dns;
    return std::ranges::find(certificate->names, name) != certificate->names.end();
  }
  const codec::Json* keys = client.jwks.as_object().if_contains("keys");
  return std::ranges::any_of(keys->as_array(), [&](const codec::Json& key) {
    const auto der =
        codec::from_base64(std::string_view(key.as_object().at("x5c").as_array()[0].get_string()));
    return der && "sha256:" + crypto::to_hex(crypto::sha256(*der)) == certificate->fingerprint;
  });
}

/// The client must be bound as it is registered, whatever it sends.
Answer<Binding> binding_of(const Client& client, std::string dpop_key,
                           const net::PeerCertificate* certificate) {
  Binding binding{.dpop_key = std::move(dpop_key)};
  if (client.binds_to_dpop && binding.dpop_key.empty()) {
    return refuse(Fault::kInvalidDpopProof, "this client's requests need a proof (DPoP)");
  }
  if (!client.binds_to_certificate) return binding;
  if (certificate == nullptr) {
    return refuse(Fault::kInvalidRequest, "this client's requests need its certificate (mTLS)");
  }
  binding.certificate = certificate_thumbprint(*certificate);
  return binding;
}

}  // namespace

std::string certificate_thumbprint(const net::PeerCertificate& certificate) {
  const std::string_view hex = std::string_view(certificate.fingerprint).substr(7);
  std::array<std::uint8_t, 32> bytes = {};
  const auto digit = [](char c) {
    return static_cast<std::uint8_t>(c <= '9' ? c - '0' : c - 'a' + 10);
  };
  for (std::size_t i = 0; i < bytes.size() && 2 * i + 1 < hex.size(); ++i) {
    bytes.at(i) = static_cast<std::uint8_t>(digit(hex[2 * i]) * 16 + digit(hex[2 * i + 1]));
  }
  return codec::to_base64url(bytes);
}

Answer<std::shared_ptr<const jose::KeySet>> ClientAuthenticator::keys_of(const Occasion& occasion,
                                                                         const Client& client,
                                                                         std::string_view key_id) {
  if (client.jwks_uri.empty()) {
    return std::make_shared<const jose::KeySet>(TRY(client.keys()));
  }
  return TRY(keys_.keys_with(occasion.tenant, client.jwks_uri, key_id, occasion.now_ms));
}

/// RFC 7523, 3; RFC 7521, 4.2: for us, short, and once.
Answer<void> ClientAuthenticator::check_assertion(const Occasion& occasion, const Client& client,
                                                  const ClientRequest& request) {
  const auto jws = jose::UnverifiedJws::parse(request.parameters.text("client_assertion"));
  if (!jws) return refuse_client();
  const auto keys = TRY(keys_of(occasion, client, jws->key_id()));
  const auto verify = [&](std::string_view audience) {
    // Clients write `typ` as they please (RFC 7523 has none); as all else is checked, it is too.
    return jose::verify_jwt(
        *jws, *keys,
        {.type = jws->type() == "client-authentication+jwt" ? jws->type() : std::string_view(),
         .issuer = client.id,
         .audience = audience,
         .now = std::chrono::sys_seconds(std::chrono::seconds(occasion.now_ms / 1000)),
         .leeway = std::chrono::seconds(10),
         .max_lifetime = std::chrono::seconds(0)});
  };
  auto jwt = verify(occasion.issuer);
  if (!jwt) jwt = verify(request.url);
  if (!jwt) jwt = verify(occasion.issuer + "/oauth2/token");
  if (!jwt || jwt->text("sub") != client.id) return refuse_client();
  const std::chrono::sys_seconds latest(std::chrono::seconds(occasion.now_ms / 1000) +
                                        kLongestAssertion);
  const std::string_view id = jwt->text("jti");
  if (id.empty() || jwt->expires() > latest) return refuse_client();
  const std::string hash = hash_of(fmt::format("assertion {} {}", client.id, id));
  const std::int64_t until_ms = (jwt->expires().time_since_epoch().count() + 60) * 1000;
  const auto is_first = transact<bool>(parts_.store, [&](storage::Work& work) -> Answer<bool> {
    return TRY(note_once(work, occasion.tenant, hash, until_ms));
  });
  if (!is_first) return std::unexpected(is_first.error());
  if (!*is_first) return refuse_client();
  return {};
}

Answer<AuthenticatedClient> ClientAuthenticator::authenticate(const Occasion& occasion,
                                                              const ClientRequest& request) {
  const Claimed claimed = TRY(read_claimed(request));
  const auto found = TRY(look<std::optional<Client>>(parts_.store, [&](storage::Work& work) {
    return find_client(work, occasion.tenant, claimed.id);
  }));
  if (!found) return refuse_client();
  const Client& client = *found;
  const bool is_by_tls =
      client.proof == ClientProof::kTls || client.proof == ClientProof::kSelfSignedTls;
  // The way that is registered, and no other: a stolen secret is no use where a key is due.
  if (claimed.by != (is_by_tls ? ClientProof::kNone : client.proof)) return refuse_client();
  switch (client.proof) {
    case ClientProof::kNone: break;
    case ClientProof::kSecretBasic:
    case ClientProof::kSecretPost:
      if (!has_secret(client, claimed.secret)) return refuse_client();
      break;
    case ClientProof::kPrivateKeyJwt: TRY_VOID(check_assertion(occasion, client, request)); break;
    case ClientProof::kTls:
    case ClientProof::kSelfSignedTls:
      if (!is_own_certificate(client, request.certificate)) return refuse_client();
      break;
  }
  std::string key = TRY(dpop_key(occasion, request, {}));
  Binding binding = TRY(binding_of(client, std::move(key), request.certificate));
  return AuthenticatedClient(client, std::move(binding));
}

Answer<std::string> ClientAuthenticator::dpop_key(const Occasion& occasion,
                                                  const ClientRequest& request,
                                                  std::string_view access_token) {
  if (!request.dpop) return std::string();
  return proofs_.verify({.proof = *request.dpop,
                         .method = request.method,
                         .url = request.url,
                         .access_token = access_token,
                         .key = {},
                         .now_ms = occasion.now_ms});
}

}  // namespace wardlock::oauth
