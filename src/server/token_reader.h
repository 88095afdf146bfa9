#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "authn/oauth/access_tokens.h"
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

/// Finds out who administers, or asks for decisions, with an access token of this identity provider
/// that is for this server and nobody else, and shown by whoever it was given to (RFC 6750; RFC
/// 9449, 7; RFC 8705, 3). Asks no database. Thread-safe.
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

  /// Who administers: a person, with the scope `wardlock.admin`, for whom nobody acts in between.
  /// Nothing: what came, if anything did, is no access token. That its grant, session and person
  /// are still there is asked besides, of the database.
  std::expected<std::optional<DirectoryHolder>, TokenRefusal> read(const Question& question) const;

  /// Which client asks, by a token that was given to itself and not in a person's name: its id.
  /// Nothing: as above.
  std::expected<std::optional<std::string>, TokenRefusal> read_client(
      const Question& question) const;

 private:
  using Check =
      std::function<oauth::Answer<void>(const oauth::Subject&, const std::string& issuer)>;
  /// A token that was verified, and whose limit is charged for what it asks.
  struct Shown {
    std::shared_ptr<const oauth::Subject> subject;
    std::shared_ptr<authn::RateLimit> limit;
  };
  /// `scope`: the one to ask for instead, where the token lacks what it takes; empty: none helps.
  std::expected<std::optional<Shown>, TokenRefusal> verify(const Question& question,
                                                           std::string_view scope,
                                                           const Check& check) const;

  IdentityProvider* provider_;
};

}  // namespace wardlock::server
