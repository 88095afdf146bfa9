#pragma once

#include <functional>
#include <mutex>
#include <string_view>
#include <vector>

#include "server/recorder.h"

namespace wardlock::server {

/// Records what several threads decide that answer nobody themselves; whoever answers asks what
/// became of it. Thread-safe.
class SharedRecorder {
 public:
  /// The log outlives it.
  explicit SharedRecorder(AuditLog& audit);

  /// As Recorder::record_draft. The tickets rise, also from one thread to another.
  Result<net::Tickets> record_draft(std::string_view draft, std::string_view tenant,
                                    std::string_view record_class, std::string_view payer);

  /// As AnswerGate's.
  net::AnswerGate::State state(const net::Tickets& tickets);

  /// One more to tell, on the log's thread, when a state may have changed; for as long as this
  /// lives.
  void on_change(std::function<void()> tell);

 private:
  std::mutex tells_mutex_;  ///< over `tells_`
  std::vector<std::function<void()>> tells_;
  std::mutex mutex_;  ///< over `recorder_`
  Recorder recorder_;
};

}  // namespace wardlock::server
