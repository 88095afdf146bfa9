#pragma once

#include <memory>
#include <string_view>

#include "audit/log/appender.h"
#include "audit/log/log.h"
#include "base/error.h"

namespace wardlock::audit {

/// Appends one draft after another and waits for each: for threads that have nothing else to do
/// meanwhile, and for events of the process itself. One thread at a time. The log must outlive it.
class WaitingAppender {
 public:
  explicit WaitingAppender(Log& log);
  ~WaitingAppender();
  WaitingAppender(const WaitingAppender&) = delete;
  WaitingAppender& operator=(const WaitingAppender&) = delete;

  /// What became of the draft. Errors: as `Appender::append`. Not on the log's thread.
  Result<Outcome> append(std::string_view draft, WhenFailing when_failing);

 private:
  struct Answer;

  std::shared_ptr<Answer> answer_;  // the log's thread has it as well
  Appender& appender_;
};

}  // namespace wardlock::audit
