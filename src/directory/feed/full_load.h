#pragma once

#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "directory/feed/step.h"
#include "storage/work.h"

namespace wardlock::directory {

/// Reads the whole directory of the tenant into a state that has nothing yet but the entities of
/// the tenant's file. In two passes: who there is, and who leads to whom.
Result<void> load_all(FeedState& state, storage::Work& work, std::string_view tenant,
                      std::int64_t now);

}  // namespace wardlock::directory
