#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/error.h"
#include "cedar/evaluator/evaluator.h"
#include "pdp/access.h"
#include "pdp/snapshot.h"

namespace wardlock::pdp {

/// A caller's question in Cedar's terms. Borrows from the snapshot and the arena.
struct ResolvedRequest {
  cedar::Request request;
  std::vector<cedar::Entity> overlay;  ///< principal and resource with the caller's properties
  std::vector<std::string> notes;      ///< what was left out, and where the directory disagrees
};

/// Resolves names, merges the caller's properties with the directory's attributes, and builds the
/// context, the keys the PDP fills included. Each attribute has one owner: the directory, or the
/// application where the schema says `@source("request")`; the owner's value counts. Without a
/// schema the stored value counts, and the request adds what is not stored.
///
/// Error: the question does not fit the schema, or a part of it is malformed.
Result<ResolvedRequest> resolve(const Snapshot& snapshot, const AccessRequest& access,
                                std::int64_t now, Arena& arena);

/// The context keys that the PDP fills for every request, with their values. Where there is a
/// schema they count only where the action's context declares them.
std::vector<cedar::Field> filled_context(std::string_view pep, std::int64_t now, Arena& arena);

/// Whether the schema declares the context keys that the PDP fills with the types it fills them
/// with. Error: the first that does not fit.
Result<void> check_reserved_context(const cedar::Schema& schema);

}  // namespace wardlock::pdp
