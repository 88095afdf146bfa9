#include "authn/session/ended_sessions.h"

#include <utility>

#include "authn/session/session_rows.h"

namespace wardlock::authn {

Result<EndedSessions> find_ended_sessions(storage::Work& work, std::uint64_t after,
                                          std::size_t most) {
  EndedSessions found{.reached = after};
  auto changed = TRY(find_changed_sessions(work, after, most));
  for (SessionRecord& each : changed) {
    found.reached = each.changed;
    if (each.ended_ms) {
      found.ended.push_back({.session = std::move(each.session), .reason = each.end_reason});
    }
  }
  return found;
}

}  // namespace wardlock::authn
