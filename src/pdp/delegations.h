#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "cedar/entities/entity_store.h"
#include "cedar/value/value.h"

namespace wardlock::pdp {

/// The type of the entities that are delegations.
inline constexpr std::string_view kDelegationType = "Wardlock::Delegation";

/// One may act with another's right: for one patient, device or place, by some actions, for a
/// while. Delegations come from the snapshot, never from a request. Borrows from the entity that it
/// is.
struct Delegation {
  std::string_view id;
  cedar::EntityUid delegator;                  ///< whose right it is
  cedar::EntityUid delegate;                   ///< who acts with it
  cedar::EntityUid target;                     ///< the resource, or one of its ancestors
  std::span<const cedar::Value> actions = {};  ///< a set of actions, or groups of actions
  std::int64_t opens_at = 0;                   ///< milliseconds since the epoch
  std::int64_t expires_at = 0;                 ///< the same; exclusive
  std::string_view by = {};                    ///< what the delegator is, e.g. `patient`
  std::string_view purpose = {};
  std::string_view ticket = {};     ///< empty: none
  bool may_pass_on = false;         ///< the delegate may delegate it to others
  std::string_view passes_on = {};  ///< the id of the delegation that the delegator has it from
};

/// So many delegations may stand behind each other, the first one included.
inline constexpr int kMostLinks = 4;

/// The delegations among the entities, in an order for `delegations_to`. Each has the attributes
/// `delegator`, `delegate`, `target` (records of the texts `type` and `id`, since they are of any
/// type), `actions` (a set of entities), `opensAt`, `expiresAt` (datetimes), `by`, `purpose`,
/// `ticket` (texts), `onward` (a Bool), and may have `passesOn` (a text). They borrow from the
/// store. Error: the first that is malformed.
Result<std::vector<Delegation>> find_delegations(const cedar::EntityStore& entities);

/// Those of `all`, which are as `find_delegations` returned them, that may be to the delegate:
/// whoever has the same hash. Those of one delegator stand together, in the order of their ids.
std::span<const Delegation> delegations_to(std::span<const Delegation> all,
                                           const cedar::EntityUid& delegate);

}  // namespace wardlock::pdp
