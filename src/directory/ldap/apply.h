#pragma once

#include <functional>

#include "base/error.h"
#include "directory/ldap/plan.h"
#include "directory/registry/registry.h"

namespace wardlock::directory {

/// Does what the plan says, people first, then groups, a few in each transaction; those with whom
/// it cannot be done become faults of the plan. Returns with how many people it was done. `go_on`
/// is called before each transaction; its error ends it, as do those of the store.
Result<std::uint64_t> apply_plan(LdapPlan& plan, const LdapPeople& people, Registry& registry,
                                 const Mandate& mandate,
                                 const std::function<Result<void>()>& go_on);

}  // namespace wardlock::directory
