#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authn/oauth/client.h"
#include "authn/oauth/parameters.h"
#include "authn/oauth/refusal.h"

namespace wardlock::oauth {

enum class ResponseMode : std::uint8_t { kQuery, kFormPost };

/// Where the answer to an authorization request goes: only a URI that is registered comes here.
struct ReturnAddress {
  std::string redirect_uri;
  std::string state = {};
  ResponseMode mode = ResponseMode::kQuery;
};

/// What is to be sent to a client through a browser: as the query of its URI, or as a form that is
/// posted to it.
struct ReturnAnswer {
  ReturnAddress to;
  Parameters parameters;

  /// Of `ResponseMode::kQuery`: where the browser goes.
  std::string url() const;
};

/// The answer with `state` and `iss` (RFC 9207).
ReturnAnswer answer_to(const ReturnAddress& address, std::string_view issuer,
                       Parameters parameters);
ReturnAnswer refusal_to(const ReturnAddress& address, std::string_view issuer,
                        const Refusal& refusal);

/// A refused authorization request. Without an address nothing is sent to anybody but the person
/// before the browser (RFC 6749, 4.1.2.1; RFC 9700, 4.11).
struct AuthorizationRefusal {
  Refusal refusal;
  std::optional<ReturnAddress> address = {};
};

/// A request for authorization, checked against its client.
struct AuthorizationRequest {
  std::string client;
  ReturnAddress address;
  /// Whether the request named it: then the token request must, too (RFC 6749, 4.1.3).
  bool has_redirect_uri = false;
  std::vector<std::string> scopes = {};
  std::vector<std::string> audiences = {};
  std::string nonce = {};
  std::string challenge = {};  ///< of PKCE, S256
  bool must_not_ask = false;   ///< `prompt=none`
  bool must_sign_in = false;   ///< `prompt=login`
  bool must_consent = false;   ///< `prompt=consent`
  std::optional<std::int64_t> max_age_s = {};
  std::int64_t level = 0;  ///< the least of `acr_values` that is known; 0: any
  std::string login_hint = {};
  std::string dpop_key = {};        ///< `dpop_jkt`: the code is tied to it
  std::string launch = {};          ///< SMART: what the EHR sent along
  std::string purpose_of_use = {};  ///< IHE IUA
};

/// Checks a request. The redirect URI comes first, so that all other faults are told to its client.
std::expected<AuthorizationRequest, AuthorizationRefusal> check_authorization_request(
    const Client& client, const Parameters& parameters);

/// As it is kept, and read again.
std::string request_text(const AuthorizationRequest& request);
Result<AuthorizationRequest> read_request_text(std::string_view text);

}  // namespace wardlock::oauth
