#pragma once

#include <string>
#include <vector>

#include "pdp/snapshot.h"
#include "suite/run.h"

namespace wardlock::suite {

/// How an answer that was not expected came about, in sentences: which policies determined it, why
/// those that were expected did not match, or for want of such the permits that came nearest; what
/// could not be evaluated, and what was left out of the question. Pure.
std::vector<std::string> why_so(const Test& test, const Answer& answer,
                                const pdp::Snapshot& snapshot);

}  // namespace wardlock::suite
