#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "net/answer_gate.h"
#include "server/audit_log.h"

namespace wardlock::server {

/// Records what happens on one serving thread, and keeps its answers back until their records are
/// on disk. All but `on_change` on that thread.
class Recorder final : public net::AnswerGate {
 public:
  /// The log outlives it.
  explicit Recorder(AuditLog& audit);
  ~Recorder() override { on_change({}); }

  const std::string& node() const { return audit_.node(); }

  /// Records the event; what it is of waits for the tickets, if there are any. Takes no memory from
  /// the heap in the steady state. Errors: kUnavailable, it can't be recorded now, so that what it
  /// is of must not be answered; kResourceExhausted, the same, since its caller has more waiting
  /// than others leave it; kInvalidArgument, it is no event that can be recorded.
  Result<net::Tickets> record(const event::Event& event);

  /// The same of an event that was made elsewhere, as event/draft.h has it.
  Result<net::Tickets> record_draft(std::string_view draft, std::string_view tenant,
                                    std::string_view record_class, std::string_view payer);

  /// Records that something was refused, whatever its class. Nothing waits for it: nothing was
  /// given out; and it takes no room in the spool. Where it can't be recorded that is counted.
  void record_refusal(const event::Event& event);
  /// Counts one that is not to be recorded.
  void note_unrecorded() { audit_.note_unrecorded(); }

  /// Has the thread look again at what waits. Any thread may call it, also after this is gone.
  std::function<void()> bell() const;

  State state(const net::Tickets& tickets) override;
  void on_change(std::function<void()> tell) override;

 private:
  /// Rung on the log's thread, also after this is gone.
  struct Bell {
    std::mutex mutex;
    std::function<void()> tell;
    std::atomic<bool> has_rung = false;
  };
  struct Range {
    audit::Ticket first;
    audit::Ticket last;
  };

  void take_settled();
  void note_refused(const Range& range);

  AuditLog& audit_;
  std::shared_ptr<Bell> bell_ = std::make_shared<Bell>();
  audit::Appender& appender_;
  std::string draft_;
  std::vector<audit::Settlement> settled_;
  audit::Ticket settled_through_ = 0;
  std::vector<Range> refused_;  ///< in order; bounded: the oldest are taken together
};

}  // namespace wardlock::server
