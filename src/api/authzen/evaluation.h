#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "codec/json.h"
#include "pdp/access.h"

namespace wardlock::authzen {

/// A question as AuthZEN 1.0 puts it (§6.1), in the PDP's terms. Borrows from the JSON.
struct Evaluation {
  pdp::AccessRequest access;
  bool wants_reasons = false;
};

/// Reads an evaluation request. Members that AuthZEN does not name are ignored, except Wardlock's
/// own `options`, an object with any of
///   `reasons`      true: the reply gives the policies' reasons,
///   `obligations`  the names of the obligations that the caller would fulfil,
///   `grant`        the break-glass grant to use.
/// A member that is null counts as absent. Error (kInvalidArgument): what is missing or of the
/// wrong type, by its path.
Result<Evaluation> parse_evaluation(const codec::Json& json);

/// The reply of docs/life-of-a-decision.md; what there is nothing to say about is left out.
std::string to_reply_text(const pdp::AccessDecision& decision, const Evaluation& evaluation,
                          const pdp::Snapshot& snapshot, std::string_view decision_id);

}  // namespace wardlock::authzen
