#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "storage/store.h"

namespace wardlock::directory {

/// An audit event that waits to be taken over into the log.
struct WaitingEvent {
  std::uint64_t revision = 0;
  std::uint64_t item = 0;  ///< within its revision, from 0
  std::string id;
  std::string draft;  ///< of event/draft.h
};

/// How many wait.
struct Backlog {
  std::uint64_t own = 0;     ///< of one node
  std::uint64_t others = 0;  ///< of all others together
};

/// The log into which a node's events go, and how long it was when some were last taken over: what
/// comes next is behind that place.
struct LogPlace {
  std::string origin;
  std::uint64_t size = 0;
};

/// The events of a node that is gone, which are another's since.
struct TakenOver {
  std::string node;
  std::uint64_t events = 0;
};

/// The audit events of changes, from where they were made to the audit log of the node that made
/// them: each node has a log of its own, and takes its own events. Thread-safe. Errors: those of
/// storage::Store.
class Outbox {
 public:
  /// `store` outlives it; it has the tables of tables.h. `node`: as in events.
  Outbox(storage::Store& store, std::string node) : store_(store), node_(std::move(node)) {}

  /// The oldest that wait, in their order. Of all tenants.
  Result<std::vector<WaitingEvent>> waiting(std::size_t count) const;
  Result<Backlog> backlog() const;

  /// Nothing: none was taken over yet.
  Result<std::optional<LogPlace>> place() const;
  /// From now on they go there. Error kFailedPrecondition: some wait that may be in the log where
  /// they went before.
  Result<void> go_to(const LogPlace& place);
  /// They are in the log, up to and with this one, and the log is so long since. Error
  /// kFailedPrecondition: somebody else takes this node's events to another log.
  Result<void> forget(const WaitingEvent& last, const LogPlace& place);
  /// The node is there, and takes its events.
  Result<void> note_alive(std::int64_t now_ms);
  /// Makes the events of others this node's that were not seen, and have made nothing, since then.
  /// What such a node was at when it went may be in its log, too, under the same ids.
  Result<std::vector<TakenOver>> take_over(std::int64_t not_seen_since_ms);

  /// They are in no log, and nobody wants them there.
  Result<void> drop(const WaitingEvent& last);

 private:
  storage::Store& store_;
  const std::string node_;
};

}  // namespace wardlock::directory
