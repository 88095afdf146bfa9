#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "authn/session/session.h"
#include "authn/session/session_settings.h"
#include "base/error.h"
#include "base/secret.h"
#include "storage/store.h"

namespace wardlock::authn {

/// A session to be opened for somebody who was recognised.
struct NewSession {
  std::string tenant;
  std::string person;  ///< in force in the directory
  Assurance assurance;
  std::string environment;
  std::string workstation = {};
  std::vector<std::string> authenticators = {};  ///< ids of those that were used
  /// Recognised by what was remembered while the database was down: the session is kept in memory
  /// alone, and for a short time.
  bool is_without_database = false;
};

/// A session with the token that its browser is to send from now on. What was ended to make room
/// has been told to `SessionSurroundings::ended`.
struct OpenedSession {
  Session session;
  Secret token;
};

/// What a token stands for.
struct TakenSession {
  Session session;                  ///< where it is locked, it may be unlocked and nothing else
  std::optional<Secret> new_token;  ///< where it is to take the place of the one that was sent
};

/// What sessions take from outside. All outlive them.
struct SessionSurroundings {
  std::function<void(std::span<std::uint8_t>)> fill_random;
  /// Told of each session that ended here, once in all nodes, after it was kept: for the audit log.
  std::function<void(const Session&, EndReason)> ended = {};
};

/// Who is signed in: in memory, with rows in the store that all nodes share. A token has
/// a secret of 256 random bits; nothing but hashes of it is kept. It changes by and by, and with
/// each step-up and unlocking; the one before stays good for some seconds, and who comes with an
/// older one ends the session, as it was copied. Thread-safe. Times are milliseconds since the
/// epoch.
///
/// Errors besides those of storage::Store: kUnauthenticated, the token stands for nothing (any
/// more), in the same words whatever the cause.
class Sessions {
 public:
  /// Reads all that are live, and follows the others' changes from then on. Requires settings that
  /// were checked. `store` has the tables of tables.h and of the directory, and outlives them.
  static Result<std::unique_ptr<Sessions>> start(storage::Store& store, SessionSettings settings,
                                                 SessionSurroundings surroundings);
  ~Sessions();
  Sessions(const Sessions&) = delete;
  Sessions& operator=(const Sessions&) = delete;

  /// Errors: kInvalidArgument, the environment is none of the settings'; kPermissionDenied, the
  /// person is not in force, or nothing was shown; kResourceExhausted, they have too many.
  Result<OpenedSession> open(const NewSession& wanted, std::int64_t now_ms);

  /// Who the token stands for; nothing: nobody, or the session is locked. Costs no database. It
  /// counts as a use.
  std::optional<Session> find(std::string_view token, std::int64_t now_ms);
  /// The same by its id (`sid`), for what rests on a session; no use.
  std::optional<Session> find_id(std::string_view tenant, std::string_view id,
                                 std::int64_t now_ms) const;

  /// For pages: also looks in the database where memory does not know enough, gives a new token
  /// where that is due, and ends the session of a token that is too old. Where the database is
  /// down, it goes on with what it knows.
  Result<TakenSession> take(std::string_view token, std::int64_t now_ms);

  /// Its owner has shown more. The token changes.
  Result<OpenedSession> step_up(std::string_view token, const Assurance& added,
                                std::span<const std::string> authenticators, std::int64_t now_ms);

  /// Nobody is to use it until it is unlocked. Errors: kFailedPrecondition, its environment does
  /// not lock.
  Result<void> lock(std::string_view token, std::int64_t now_ms);
  /// The person's session that is locked at the workstation; nothing: none may be unlocked.
  Result<std::optional<Session>> find_locked(std::string_view tenant, std::string_view person,
                                             std::string_view workstation,
                                             std::int64_t now_ms) const;
  /// Badge or PIN were right. The workstation's mark was verified by the caller. At AAL3 one factor
  /// is not enough (SP 800-63B-4, 2.3.3): such a session goes on at AAL2. Error kUnauthenticated:
  /// no session of the person is locked there, or its shift is over.
  Result<OpenedSession> unlock(std::string_view tenant, std::string_view person,
                               std::string_view workstation, std::int64_t now_ms);
  /// Badge or PIN were wrong. After too many the sessions locked there end. Returns whether another
  /// try is left.
  Result<bool> note_failed_unlock(std::string_view tenant, std::string_view person,
                                  std::string_view workstation, std::int64_t now_ms);

  /// False: there was none.
  Result<bool> end(std::string_view tenant, std::string_view id, EndReason reason,
                   std::int64_t now_ms);
  /// By the token, for signing out; nothing where it stands for none.
  Result<std::optional<Session>> end_by_token(std::string_view token, EndReason reason,
                                              std::int64_t now_ms);
  /// All of a person, but for the one with the id `but`; of a tenant; those that rest on an
  /// authenticator. Return how many ended.
  Result<std::size_t> end_of_person(std::string_view tenant, std::string_view person,
                                    EndReason reason, std::int64_t now_ms,
                                    std::string_view but = {});
  Result<std::size_t> end_of_tenant(std::string_view tenant, EndReason reason, std::int64_t now_ms);
  Result<std::size_t> end_resting_on(std::string_view tenant, std::string_view person,
                                     std::string_view authenticator, std::int64_t now_ms);
  /// They left or are suspended. Takes effect in this node's memory even where the database is
  /// down, and is then told as an error all the same.
  Result<std::size_t> person_ended(std::string_view tenant, std::string_view person,
                                   std::int64_t now_ms);

  /// A person's live sessions, the earliest first.
  Result<std::vector<Session>> of_person(std::string_view tenant, std::string_view person,
                                         std::int64_t now_ms) const;

  /// Takes over what other nodes did. Called when the database tells; may be called at any time.
  Result<void> follow();
  /// Writes when sessions were last used, ends those whose time is over, and forgets what ended
  /// long ago. To be called every half minute or so.
  Result<void> tidy(std::int64_t now_ms);

  std::size_t size() const;
  const SessionSettings& settings() const;

 private:
  struct State;
  explicit Sessions(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace wardlock::authn
