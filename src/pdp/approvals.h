#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "cedar/entities/entity_store.h"
#include "cedar/value/value.h"

namespace wardlock::pdp {

/// The type of the entities that are approvals.
inline constexpr std::string_view kApprovalType = "Wardlock::Approval";

/// Others have agreed that one principal does one action on one resource, for a while. Approvals
/// come from the snapshot, never from a request. Borrows from the entity that it is.
struct Approval {
  std::string_view id;
  cedar::EntityUid principal;                    ///< who may act on it
  cedar::EntityUid target;                       ///< the resource itself, and nothing in it
  const cedar::EntityUid* action = nullptr;      ///< the action itself, and no group of actions
  std::span<const cedar::Value> approvers = {};  ///< a set of names (entity_name.h), at least one
  std::int64_t opens_at = 0;                     ///< milliseconds since the epoch
  std::int64_t expires_at = 0;                   ///< the same; exclusive
  std::string_view ticket = {};                  ///< empty: none
};

/// The approvals among the entities, in an order for `approvals_of`. Each has the attributes
/// `principal`, `target` (records of the texts `type` and `id`, since they are of any type),
/// `action` (an entity), `approvers` (a set of such records), `opensAt`, `expiresAt` (datetimes)
/// and `ticket` (a text). They borrow from the store. Error: the first that is malformed; one that
/// nobody has given, or the principal has, is.
Result<std::vector<Approval>> find_approvals(const cedar::EntityStore& entities);

/// Those of `all`, which are as `find_approvals` returned them, that may be the principal's:
/// whoever has the same hash. In the order of their ids.
std::span<const Approval> approvals_of(std::span<const Approval> all,
                                       const cedar::EntityUid& principal);

}  // namespace wardlock::pdp
