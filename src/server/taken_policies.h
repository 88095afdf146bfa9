#pragma once

#include <memory>

#include "base/error.h"
#include "pdp/snapshot.h"
#include "server/audit_log.h"
#include "server/world.h"

namespace wardlock::server {

// What is done wherever a snapshot takes the place of another, whoever takes it over.

/// The snapshot, under a revision that follows the one in use: another may have been published
/// since it was begun. Error: as pdp::make_snapshot.
Result<std::shared_ptr<const pdp::Snapshot>> following(
    std::shared_ptr<const pdp::Snapshot> snapshot, const ServedTenant& in_use,
    const pdp::TypeMapping& types);

/// What changes who may do what is on record before it counts. `audit` null: nothing is recorded.
/// Error kUnavailable: it could not be recorded, and is not to count.
Result<void> record_policies(AuditLog* audit, const ServedTenant& before,
                             const pdp::Snapshot& after);

}  // namespace wardlock::server
