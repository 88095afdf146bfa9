#pragma once

#include <cstdint>
#include <memory>

#include "base/error.h"
#include "config/config.h"
#include "server/audit_log.h"
#include "server/cosigning.h"
#include "server/forwarders.h"
#include "server/log.h"
#include "server/log_index.h"
#include "server/metrics.h"
#include "server/world.h"

namespace wardlock::server {

/// All that is done with the audit log of this process: it is written, searched, confirmed from
/// outside and sent on. Its parts are thread-safe.
struct Recording {
  /// Opens the log and starts what reads it. Null where nothing is to be recorded. `log` outlives
  /// it. Errors: what cannot be used, and why.
  static Result<std::unique_ptr<Recording>> start(const config::Config& config, Log& log);

  /// Records that the server serves. Error: it cannot be recorded, and the server is not to go on
  /// without.
  Result<void> record_start(const World& world);
  /// Records that it has stopped, and gives what sends the log on a moment for that.
  void record_stop(Log& log);

  std::unique_ptr<AuditLog> audit;
  std::unique_ptr<LogIndex> index;
  std::unique_ptr<Cosigning> cosigning;  ///< null: no witness is configured
  std::unique_ptr<Forwarders> forwarders;
};

/// What went to the spool before this start, and was not there any more.
void warn_of_lost_spool(const AuditLog& audit, Log& log);

/// A tenant that is not trusted with a class that its schema uses: the class does not count.
void warn_of_distrusted_classes(const AuditLog& audit, const World& world, Log& log);

/// A class that no schema knows is set for nothing: most likely it is misspelt.
void warn_of_unknown_classes(const config::Audit& audit, const World& world, Log& log);

/// Its metrics.
void add_recording(const Recording& recording, std::int64_t now, Exposition& out);

}  // namespace wardlock::server
