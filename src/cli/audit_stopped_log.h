#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "cli/command_builder.h"
#include "server/audit_log.h"

namespace wardlock::cli {

/// Where a log lies that no server has open, as the command line says it.
struct StoppedLog {
  std::string folder;
  std::string keys;   ///< folder of its keys; empty: its own `keys`
  std::string spool;  ///< folder of its spool; empty: its own `spool`
};

/// `DIR`, `--keys` and `--spool`.
CommandBuilder& add_stopped_log(CommandBuilder& command, StoppedLog& where);

/// Opens it as a server would: what its spool holds is in the log when this returns. Errors:
/// unavailable, a server has it open, and `otherwise` says what to do then, or the spool's records
/// cannot come in; not_found, it is no log, or its keys are not there; those of `AuditLog::open`.
Result<std::unique_ptr<server::AuditLog>> open_stopped_log(const StoppedLog& where,
                                                           std::string_view otherwise);

}  // namespace wardlock::cli
