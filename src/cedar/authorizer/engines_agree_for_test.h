#pragma once

#include <string>

#include "cedar/authorizer/random_decision_for_test.h"

namespace wardlock::cedar {

/// Decides by the Evaluator and by compiled policies: what is different (decision, reasons, errors
/// and their texts, candidates, the outcome of each), or nothing. Also with few steps, which must
/// give the same answer or say that they are used up.
std::string difference_of_engines(RandomDecision& decision);

}  // namespace wardlock::cedar
