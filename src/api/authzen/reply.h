#pragma once

#include "api/authzen/evaluation.h"
#include "api/authzen/surroundings.h"
#include "base/error.h"
#include "codec/json_writer.h"
#include "pdp/access.h"

namespace wardlock::authzen {

/// How much of a decision its caller is told.
enum class Detail : std::uint8_t {
  kFull,     ///< `context` with everything there is to say
  kMinimal,  ///< `context` only with the obligations of an allow, where it has any
};

/// A decision as AuthZEN 1.0 tells it (§6.2), with the context of docs/authzen.md. What there is
/// nothing to say about is left out, and so is what the caller may not be told. An allow that has
/// obligations is never told without them. `evaluation` is the question decided; what an
/// explanation takes is taken from its budget; `id` is the decision's, which only full detail
/// tells.
void write_reply(const pdp::AccessDecision& decision, std::string_view id, Evaluation& evaluation,
                 const Surroundings& surroundings, Detail detail, codec::JsonWriter& json);

/// The answer to one of several questions that could not be decided (§7.2.1): denied, and why.
void write_denial(const Error& error, codec::JsonWriter& json);

}  // namespace wardlock::authzen
