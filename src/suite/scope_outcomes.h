#pragma once

#include <array>
#include <string>

#include "cedar/schema/schema.h"
#include "cedar/trace/parts.h"

namespace wardlock::suite {

/// Which outcomes a part can have.
struct Possible {
  bool is_true = true;
  bool is_false = true;
};

/// Which outcomes the schema lets the elements of a policy's scope have (principal, action,
/// resource), each where the ones before it hold: `resource is Patient` cannot be false where the
/// action is asked about patients only.
std::array<Possible, 3> scope_outcomes(const cedar::Template& policy, const cedar::Schema& schema);

/// The element of the scope as Cedar text, e.g. `principal in Role::"Nurse"`.
std::string scope_text(const cedar::Template& policy, cedar::Part::Kind kind);

}  // namespace wardlock::suite
