#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "audit/forward/backoff.h"
#include "audit/forward/forward_status.h"
#include "audit/forward/forwarder.h"
#include "audit/forward/message_source.h"
#include "audit/forward/place_file.h"
#include "audit/forward/progress.h"
#include "audit/forward/set_aside.h"
#include "audit/forward/transport.h"
#include "base/error.h"

namespace wardlock::audit {

/// What a forwarder does, step by step; time is a parameter. Not thread-safe but for `status`.
class ForwardWork {
 public:
  using Time = Progress::Time;
  using Tell = std::function<void(const ForwardNotice&)>;

  /// `options` and `transport` must outlive it.
  ForwardWork(const ForwarderOptions& options, ForwardedLog log, Transport& transport, Tell tell);

  /// Sends some. Returns how long to wait before the next step.
  std::chrono::milliseconds step(Time now);

  /// Writes its place. Nothing where it has none yet.
  void save();

  ForwardStatus status() const;

 private:
  /// Whether there is more to do now.
  Result<bool> work(Time now);
  Result<void> find_place();
  Result<Place> check_place(Place place, const std::string& origin);
  Result<void> make_ready(Time now);
  Result<void> collect(std::uint64_t end, Time now);
  /// A record that cannot be sent: whether collecting goes on behind it.
  Result<void> pass_unreadable(std::uint64_t record, const Error& why, Time now);
  Result<void> hand_over(Time now);
  Result<void> refused(const Message& message, bool is_alone, const Error& why, Time now);
  Result<void> set_aside(std::uint64_t record, std::string_view id, const std::string& why,
                         Time now);
  void advance(std::uint64_t next, Time now);
  std::chrono::milliseconds note_failure(const Error& error);
  void note_success(Time now);
  void save_if_due(Time now);
  Result<std::string> hash_of_last(std::uint64_t position);
  void publish(std::uint64_t end);
  void tell(ForwardNotice notice) const;

  const ForwarderOptions& options_;
  const ForwardedLog log_;
  Transport& transport_;
  const Tell tell_;
  const std::string place_path_;
  MessageSource source_;
  SetAside set_aside_;

  std::string origin_;
  std::optional<Progress> progress_;  // nothing before its place was found
  std::vector<Message> batch_;        // read, and not handed over
  std::uint64_t after_ = 0;           // the record behind those of the batch
  std::uint64_t single_until_ = 0;    // one at a time up to there, to find what is refused

  bool is_ready_ = false;
  Time ready_since_ = {};
  bool is_forgetful_ = false;  // whoever is there may have lost what came last, and does not answer
  bool is_lost_ = false;       // the failure is that the connection ended while nothing was sent
  unsigned failures_in_a_row_ = 0;
  Backoff backoff_;
  std::chrono::milliseconds asked_wait_{0};
  std::uint64_t refused_record_ = UINT64_MAX;
  unsigned refused_tries_ = 0;
  unsigned set_aside_in_a_row_ = 0;

  Place saved_ = {};
  Time saved_at_ = {};
  bool is_unsaved_told_ = false;

  ForwardStatus own_ = {};
  mutable std::mutex mutex_;  // over what follows
  ForwardStatus status_ = {};
};

}  // namespace wardlock::audit
