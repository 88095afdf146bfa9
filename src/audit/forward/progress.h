#pragma once

#include <chrono>
#include <cstdint>
#include <deque>

namespace wardlock::audit {

/// What is sent again after a connection broke, since its receiver may have lost it: what was sent
/// within that time, and at least so many records.
struct Overlap {
  std::chrono::milliseconds time{0};
  std::uint64_t records = 0;
};

/// How far a forwarder has come, and from where it sends again. Time is a parameter. Not
/// thread-safe.
class Progress {
 public:
  using Time = std::chrono::steady_clock::time_point;

  Progress(std::uint64_t position, std::uint64_t resend_from, Overlap overlap);

  /// The record to be sent next.
  std::uint64_t next() const { return next_; }
  /// All records before it were handed over.
  std::uint64_t position() const { return position_; }
  /// Where to begin again when the connection breaks now; at most `position`.
  std::uint64_t resend_from() const;
  bool is_resending() const { return next_ < position_; }

  /// All before `next` was handed over.
  void advance(std::uint64_t next, Time now);
  /// The connection stood at that time: the receiver was heard of.
  void stand(Time heard);
  /// Another connection begins, and with it all that the one before may have lost; what is older
  /// than `oldest` is not there any more.
  void begin_again(std::uint64_t oldest);
  /// All before that record is not there any more.
  void skip_to(std::uint64_t oldest);

 private:
  struct Mark {
    Time time;
    std::uint64_t position;
  };

  const Overlap overlap_;
  std::uint64_t next_;
  std::uint64_t position_;
  std::uint64_t settled_;  // what was handed over longer ago than the overlap's time
  std::deque<Mark> marks_;
};

}  // namespace wardlock::audit
