#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "authn/oauth/client.h"
#include "authn/oauth/refusal.h"
#include "codec/json.h"

namespace wardlock::oauth {

/// What a token is tied to, so that who has stolen it can do nothing with it (RFC 7800). Empty: it
/// is tied to nothing.
struct Binding {
  std::string dpop_key = {};  ///< the thumbprint of the key of DPoP's proofs (RFC 9449, 6.1)
  std::string certificate =
      {};  ///< base64url of SHA-256 of the client's certificate (RFC 8705, 3.1)

  bool empty() const { return dpop_key.empty() && certificate.empty(); }
  bool operator==(const Binding&) const = default;
};

/// How and when somebody signed in, as tokens say it.
struct Authentication {
  std::int64_t level = 0;                 ///< 1 to 3; 0: nobody signed in
  std::vector<std::string> methods = {};  ///< RFC 8176
  std::int64_t at_ms = 0;

  bool operator==(const Authentication&) const = default;
};

/// So long what a client is granted for these scopes goes on without the session; zero: it ends
/// with it (OpenID Connect Core, 11).
std::chrono::seconds lifetime_of(const Client& client, const std::vector<std::string>& scopes);

/// `http://idmanagement.gov/ns/assurance/aal/2`; empty for 0.
std::string acr_of(std::int64_t level);
/// 0: it names none.
std::int64_t level_of(std::string_view acr);

/// What a client was given by somebody, or has by itself: the family of all tokens that came of one
/// approval. It ends at once, with all of them. A value.
struct Grant {
  std::string id;  ///< a UUID, no secret
  std::string client;
  std::string issuer = {};   ///< the tenant's base URL at which it was given
  std::string person = {};   ///< the thing's id in the directory; empty: the client itself
  std::string session = {};  ///< in which it was given; empty: in none
  std::string parent = {};   ///< whose token was exchanged for it (RFC 8693): it ends with that one
  GrantType type = GrantType::kAuthorizationCode;
  std::vector<std::string> scopes = {};
  std::vector<std::string> audiences = {};
  Authentication authentication = {};
  Binding binding = {};
  codec::Json actor = nullptr;  ///< `act` of RFC 8693, 4.1: who acts for the person
  std::string patient = {};     ///< SMART's launch context
  std::string encounter = {};
  std::string purpose_of_use = {};  ///< IHE IUA
  std::string nonce = {};
  std::int64_t made_ms = 0;
  std::int64_t ends_ms = 0;  ///< whatever came of it is over then
  bool is_ended = false;

  /// It goes on after its session (OpenID Connect Core, 11).
  bool is_offline() const;
  /// Who it is about: the person, or else the client.
  const std::string& subject() const { return person.empty() ? client : person; }
};

/// As it is kept.
std::string grant_text(const Grant& grant);
/// Error: kDataLoss, it is no grant's text.
Result<Grant> read_grant_text(std::string_view text);

}  // namespace wardlock::oauth
