#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "authn/oauth/refusal.h"
#include "codec/json.h"
#include "jose/jwk.h"

namespace wardlock::oauth {

/// How a client comes to tokens.
enum class GrantType : std::uint8_t {
  kAuthorizationCode,
  kRefreshToken,
  kClientCredentials,
  kDeviceCode,
  kTokenExchange,
};
inline constexpr std::size_t kGrantTypes = 5;

/// `authorization_code`, `urn:ietf:params:oauth:grant-type:device_code` and so on.
std::string_view to_string(GrantType type);
std::optional<GrantType> find_grant_type(std::string_view name);

/// How a client proves which it is.
enum class ClientProof : std::uint8_t {
  kNone,           ///< public: PKCE and, best, DPoP stand for it
  kSecretBasic,    ///< a secret, in `Authorization: Basic`
  kSecretPost,     ///< a secret, in the form
  kPrivateKeyJwt,  ///< RFC 7523 with a key of `jwks` or `jwks_uri`
  kTls,            ///< RFC 8705, 2.1: a name in a certificate that an authority gave
  kSelfSignedTls,  ///< RFC 8705, 2.2: the certificate itself, in `jwks` as `x5c`
};
inline constexpr std::size_t kClientProofs = 6;

/// `none`, `client_secret_basic` and so on (RFC 7591, 2; RFC 8705, 2).
std::string_view to_string(ClientProof proof);
std::optional<ClientProof> find_client_proof(std::string_view name);

enum class TokenForm : std::uint8_t {
  kJwt,     ///< RFC 9068: whoever has the keys can verify it
  kOpaque,  ///< whoever wants to know asks (RFC 7662)
};

/// A program that asks for tokens, as it is kept. A value.
struct Client {
  std::string id;
  std::string name;
  bool is_native = false;  ///< it runs on a person's device (RFC 8252)
  std::vector<std::string> redirect_uris = {};
  std::vector<std::string> post_logout_redirect_uris = {};
  std::string backchannel_logout_uri = {};
  std::vector<GrantType> grants = {GrantType::kAuthorizationCode};
  ClientProof proof = ClientProof::kSecretBasic;
  std::vector<std::string> secret_hashes = {};  ///< see ticket.h; two while one is replaced
  std::string registration_hash = {};           ///< RFC 7592; empty: the house alone changes it
  codec::Json jwks = nullptr;                   ///< a JWK Set with its public keys, or null
  std::string jwks_uri = {};                    ///< where it publishes them instead; may be empty
  std::string tls_san_dns = {};                 ///< for kTls, one of both
  std::string tls_san_uri = {};
  std::vector<std::string> scopes = {};  ///< that it may ask for
  std::vector<std::string> audiences =
      {};  ///< whom its tokens may be for; the first is the usual one
  std::vector<std::string> exchange_audiences = {};  ///< of tokens that it may exchange
  std::string thing = {};             ///< the service of the directory that it is; may be empty
  bool asks_consent = true;           ///< the person is asked
  bool must_push = false;             ///< RFC 9126: requests come by PAR only
  bool binds_to_dpop = false;         ///< RFC 9449: tokens only with a proof
  bool binds_to_certificate = false;  ///< RFC 8705, 3
  bool may_introspect = false;        ///< a resource server that may ask about tokens (RFC 7662)
  bool is_self_registered = false;    ///< RFC 7591: nobody of the house looked at it
  bool is_enabled = true;             ///< false: it is kept, and nothing is given to it
  TokenForm token_form = TokenForm::kJwt;
  std::chrono::seconds access_lifetime = std::chrono::minutes(5);
  /// A refresh token is good for so long, and all that comes of one sign-in for so long.
  std::chrono::seconds refresh_idle_lifetime = std::chrono::hours(12);
  std::chrono::seconds refresh_lifetime = std::chrono::hours(24 * 30);

  bool is_public() const { return proof == ClientProof::kNone; }
  bool may(GrantType type) const;
  /// The one to which answers go: the one asked for, if it is registered. Refused where none is
  /// asked for and there are several, or where what is asked for is not registered.
  Answer<std::string> redirect_uri(std::string_view asked) const;
  /// Whom a token is for that is asked for these (`resource`, `audience`); the usual one, where
  /// none is asked for. Refuses others than its own.
  Answer<std::vector<std::string>> audiences_for(const std::vector<std::string>& asked) const;
  /// The keys of `jwks` that are for signatures; none where it has a `jwks_uri`.
  Result<jose::KeySet> keys() const;
};

/// Reads what describes a client: the names of RFC 7591, 2 and of OpenID Connect Dynamic
/// Registration, RFC 8705, 9126, 9449, and our own (docs/openid-connect.md). Refuses what does not
/// fit together or would weaken it, saying why; passes over what it does not know. `id` and secrets
/// are not read.
Answer<Client> read_client(const boost::json::object& metadata);

/// The same as JSON, with `client_id`; no secret and no hash of one.
boost::json::object to_json(const Client& client);

/// All names that `read_client` looks at.
std::span<const std::string_view> client_metadata_names();

}  // namespace wardlock::oauth
