#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pdp/snapshot.h"
#include "suite/run.h"

namespace wardlock::suite {

/// To follow one policy through a question, besides what its conditions take.
inline constexpr std::uint64_t kTraceSteps = 10;

/// How an answer that was not expected came about, in sentences: which policies determined it, why
/// those that were expected did not match, or for want of such the permits that came nearest; what
/// could not be evaluated, and what was left out of the question. `budget`, where there is one, as
/// in `run_test`. Pure.
std::vector<std::string> why_so(const Test& test, const Answer& answer,
                                const pdp::Snapshot& snapshot, cedar::StepBudget* budget = nullptr);

}  // namespace wardlock::suite
