#pragma once

#include <boost/json/object.hpp>

#include "api/authzen/evaluation.h"
#include "api/authzen/surroundings.h"
#include "base/error.h"
#include "codec/json_writer.h"

namespace wardlock::authzen {

/// Answers a search (AuthZEN 1.0 §8): the subjects, resources or actions that fill the question's
/// gap, a page at a time. `evaluation` holds what the request's options say.
///
/// A page has at most 1000 results, fewer where `page.limit` says so. It also ends after so many
/// decisions, fewer for a large request, and where the caller's quota ends; so it may have no
/// results and yet not be the last. The reply has `page` where the request has it, and where there
/// is more.
///
/// Error: what is missing or of the wrong type, by its path; a token that is not of this search;
/// or as `search::search`. Nothing is written then.
Result<void> answer_search(Gap gap, const boost::json::object& request, Evaluation& evaluation,
                           const Surroundings& surroundings, codec::JsonWriter& json);

}  // namespace wardlock::authzen
