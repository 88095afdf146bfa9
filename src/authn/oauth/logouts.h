#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authn/oauth/access_tokens.h"
#include "authn/oauth/authorization_request.h"
#include "authn/oauth/grant.h"
#include "authn/oauth/occasion.h"
#include "authn/oauth/parameters.h"
#include "authn/oauth/signing_keys.h"
#include "authn/session/session.h"

namespace wardlock::oauth {

/// What a client that signs somebody out asks for, once it was checked (RP-Initiated Logout 1.0).
struct LogoutRequest {
  /// The session that its ID token is of; empty: it brought none that is ours.
  std::string session = {};
  std::string client = {};
  /// Where the browser goes after; a URI that is registered, with `state`. Empty: nowhere.
  std::string return_url = {};
  /// The browser's own session is not the one named: its person must say that they mean it.
  bool must_ask = true;
};

/// A logout token that is to be sent to a client.
struct PendingLogout {
  std::string tenant;
  std::string id;
  std::string client = {};
  std::string uri;
  std::string token;
  std::int64_t attempts = 0;
};

/// Somebody of a tenant who may not act (any more).
struct GonePerson {
  std::string tenant;
  std::string person;
};

/// What a person has let an application have beyond their session.
struct LastingGrant {
  std::string id;
  std::string client;
  std::string client_name;  ///< empty: the client is not there any more
  Authentication authentication;
  std::int64_t made_ms = 0;
  std::int64_t ends_ms = 0;
};

/// The end of sessions, as clients hear of it. Thread-safe; waits for the database.
class Logouts {
 public:
  /// All outlive it.
  Logouts(const Parts& parts, SigningKeys& keys, AccessTokens& tokens)
      : parts_(parts), keys_(keys), tokens_(tokens) {}

  /// Follows the sessions that ended, on whatever node and also while nobody looked: how far it has
  /// come is kept. What was granted in each ends, but what goes on without it (`offline_access`),
  /// and the clients that want to know are told (Back-Channel Logout 1.0): what is to be sent to
  /// them is kept with that, and sent by and by. Returns how many had ended. To be called at the
  /// start, when a session has ended, and now and then.
  Answer<std::size_t> follow_sessions(std::int64_t now_ms);
  /// The same for one session. `is_meant`: somebody ended it, it is not just over: then what may
  /// administer ends with it in any case.
  Answer<void> session_ended(const Occasion& occasion, std::string_view session,
                             std::string_view person, bool is_meant = false);
  /// The same for somebody who has left, and all that was granted by them.
  Answer<void> person_ended(const Occasion& occasion, std::string_view person);
  /// Whoever something is granted by, and who is not in force any more, or is gone.
  Answer<std::vector<GonePerson>> gone_people() const;

  /// What of a person goes on without a session (`offline_access`), the earliest first.
  Answer<std::vector<LastingGrant>> lasting_grants(const Occasion& occasion,
                                                   std::string_view person) const;
  /// Ends the one of those with the id, or where that is empty all. Returns how many there were.
  Answer<std::size_t> end_lasting_grants(const Occasion& occasion, std::string_view person,
                                         std::string_view id = {});

  /// `session`: the browser's; null: none.
  Answer<LogoutRequest> check(const Occasion& occasion, const Parameters& parameters,
                              const authn::Session* session);

  /// What is due, of all tenants, the earliest first.
  Answer<std::vector<PendingLogout>> due(std::int64_t now_ms, std::size_t most) const;
  /// Takes it to be sent: unless it is delivered it is due again after twice the time, for an hour.
  /// False: another node has taken it.
  Answer<bool> take(const PendingLogout& logout, std::int64_t now_ms);
  /// Its client has it: it is forgotten.
  Answer<void> delivered(const PendingLogout& logout);
  /// What no client took for an hour is forgotten, of all tenants, and each put on record. Returns
  /// how many.
  Answer<std::size_t> give_up(std::int64_t now_ms);

 private:
  struct EndOfSession {
    std::string_view id;
    std::string_view person;
    bool is_meant = false;
  };
  Answer<void> end_session(storage::Work& work, const Occasion& occasion,
                           const jose::SigningKey& key, const EndOfSession& end) const;
  Answer<void> tell_clients(storage::Work& work, const Occasion& occasion,
                            const jose::SigningKey& key, std::string_view session,
                            std::string_view person) const;

  const Parts& parts_;
  SigningKeys& keys_;
  AccessTokens& tokens_;
};

}  // namespace wardlock::oauth
