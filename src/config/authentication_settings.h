#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authn/account/cached_authenticators.h"
#include "authn/certificate/certificate_rules.h"
#include "authn/certificate/revocations.h"
#include "authn/network_range.h"
#include "authn/password/password_policy.h"
#include "authn/session/session_settings.h"
#include "codec/json.h"
#include "config/foreign_provider.h"
#include "crypto/password_hash.h"
#include "net/egress.h"
#include "net/listener.h"
#include "webauthn/relying_party.h"

namespace wardlock::config {

/// Where a sign-in comes from, by its address.
struct EnvironmentNetwork {
  std::string environment;
  authn::NetworkRange range;
  unsigned length = 0;  ///< the longest counts
};

/// How people sign in with certificates. Paths as they are to be opened.
struct Cards {
  std::string anchors;
  std::string intermediates = {};  ///< empty: none
  /// All but anchors and intermediates, which whoever opens the files adds.
  authn::CertificateRules rules = {.anchors = {}};
  std::string attribute = {};  ///< what of a person the name is compared with
  authn::RevocationSettings revocation = {};
  /// Where the listener that asks for certificates is reached; empty: where all others are.
  std::string url = {};
};

/// Who vouches for programs that register as clients of OAuth.
struct SoftwareIssuerFile {
  std::string issuer;
  std::string keys;  ///< a JWK Set
};

/// How people sign in. Paths as they are to be opened.
struct Authentication {
  webauthn::RelyingParty party;
  std::string party_name = "Wardlock";
  authn::PasswordPolicy passwords = {};
  crypto::Argon2idCost cost = {};
  std::vector<std::string> block_lists = {};
  std::vector<std::string> words = {};
  std::string attestation_anchors = {};  ///< empty: none
  bool demands_attestation = false;
  authn::SessionSettings sessions = {};
  std::vector<EnvironmentNetwork> networks = {};
  std::string otherwise = "remote";
  authn::CacheLimits cache = {};  ///< `without_database` 0: nobody gets in
  unsigned hashing_threads = 1;
  std::size_t hashing_waiting = 64;
  net::EgressRules egress = {};                 ///< where addresses that others name may lead
  std::optional<Cards> cards = {};              ///< nothing: nobody signs in with a certificate
  std::vector<ForeignProvider> providers = {};  ///< in the order of the file
  std::vector<SoftwareIssuerFile> software_issuers = {};

  /// The environment of an address.
  std::string_view environment_of(std::string_view address) const;
};

/// What the whole of a configuration says besides.
struct AuthenticationPlace {
  std::string_view public_url;  ///< may be empty
  const std::vector<net::Listener>& listeners;
  const std::string& folder;  ///< what paths are relative to
};

/// `authentication`, which its table has checked. What is wrong with it as a whole is given to
/// `refuse`, with the pointer below it, e.g. `/environments/ward`.
Authentication authentication_of(const codec::Json& section, const AuthenticationPlace& place,
                                 const std::function<void(std::string_view, std::string)>& refuse);

}  // namespace wardlock::config
