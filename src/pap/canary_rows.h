#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/error.h"
#include "pap/canary.h"
#include "pap/surroundings.h"
#include "storage/work.h"

namespace wardlock::pap {

// Canaries as rows. All within the transaction of `work`. Private to the room.

/// Fills in its number.
Result<void> insert_canary(storage::Work& work, CanaryStage& stage);
Result<std::optional<CanaryStage>> find_running_canary(storage::Work& work,
                                                       const PolicyPlace& place);
Result<std::optional<CanaryStage>> find_canary(storage::Work& work, const PolicyPlace& place,
                                               std::uint64_t number);
Result<std::vector<CanaryStage>> find_canaries(storage::Work& work, const PolicyPlace& place,
                                               std::uint64_t before, std::size_t most);
/// Of all there were; 0: there were none.
Result<std::uint64_t> last_canary_serial(storage::Work& work, const PolicyPlace& place);

/// Ends it, and puts that on record. Nothing happens where it has ended already: false.
Result<bool> end_canary(storage::Work& work, const PolicySurroundings& surroundings,
                        const directory::Mandate& mandate, const CanaryStage& stage, CanaryEnd how);
/// The same for the one that runs in that place; nothing where none does.
Result<void> end_running_canary(storage::Work& work, const PolicySurroundings& surroundings,
                                const directory::Mandate& mandate, const PolicyPlace& place,
                                CanaryEnd how);

/// The same where the one that runs there is the draft's: people no longer stand by it.
Result<void> end_canary_of(storage::Work& work, const PolicySurroundings& surroundings,
                           const directory::Mandate& mandate, const PolicyDraft& draft);

}  // namespace wardlock::pap
