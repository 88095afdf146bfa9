#pragma once

#include <cstddef>
#include <string>

#include "base/error.h"

namespace wardlock::bench {

/// The parts of the benchmark of what access stands on besides rights: break-glass grants,
/// delegations, consents and approvals. `policies` is the hospital's folder. Each prints its
/// figures beside its comparator's.

/// Resolving them for a decision, beside the decision without: at most half as much again. Returns
/// whether it is so.
Result<bool> bench_context(const std::string& policies);

/// Decides among `count` of each, for callgrind with `--instr-atstart=no`: it counts the decisions
/// of each kind apart. Prints JSON: of each kind how many.
Result<bool> count_decisions(const std::string& policies, std::size_t count);

}  // namespace wardlock::bench
