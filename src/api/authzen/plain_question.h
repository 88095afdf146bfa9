#pragma once

#include <optional>
#include <string_view>

#include "api/authzen/evaluation.h"
#include "codec/json.h"

namespace wardlock::authzen {

/// What a question may hold of JSON that AuthZEN leaves open. Its memory is that of the storage.
struct QuestionValues {
  explicit QuestionValues(const boost::json::storage_ptr& storage)
      : principal_properties(storage),
        action_properties(storage),
        resource_properties(storage),
        context(storage) {}

  codec::Json principal_properties;
  codec::Json action_properties;
  codec::Json resource_properties;
  codec::Json context;
};

/// Reads a body as callers write it – one question, sound, in plain JSON, with no member that has
/// no meaning here – without making a document of it. `evaluation`, as new but for its caller,
/// becomes what `read_options` and `read_question` would make of it. False: another body; it is for
/// those two, who say what is wrong with it, if anything is, and `evaluation` counts for nothing.
///
/// `evaluation` borrows from the body, `values` and the arena.
bool read_plain_question(std::string_view body, const codec::JsonLimits& limits,
                         QuestionValues& values, Arena& arena, Evaluation& evaluation);

}  // namespace wardlock::authzen
