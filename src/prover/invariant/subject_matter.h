#pragma once

#include <vector>

#include "cedar/schema/schema.h"
#include "cedar/validator/request_environment.h"
#include "prover/condition/conditions.h"
#include "prover/invariant/sentence.h"
#include "prover/world/trial.h"

namespace wardlock::prover {

/// The environments of which the sentence speaks, in the schema's order.
std::vector<cedar::RequestEnvironment> environments_of(const Sentence& sentence,
                                                       const cedar::Schema& schema);

/// That a request of the environment is one of which the sentence speaks: each is wanted to be
/// true, but for the provisos.
const Formula* translate_who(const Sentence& sentence, Conditions& conditions);
const Formula* translate_what(const Sentence& sentence, Conditions& conditions);

/// Whether the sentence speaks of what was asked.
bool speaks_of(const Sentence& sentence, const TriedQuestion& tried);

}  // namespace wardlock::prover
