#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authn/session/live_sessions.h"
#include "authn/session/session_rows.h"
#include "authn/session/sessions.h"

namespace wardlock::authn {

/// What Sessions has. Private to the room.
struct Sessions::State {
  State(storage::Store& the_store, SessionSettings the_settings,
        SessionSurroundings the_surroundings)
      : store(the_store),
        settings(std::move(the_settings)),
        surroundings(std::move(the_surroundings)) {}

  /// Which sessions are to end.
  struct Ending {
    std::string tenant;
    EndReason reason = EndReason::kSignedOut;
    std::int64_t now_ms = 0;
  };
  /// Told at the next occasion: the database was down.
  struct Pending {
    std::string id;
    Ending ending;
  };

  /// Memory follows what was kept; in this order with `follow`, so that nothing comes back.
  void take_over(const SessionRecord& record, bool is_without_database = false);
  void drop(const std::vector<Session>& ended, EndReason reason);
  Result<void> follow();
  Result<void> read_all();

  /// Ends those that the call finds, all in one transaction; in memory alone, for now, what cannot
  /// be kept. `is_wanted` says the same of what memory has.
  using Find = std::function<Result<std::vector<SessionRecord>>(storage::Work&)>;
  using Wanted = std::function<bool(const Session&)>;
  Result<std::size_t> end_found(const Ending& ending, const Find& find, const Wanted& is_wanted);
  std::size_t end_in_memory(const Ending& ending, const Wanted& is_wanted, bool is_pending);
  Result<void> write_pending();
  Result<void> write_uses();
  Result<void> end_over(std::int64_t now_ms);
  /// Of those that memory thinks over: whether the rows say so, too.
  Result<void> end_over_rows(const std::vector<LiveSessions::Seen>& over, std::int64_t now_ms);

  /// Changes the row of the open session that a token stands for.
  using Change = std::function<Result<void>(SessionRecord&)>;
  Result<SessionRecord> change(const ReadToken& token, std::int64_t now_ms, const Change& change);
  /// The same, with another token from then on.
  Result<OpenedSession> rotate(std::string_view token, std::int64_t now_ms, const Change& change);
  /// Memory is told what the database knows of it. Nothing is known: false.
  Result<bool> reload(const IdBytes& id);

  Result<SessionRecord> record_of(const NewSession& wanted, std::int64_t now_ms, Secret& token);
  Result<OpenedSession> open_in_memory(const NewSession& wanted, std::int64_t now_ms);

  storage::Store& store;
  const SessionSettings settings;
  const SessionSurroundings surroundings;
  LiveSessions live{settings};
  std::mutex following;  ///< over taking over
  std::uint64_t seen = 0;
  std::int64_t followed_ms = 0;  ///< by a clock that never goes back
  std::mutex pending_mutex;
  std::vector<Pending> pending;
  std::unique_ptr<storage::Listening> listening;  ///< the last member: it uses the others
};

/// The one refusal of a token.
std::unexpected<Error> no_session();
bool is_database_down(const Error& error);
/// Milliseconds of a clock that never goes back.
std::int64_t steady_ms();

}  // namespace wardlock::authn
