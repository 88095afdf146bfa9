#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "authn/oauth/client_keys.h"
#include "authn/oauth/clients.h"
#include "authn/oauth/dpop.h"
#include "authn/oauth/grant.h"
#include "authn/oauth/occasion.h"
#include "authn/oauth/parameters.h"
#include "net/peer_certificate.h"

namespace wardlock::oauth {

/// With what a client comes to an endpoint. Borrows.
struct ClientRequest {
  const Parameters& parameters;
  std::optional<std::string_view> authorization = {};  ///< the header
  std::optional<std::string_view> dpop = {};           ///< the header
  const net::PeerCertificate* certificate = nullptr;   ///< of the connection
  std::string_view method = "POST";
  std::string_view url = {};  ///< of the endpoint
};

/// A client that has proved which it is, as far as its kind can: a public one has named itself.
/// Only checking makes one.
class AuthenticatedClient {
 public:
  const Client& client() const { return client_; }
  /// What the tokens that it gets are tied to: the key of the proof that came along, or its
  /// certificate.
  const Binding& binding() const { return binding_; }

 private:
  friend class ClientAuthenticator;
  AuthenticatedClient(Client client, Binding binding)
      : client_(std::move(client)), binding_(std::move(binding)) {}

  Client client_;
  Binding binding_;
};

/// Finds out which client asks, in the one way that is registered for it. Thread-safe.
class ClientAuthenticator {
 public:
  /// Both outlive it.
  ClientAuthenticator(const Parts& parts, DpopProofs& proofs)
      : parts_(parts), proofs_(proofs), keys_(parts.fetch_keys) {}

  /// Refusals: kInvalidClient, in the same words whether there is no such client or its proof is
  /// wrong; kInvalidRequest, it proves itself in two ways; kTemporarilyUnavailable, its keys cannot
  /// be had from where it publishes them; those of DPoP.
  Answer<AuthenticatedClient> authenticate(const Occasion& occasion, const ClientRequest& request);

  /// Of a proof alone, for whoever asks with an access token. Empty: there is none.
  Answer<std::string> dpop_key(const Occasion& occasion, const ClientRequest& request,
                               std::string_view access_token);

 private:
  Answer<std::shared_ptr<const jose::KeySet>> keys_of(const Occasion& occasion,
                                                      const Client& client,
                                                      std::string_view key_id);
  Answer<void> check_assertion(const Occasion& occasion, const Client& client,
                               const ClientRequest& request);

  const Parts& parts_;
  DpopProofs& proofs_;
  ClientKeys keys_;
};

/// base64url of the SHA-256 that a fingerprint (`sha256:` and hexadecimal digits) has: `x5t#S256`.
std::string certificate_thumbprint(const net::PeerCertificate& certificate);

}  // namespace wardlock::oauth
