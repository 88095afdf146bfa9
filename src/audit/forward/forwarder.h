#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "audit/files/files.h"
#include "audit/forward/forward_status.h"
#include "audit/forward/forwarder_options.h"
#include "base/error.h"
#include "event/sealed_record.h"

namespace wardlock::audit {

/// Something that an operator should be told.
struct ForwardNotice {
  enum class What : std::uint8_t {
    kFailing,      ///< it tries again and again
    kRecovered,    ///< what it tried has come through
    kSetAside,     ///< `record` was not sent, and will not be
    kMissing,      ///< `count` records were removed before they were sent
    kPlaceUnsaved  ///< its place can't be written: after a restart it will send some again
  };
  What what = What::kFailing;
  std::string_view forwarder = {};
  std::string_view reason = {};  ///< names no person or patient
  std::uint64_t record = 0;
  std::uint64_t count = 0;
};

/// The log that a forwarder reads.
struct ForwardedLog {
  Files& files;
  std::string folder;
  /// For opening records; thread-safe.
  event::KeyLookup& keys;
  /// So many records are durable. On the forwarder's thread.
  std::function<std::uint64_t()> end;
};

/// Sends the events of a log to one receiver, in their order, on a thread of its own.
///
/// The log is what waits: a forwarder reads it at the receiver's pace and remembers its place on
/// disk, so that it neither holds anybody up nor loses anything when the receiver, the network or
/// this process is gone for a while. An event may come more than once, always with the same id; a
/// receiver that drops what it has by that id has the log's order.
class Forwarder {
 public:
  /// `tell` is called on its thread, and must not block. What `log` and `tell` refer to must
  /// outlive it. Errors: of what it needs and cannot have; a receiver that is not there is none.
  static Result<std::unique_ptr<Forwarder>> start(ForwarderOptions options, ForwardedLog log,
                                                  std::function<void(const ForwardNotice&)> tell);

  /// As `stop`, and waits until its thread has ended: within a moment, whatever it waits for.
  ~Forwarder();
  Forwarder(const Forwarder&) = delete;
  Forwarder& operator=(const Forwarder&) = delete;

  /// Breaks off what it does. Any thread.
  void stop();
  /// Any thread.
  ForwardStatus status() const;

 private:
  struct Run;
  explicit Forwarder(std::unique_ptr<Run> run);

  std::unique_ptr<Run> run_;
};

/// Where a forwarder keeps its place, below the log's folder.
std::string forward_folder(const std::string& log_folder, std::string_view name);

/// Whether a forwarder could be started so. Errors: as `Forwarder::start`.
Result<void> check_forwarder(const ForwarderOptions& options, Files& files);

}  // namespace wardlock::audit
