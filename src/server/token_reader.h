#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "authn/rate_limit.h"
#include "net/http.h"
#include "server/directory_holder.h"
#include "server/identity_provider.h"
#include "server/world.h"

namespace wardlock::server {

/// Why somebody with an access token is not let in.
struct TokenRefusal {
  int status = 401;
  std::string detail = {};
  std::string challenge = {};  ///< for `WWW-Authenticate`
  std::string nonce = {};      ///< for `DPoP-Nonce`; empty: none
  bool is_failure = true;      ///< it may be a guess: whoever sends many is slowed down
  std::string_view word = {};  ///< for the log: a constant
  /// Whose token it is, as far as that is known: they pay for the refusal. Null: nobody's.
  std::shared_ptr<authn::RateLimit> limit = {};
};

/// Finds out who administers with an access token of this identity provider: one of a person, for
/// this server and nobody else, with the scope `wardlock.admin`, acted on by nobody in between, and
/// shown by whoever it was given to (RFC 6750; RFC 9449, 7; RFC 8705, 3). Asks no database.
/// Thread-safe.
class TokenReader {
 public:
  /// Outlives it; null: there are no access tokens here.
  explicit TokenReader(IdentityProvider* provider) : provider_(provider) {}

  /// Where the request came in. Borrows, for the call.
  struct Question {
    const net::HttpRequest& request;
    const ServedTenant& tenant;
    std::string_view public_url;  ///< the configuration's; may be empty
    std::int64_t now = 0;         ///< ms since the epoch
    /// That is enough beside `wardlock.admin`; empty: none is.
    std::string_view scope = {};
  };

  /// Nothing: what came, if anything did, is no access token. That its grant, session and person
  /// are still there is asked besides, of the database.
  std::expected<std::optional<DirectoryHolder>, TokenRefusal> read(const Question& question) const;

 private:
  IdentityProvider* provider_;
};

}  // namespace wardlock::server
