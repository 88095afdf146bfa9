#pragma once

#include "codec/json_writer.h"
#include "explain/explanation.h"

namespace wardlock::explain {

/// Writes the explanation as one JSON object, as docs/explanations.md has it. What there is nothing
/// to say about is left out, and so is where the policies' texts lie.
void write_json(const Explanation& explanation, codec::JsonWriter& json);

}  // namespace wardlock::explain
