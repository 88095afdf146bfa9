#pragma once

#include <cstdint>

#include "search/search.h"

namespace wardlock::search {

/// `search` where an action is sought.
Result<Found> search_actions(const pdp::Snapshot& snapshot, const Query& query,
                             const Portion& portion, std::int64_t now);

}  // namespace wardlock::search
