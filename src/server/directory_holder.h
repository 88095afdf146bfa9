#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "authn/oauth/access_tokens.h"
#include "authn/rate_limit.h"
#include "server/credential_index.h"

namespace wardlock::server {

/// Who asks of the directory, as far as a request must know it at once: by a credential, or by an
/// access token that a person let an application have. A value.
struct DirectoryHolder {
  std::string tenant;  ///< as the directory calls it
  std::string caller;  ///< through what they ask: the credential's id, or the application's
  std::string payer;   ///< whose share of what many share it takes: the credential's, or theirs
  std::shared_ptr<authn::RateLimit> limit;
  std::shared_ptr<const oauth::Subject> subject = {};  ///< null: it is a credential

  explicit DirectoryHolder(const KnownCredential& credential)
      : tenant(credential.tenant),
        caller(credential.id),
        payer(credential.id),
        limit(credential.limit) {}
  DirectoryHolder(std::shared_ptr<const oauth::Subject> who,
                  std::shared_ptr<authn::RateLimit> quota)
      : tenant(who->tenant),
        caller(who->client),
        payer(who->person),
        limit(std::move(quota)),
        subject(std::move(who)) {}
};

/// RFC 6750, 3 and RFC 9449, 7.1: the scheme of whoever's token it is.
constexpr std::string_view scheme_of(bool is_dpop) { return is_dpop ? "DPoP" : "Bearer"; }

}  // namespace wardlock::server
