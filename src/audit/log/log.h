#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "audit/files/files.h"
#include "audit/log/appender.h"
#include "audit/log/log_options.h"
#include "audit/log/log_status.h"
#include "base/error.h"
#include "merkle/hash.h"

namespace wardlock::audit {

class LogThread;

/// A log that is open: what is appended to it is sealed, hashed into its tree, and durable before
/// it is called so. Threads of its own do all the work; docs/formats/audit-log.md has its
/// files.
///
/// A log that can't be written is failing: it refuses or spools, tries again every
/// `retry_interval`, and takes the spool in when it works again.
class Log {
 public:
  /// Opens the log in `options.folder`, which is a new one where the folder holds none, recovers it
  /// from a crash, and starts its thread. `files` must outlive it.
  ///
  /// Errors: failed_precondition where another process has it open; data_loss where it is damaged:
  /// the message says what and where, and nothing was changed; invalid_argument for the options, or
  /// where the folder is another origin's log; the files'.
  static Result<std::unique_ptr<Log>> open(LogOptions options, Files& files);

  /// As `close`.
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  /// A place to append for one thread; lives as long as the log. `on_progress` is called on
  /// one of the log's threads at a time when there is something to take from `take_settled`; it
  /// must not block, and not append. Thread-safe.
  Appender& add_appender(std::function<void()> on_progress);

  /// Settles all that waits, signs a last checkpoint and ends the threads. Appending fails from
  /// here on. Any thread but the log's own.
  void close();

  /// Any thread, without a lock.
  bool is_failing() const;
  /// Any thread.
  LogStatus status() const;
  /// The tree of all durable records. Any thread.
  merkle::TreeHead head() const;
  /// The latest signed checkpoint; empty before the first. Any thread.
  std::string checkpoint() const;

 private:
  explicit Log(std::unique_ptr<LogThread> thread);

  std::unique_ptr<LogThread> thread_;
};

}  // namespace wardlock::audit
