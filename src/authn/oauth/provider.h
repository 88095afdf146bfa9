#pragma once

#include "authn/oauth/access_tokens.h"
#include "authn/oauth/authorizations.h"
#include "authn/oauth/client_authentication.h"
#include "authn/oauth/clients.h"
#include "authn/oauth/consents.h"
#include "authn/oauth/devices.h"
#include "authn/oauth/dpop.h"
#include "authn/oauth/logouts.h"
#include "authn/oauth/occasion.h"
#include "authn/oauth/registrations.h"
#include "authn/oauth/signing_keys.h"
#include "authn/oauth/token_requests.h"
#include "authn/oauth/token_state.h"

namespace wardlock::oauth {

/// All of this room, as one process has it. Its parts are thread-safe, and know of each other by
/// reference: it stays where it was made.
class Provider {
 public:
  struct Options {
    Authorizations::Options authorizations = {};
    KeyPeriods keys = {};
    std::vector<SoftwareIssuer> software_issuers = {};  ///< whose statements count (RFC 7591, 2.3)
  };

  /// `dpop_key`: for nonces; the same in all nodes, or proofs are asked for once more.
  Provider(Parts with, const crypto::HmacKey& dpop_key, const Options& options)
      : parts_(std::move(with)),
        options_(options),
        proofs(dpop_key),
        keys(parts_, options.keys),
        tokens(parts_, keys),
        clients(parts_),
        registrations(parts_, options_.software_issuers),
        authenticator(parts_, proofs),
        authorizations(parts_, options.authorizations),
        consents(parts_),
        devices(parts_),
        token_requests(parts_, keys, tokens),
        token_state(parts_, tokens),
        logouts(parts_, keys, tokens) {}
  Provider(const Provider&) = delete;
  Provider& operator=(const Provider&) = delete;

  const Options& options() const { return options_; }

  /// Forgets what is over, in the database and here. To be called now and then.
  Result<void> tidy(std::int64_t now_ms);

 private:
  const Parts parts_;
  const Options options_;

 public:
  DpopProofs proofs;
  SigningKeys keys;
  AccessTokens tokens;
  Clients clients;
  Registrations registrations;
  ClientAuthenticator authenticator;
  Authorizations authorizations;
  Consents consents;
  Devices devices;
  TokenRequests token_requests;
  TokenState token_state;
  Logouts logouts;
};

}  // namespace wardlock::oauth
