#pragma once

#include <string_view>

#include "authn/oauth/access_tokens.h"
#include "authn/oauth/client_authentication.h"
#include "authn/oauth/devices.h"
#include "authn/oauth/grant_rows.h"
#include "authn/oauth/mint.h"
#include "authn/oauth/occasion.h"
#include "authn/oauth/signing_keys.h"

namespace wardlock::oauth {

/// Answers token requests (RFC 6749, 5), of each kind that a client may make. Each is one
/// transaction: what was given is kept, or nothing was given. Thread-safe; waits for the database.
class TokenRequests {
 public:
  /// A refresh token that was used is taken once more for so long, as long as nobody has used the
  /// one that replaced it: its answer may have been lost on the way. That one then counts no more,
  /// so that whoever comes with it is found out.
  static constexpr std::int64_t kRetryMs = 10'000;

  /// All outlive it.
  TokenRequests(const Parts& parts, SigningKeys& keys, AccessTokens& tokens)
      : parts_(parts), keys_(keys), tokens_(tokens) {}

  /// By `grant_type`.
  Answer<TokenAnswer> answer(const Occasion& occasion, const AuthenticatedClient& client,
                             const Parameters& parameters);

 private:
  using Call = std::function<Answer<TokenAnswer>(storage::Work&, const Mint&)>;
  Answer<TokenAnswer> run(const Occasion& occasion, const Call& call);

  Answer<TokenAnswer> redeem_code(const Occasion& occasion, const AuthenticatedClient& client,
                                  const Parameters& parameters);
  Answer<TokenAnswer> refresh(const Occasion& occasion, const AuthenticatedClient& client,
                              const Parameters& parameters);
  Answer<TokenAnswer> for_client(const Occasion& occasion, const AuthenticatedClient& client,
                                 const Parameters& parameters);
  Answer<TokenAnswer> for_device(const Occasion& occasion, const AuthenticatedClient& client,
                                 const Parameters& parameters);
  Answer<TokenAnswer> exchange(const Occasion& occasion, const AuthenticatedClient& client,
                               const Parameters& parameters);

  /// A code or refresh token came twice: all that came of its grant ends, and it is told.
  Answer<void> end_copied(storage::Work& work, const Occasion& occasion, const Grant& grant,
                          std::string_view what) const;

  /// Of a refresh token that was used: whether it comes again at once, from whoever sent it.
  Answer<void> check_retry(storage::Work& work, const Occasion& occasion, const KeptToken& token,
                           const Grant& grant) const;

  const Parts& parts_;
  SigningKeys& keys_;
  AccessTokens& tokens_;
};

}  // namespace wardlock::oauth
