#pragma once

#include <string_view>
#include <vector>

#include "base/error.h"
#include "cedar/entities/entity_store.h"
#include "pdp/rule.h"

namespace wardlock::pdp {

/// The type of the entities that are break-glass grants.
inline constexpr std::string_view kGrantType = "Wardlock::Grant";

/// The grants among the entities, sorted by id. Each has the attributes `principal`, `target`
/// (entities), `actions` (a set of entities), `opensAt`, `expiresAt` (datetimes), `reason` (a
/// string), and may have `waives` (a set of policy ids). They borrow from the store. Error:
/// the first that is malformed.
Result<std::vector<Grant>> find_grants(const cedar::EntityStore& entities);

}  // namespace wardlock::pdp
