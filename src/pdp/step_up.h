#pragma once

#include <optional>

#include "pdp/caller.h"
#include "pdp/candidates.h"
#include "pdp/rule.h"

namespace wardlock::pdp {

/// The least authentication that would turn a denial into an allow, if one would: the lowest level
/// and, of RFC 8176's methods that the policies name, those that are missing. Nothing where no
/// policy asks for authentication, where more than `present` would not help, or where the budget
/// ends before that is known. Requires a denied question and its candidates, in whose arena the
/// methods are. Pure.
std::optional<Authentication> find_step_up(Candidates& policies, const Question& question,
                                           const Authentication& present);

}  // namespace wardlock::pdp
