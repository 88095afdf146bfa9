#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace wardlock::net {

/// How much of something a peer may do: a burst, which fills up again as time goes by.
class Allowance {
 public:
  using Time = std::chrono::steady_clock::time_point;

  Allowance(double burst, double per_second)
      : burst_(burst), per_second_(per_second), left_(burst) {}

  /// False: it is used up.
  bool spend(Time now);
  /// For something useful the peer did. Never beyond the burst.
  void add(double amount);

 private:
  double burst_;
  double per_second_;
  double left_;
  Time filled_ = {};
};

/// Tells a client of HTTP/2 from one that keeps the server busy with what costs the client next to
/// nothing: streams opened and reset (CVE-2023-44487), headers that never end (CVE-2024-27316),
/// PING, SETTINGS and empty DATA frames. Answers that were taken earn some of these back.
class FloodGuard {
 public:
  using Time = Allowance::Time;

  explicit FloodGuard(std::size_t max_header_bytes);

  void on_header_begin();
  void on_continuation(Time now);
  void on_field(std::size_t bytes);
  /// A frame that asks for nothing and brings nothing.
  void on_idle_frame(Time now);
  /// By the peer, or by us for what the peer did.
  void on_reset(Time now);
  void on_data_sent();
  void on_answer_sent();

  /// Once true, for good.
  bool is_flooded() const { return is_flooded_; }

 private:
  std::size_t max_header_bytes_;
  std::size_t header_bytes_ = 0;  ///< of the header being received, decoded
  int continuations_ = 0;
  Allowance resets_;
  Allowance idle_frames_;
  bool is_flooded_ = false;
};

}  // namespace wardlock::net
