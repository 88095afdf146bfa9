#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "authn/caller_registry.h"
#include "base/arena.h"
#include "net/answer_gate.h"
#include "pdp/observer.h"
#include "server/decision_event.h"
#include "server/metrics.h"
#include "server/recorder.h"
#include "server/request_trail.h"
#include "server/world.h"

namespace wardlock::server {

/// A new id, of a decision or a record of the log, in the arena.
std::string_view new_id(Arena& arena);

/// Where what one request asks is counted and recorded.
struct Books {
  MetricsShard& shard;
  RequestTrail& trail;
  Recorder* recorder;  ///< null: nothing is recorded
  net::Tickets& tickets;
};

/// Limits, counts and records the questions of one request. Borrows everything.
class Meter : public pdp::Observer {
 public:
  Meter(const authn::KnownCaller& caller, const ServedTenant& tenant, const Occasion& occasion,
        Arena& arena, const Books& books)
      : caller_(caller), tenant_(tenant), occasion_(occasion), arena_(arena), books_(books) {}

  Result<void> admit(std::size_t count) override;
  bool is_recording() const override { return books_.recorder != nullptr; }
  Result<void> decided(const pdp::AccessRequest& request, const pdp::AccessDecision& decision,
                       std::string_view id) override;
  Result<void> searched(const pdp::AccessRequest& request, std::size_t decisions,
                        std::size_t found) override;
  /// The caller's quota bounds how many there are.
  void refused(const pdp::AccessRequest& request, ErrorCode why) override;

  /// Until the refused questions could be asked; nothing: none were.
  const std::optional<std::chrono::nanoseconds>& wait() const { return wait_; }
  /// What refused them, a word for machines.
  std::string_view refusal() const { return refusal_; }

 private:
  Result<void> record(const event::Event& event);

  const authn::KnownCaller& caller_;
  const ServedTenant& tenant_;
  const Occasion& occasion_;
  Arena& arena_;
  const Books& books_;
  std::optional<std::chrono::nanoseconds> wait_;
  std::string_view refusal_ = "quota";
};

}  // namespace wardlock::server
