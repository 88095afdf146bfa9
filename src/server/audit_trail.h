#pragma once

#include "administration/trail.h"
#include "server/log_index.h"

namespace wardlock::server {

/// What the audit log of this process knows somebody to have done: found through its index, whose
/// thread does the work.
class AuditTrail : public administration::Trail {
 public:
  /// The index outlives it.
  explicit AuditTrail(LogIndex& index) : index_(index) {}

  /// Waits for the index's thread, at most a few seconds. Errors besides: kDeadlineExceeded.
  Result<administration::Traces> of(const administration::Actor& actor, std::int64_t since_ms,
                                    std::size_t most) override;

 private:
  LogIndex& index_;
};

}  // namespace wardlock::server
