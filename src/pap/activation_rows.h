#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "pap/activation.h"
#include "storage/work.h"

namespace wardlock::pap {

// Activations as rows. All within the transaction of `work`. Private to the room.

/// The clock's time, or that of the last activation where that is later: a clock that was set back
/// takes nothing out of force.
Result<std::int64_t> time_at(storage::Work& work, const PolicyPlace& place, std::int64_t clock_ms);

Result<void> insert_activation(storage::Work& work, const Activation& activation);

/// The one with the highest serial whose time has come. Nothing: none has.
Result<std::optional<Activation>> find_in_force(storage::Work& work, const PolicyPlace& place,
                                                std::int64_t now_ms);
/// The one with the highest serial, whenever its time comes.
Result<std::optional<Activation>> find_last(storage::Work& work, const PolicyPlace& place);
Result<std::optional<Activation>> find_activation(storage::Work& work, const PolicyPlace& place,
                                                  std::uint64_t serial);
/// Those with lower serials than `before` (0: all), the highest first; at most so many.
Result<std::vector<Activation>> find_activations(storage::Work& work, const PolicyPlace& place,
                                                 std::uint64_t before, std::size_t most);

}  // namespace wardlock::pap
