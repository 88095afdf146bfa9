#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "authn/session/session.h"
#include "base/error.h"
#include "storage/work.h"

namespace wardlock::authn {

/// A session that ended, and why.
struct EndedSession {
  Session session;
  EndReason reason = EndReason::kAdministrator;
};

/// Sessions that ended, and up to which change of sessions that was looked at.
struct EndedSessions {
  std::uint64_t reached = 0;
  std::vector<EndedSession> ended = {};  ///< of all tenants, in the order in which they ended
};

/// Those that ended after that change, of the next `most` changes; within the transaction of
/// `work`. With `reached` where it was there is nothing more. What has ended is kept for an hour,
/// so who looks less often misses some. Errors: those of the store.
Result<EndedSessions> find_ended_sessions(storage::Work& work, std::uint64_t after,
                                          std::size_t most);

}  // namespace wardlock::authn
