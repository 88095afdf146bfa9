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
  Result<administration::Traces> under(std::string_view tenant, std::string_view grant,
                                       std::int64_t since_ms, std::int64_t until_ms,
                                       std::size_t most) override;

 private:
  /// `grant`: nothing else counts; empty: everything.
  Result<administration::Traces> ask(const audit::Query& query, const std::string& grant);

  LogIndex& index_;
};

}  // namespace wardlock::server
