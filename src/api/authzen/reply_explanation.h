#pragma once

#include "api/authzen/evaluation.h"
#include "api/authzen/surroundings.h"
#include "codec/json_writer.h"

namespace wardlock::authzen {

/// Writes `explanation` of a question that was just decided, where its caller wants it and may have
/// it. All explanations of one reply together are bounded (`ExplanationBudget`); one that is beyond
/// that is `{"truncated": true}`.
void write_explanation(Evaluation& evaluation, const Surroundings& surroundings,
                       codec::JsonWriter& json);

}  // namespace wardlock::authzen
