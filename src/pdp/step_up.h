#pragma once

#include <optional>

#include "base/arena.h"
#include "pdp/caller.h"
#include "pdp/rule.h"

namespace wardlock::pdp {

/// The least authentication that would turn a denial into an allow, if one would: the lowest level
/// and, of RFC 8176's methods that the policies name, those that are missing. Nothing where no
/// policy asks for authentication, or where more than `present` would not help. Requires a denied
/// question. Pure.
std::optional<Authentication> find_step_up(const Partition& policies, const Question& question,
                                           const Authentication& present, Arena& arena);

}  // namespace wardlock::pdp
