#pragma once

#include <cstdint>
#include <functional>

#include "audit/retention/retention.h"
#include "base/error.h"
#include "config/config.h"
#include "event/event.h"
#include "server/audit_log.h"

namespace wardlock::server {

/// What the configuration says of how long records are kept; requires that it says something.
audit::RetentionRules retention_rules(const config::Audit& settings);

/// What of the log may be removed at that time, in milliseconds since the epoch: see
/// audit/retention/retention.h. Changes nothing.
Result<audit::ExpiredPart> find_expired(
    AuditLog& audit, const config::Audit& settings, std::int64_t now,
    const std::function<void(std::uint64_t, std::uint64_t)>& report);

/// Removes it: records that first, closes the log so that its last checkpoint covers the record,
/// and then removes. `circumstances`: who does it, and why. Requires that there is something.
/// Errors: it could not be recorded, and nothing was removed; the files', after which some was.
Result<void> remove_expired(AuditLog& audit, const audit::ExpiredPart& part,
                            event::Event circumstances);

}  // namespace wardlock::server
