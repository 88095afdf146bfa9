#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "api/authzen/evaluation.h"
#include "api/authzen/reply.h"
#include "api/authzen/surroundings.h"
#include "base/error.h"

namespace wardlock::authzen {

/// The questions of an evaluations request (§7.1), or null where it is a single question: without
/// the key, or with an empty list. Error (kInvalidArgument): it is no list.
Result<const boost::json::array*> find_evaluations(const boost::json::object& request);

/// Answers the questions in their order, each by itself: one that cannot be decided is denied, with
/// its error, and the others are answered. `evaluation` holds what the request's options say. All
/// are decided from one snapshot at one time.
///
/// `options.evaluations_semantic` (§7.1.2.1) may end it early; the reply then ends with the answer
/// that ended it. An override never ends `permit_on_first_permit`: it must not be what a caller
/// finds before it has looked for a permit of everyday.
///
/// Error (kInvalidArgument): an unknown semantic, or defaults too large for that many questions;
/// nothing is written then.
Result<void> answer_batch(const boost::json::object& request, const boost::json::array& questions,
                          Evaluation& evaluation, const Surroundings& surroundings, Detail detail,
                          codec::JsonWriter& json);

}  // namespace wardlock::authzen
