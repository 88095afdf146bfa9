#pragma once

#include "audit/log/log_folder.h"
#include "net/http.h"
#include "server/audit_log.h"

namespace wardlock::server {

/// Reads the audit log for the callers of one thread.
class LogReader {
 public:
  /// The log outlives it.
  explicit LogReader(AuditLog& audit);

  /// See api/audit/log_endpoints.h.
  void answer(const net::HttpRequest& request, net::HttpResponse& response);

 private:
  AuditLog& audit_;
  audit::TileFiles tiles_;
  audit::RecordReader records_;
};

}  // namespace wardlock::server
