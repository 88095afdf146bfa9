#pragma once

#include <string_view>

#include "authn/oauth/access_tokens.h"
#include "authn/oauth/client_authentication.h"
#include "authn/oauth/occasion.h"

namespace wardlock::oauth {

/// What becomes of tokens after they were given out. Thread-safe; waits for the database.
class TokenState {
 public:
  /// Both outlive it.
  TokenState(const Parts& parts, AccessTokens& tokens) : parts_(parts), tokens_(tokens) {}

  /// RFC 7662: what an access token says, for a resource server that it is for; `{"active":false}`
  /// where it is not good, or none of that server's business. Refusal kUnauthorizedClient: the
  /// client may not ask.
  Answer<boost::json::object> introspect(const Occasion& occasion,
                                         const AuthenticatedClient& client,
                                         const Parameters& parameters);

  /// RFC 7009: all that came of the grant ends, whichever of its tokens is named. A token that is
  /// not known is no fault; one of another client is.
  Answer<void> revoke(const Occasion& occasion, const AuthenticatedClient& client,
                      const Parameters& parameters);

  /// What the directory knows of whom the token speaks for (OpenID Connect Core, 5.3). Refusals:
  /// kInvalidToken; kInsufficientScope, it was not given for this.
  Answer<boost::json::object> userinfo(const Occasion& occasion, const Subject& subject) const;

 private:
  const Parts& parts_;
  AccessTokens& tokens_;
};

}  // namespace wardlock::oauth
