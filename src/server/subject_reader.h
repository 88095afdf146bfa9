#pragma once

#include <cstdint>
#include <string_view>

#include "base/arena.h"
#include "base/error.h"
#include "net/http.h"
#include "pdp/caller.h"
#include "server/entrance.h"
#include "server/identity_provider.h"
#include "server/world.h"

namespace wardlock::server {

/// Finds out whose token came with a question (authn/subject_token.h): a session's, or an access
/// token of this identity provider. Asks no database. Thread-safe.
class SubjectReader {
 public:
  /// Both outlive it; null: nobody signs in here, and no token is anybody's.
  SubjectReader(Entrance* entrance, IdentityProvider* provider)
      : entrance_(entrance), provider_(provider) {}

  /// Where the question came in. Borrows, for the call.
  struct Question {
    const net::HttpRequest& request;
    const ServedTenant& tenant;
    std::string_view public_url;  ///< the configuration's; may be empty
    std::int64_t now = 0;         ///< ms since the epoch
  };

  /// Null: no token came. Where the token says that a client acts for the person (`act`, RFC 8693,
  /// 4.1), the actor is what the client is in the directory, as policies see it; those whom the
  /// claim nests are for the record alone. What is found is in the arena. Whether an access token's
  /// key or certificate was shown is for whoever it was shown to, who sends it on. Errors:
  /// kInvalidArgument, the header is malformed, or policies do not know the person;
  /// kUnauthenticated, the token shows nobody (any more), in the same words whatever the cause.
  Result<const pdp::VerifiedPrincipal*> read(const Question& question, Arena& arena) const;

 private:
  Entrance* entrance_;
  IdentityProvider* provider_;
};

}  // namespace wardlock::server
