#pragma once

#include <cstdint>
#include <optional>

#include "codec/json.h"
#include "config/config.h"
#include "server/audit_log.h"
#include "server/cosigning.h"
#include "server/forwarders.h"
#include "server/log_index.h"
#include "server/metrics.h"
#include "server/world.h"

namespace wardlock::server {

struct Readiness {
  bool is_ready = true;
  codec::Json report;  ///< what /readyz says; nothing that a stranger may not know
};

/// `audit` and `forwarders` are null where nothing is recorded, `cosigning` where nobody confirms
/// what is.
Readiness readiness(const World& world, const config::Config& config, const AuditLog* audit,
                    const Cosigning* cosigning, const Forwarders* forwarders, bool is_draining,
                    std::int64_t now);

/// The metrics of the World: of all tenants, or of one.
void add_world(const World& world, std::optional<std::size_t> tenant, std::int64_t now,
               Exposition& out);

/// The metrics of the audit log.
void add_audit(const AuditLog& audit, const LogIndex& index, Exposition& out);
/// Those of its witnesses.
void add_witnesses(const Cosigning& cosigning, Exposition& out);

}  // namespace wardlock::server
