#pragma once

#include <span>
#include <string_view>

#include "base/arena.h"
#include "cedar/entities/entity_store.h"
#include "cedar/evaluator/evaluator.h"
#include "pdp/candidates.h"
#include "pdp/snapshot.h"

namespace wardlock::pdp {

/// The type of the entities that say what is stale of others. No schema declares it, so that no
/// request and no policy can name one.
inline constexpr std::string_view kStaleType = "Wardlock::Stale";

/// The name of the entity that says what is stale of that one: its attributes are those values that
/// are older than they are fresh and younger than they are forgotten. In `arena`.
const cedar::EntityUid* stale_uid_of(const cedar::EntityUid& uid, Arena& arena);

/// The attributes that policies in question read, and that are not fresh: they are absent though a
/// source should tell them, or their last known value counts. As `User.onCall`, each once. Looked
/// at are the principal, the resource, and what attributes of these two name. In `arena`.
std::span<const std::string_view> find_stale(const Snapshot& snapshot, const Candidates& policies,
                                             const cedar::Request& request,
                                             const cedar::EntityView& entities, Arena& arena);

/// What an override sees otherwise than all else: of the principal, the resource and what
/// attributes of these two name, those with a stale value that the schema keeps for emergencies,
/// with it. To be laid over, in the place of `overlay`, which it has within. Empty: it sees all as
/// it is. In `arena`.
std::span<const cedar::Entity* const> emergency_overlay(
    const Snapshot& snapshot, const cedar::Request& request,
    std::span<const cedar::Entity* const> overlay, Arena& arena);

}  // namespace wardlock::pdp
