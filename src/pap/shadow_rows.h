#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/error.h"
#include "pap/shadow_stages.h"
#include "storage/work.h"

namespace wardlock::pap {

// Shadows as rows. All within the transaction of `work`. Private to the room.

/// Fills in its number.
Result<void> insert_shadow(storage::Work& work, ShadowStage& stage);
/// How it ended. Nothing happens where it has ended already: false.
Result<bool> end_shadow(storage::Work& work, const ShadowStage& stage);
Result<std::optional<ShadowStage>> find_running_shadow(storage::Work& work,
                                                       const PolicyPlace& place);
Result<std::optional<ShadowStage>> find_shadow(storage::Work& work, const PolicyPlace& place,
                                               std::uint64_t number);
Result<std::vector<ShadowStage>> find_shadows(storage::Work& work, const PolicyPlace& place,
                                              std::uint64_t before, std::size_t most);

/// Whose counts are meant: those of a shadow or of a canary.
struct CountedStage {
  bool is_canary = false;
  const PolicyPlace& place;
  std::uint64_t number = 0;
};

Result<void> put_shadow_count(storage::Work& work, const CountedStage& stage,
                              const NodeShadowCount& count);
/// By the nodes' names.
Result<std::vector<NodeShadowCount>> find_shadow_counts(storage::Work& work,
                                                        const CountedStage& stage);

}  // namespace wardlock::pap
