#pragma once

#include <string>
#include <vector>

#include "cedar/schema/schema.h"
#include "cedar/trace/parts.h"

namespace wardlock::suite {

/// Which outcomes a part can have.
struct Possible {
  bool is_true = true;
  bool is_false = true;
};

/// Which outcomes the schema lets each part of the policy have, in the order of `cedar::parts_of`,
/// each where the evaluation comes to it: `resource is Patient` cannot be false where the action is
/// asked about patients only. What holds of every entity of a type may still be false of one that
/// is missing, so that `has` is never taken to be true.
std::vector<Possible> possible_outcomes(const cedar::Template& policy, const cedar::Schema& schema);

/// The element of the scope as Cedar text, e.g. `principal in Role::"Nurse"`.
std::string scope_text(const cedar::Template& policy, cedar::Part::Kind kind);

}  // namespace wardlock::suite
