#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "audit/forward/forwarder.h"
#include "base/error.h"
#include "config/config.h"
#include "server/audit_log.h"
#include "server/log.h"
#include "server/metrics.h"

namespace wardlock::server {

/// All that send the audit log on. Thread-safe.
class Forwarders {
 public:
  /// Starts those that are configured. The log and what is logged to outlive it. Error: the first
  /// that lacks what it needs; a receiver that is not there is no error.
  static Result<std::unique_ptr<Forwarders>> start(const config::Audit& options, AuditLog& audit,
                                                   Log& log);
  /// Stops them all, within a moment.
  ~Forwarders();
  Forwarders(const Forwarders&) = delete;
  Forwarders& operator=(const Forwarders&) = delete;

  /// Returns when all have sent what there is, or the time is over: a quarter of it for one that is
  /// failing. What is not sent then is sent after the next start.
  void wait_until_sent(std::chrono::milliseconds time) const;

  std::vector<audit::ForwardStatus> status() const;

 private:
  explicit Forwarders(const AuditLog& audit) : audit_(audit) {}

  const AuditLog& audit_;
  std::vector<std::unique_ptr<audit::Forwarder>> forwarders_;
};

void add_forwarders(const Forwarders& forwarders, std::int64_t now, Exposition& out);

}  // namespace wardlock::server
