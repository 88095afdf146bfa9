#include "net/flood_guard.h"

#include <algorithm>

namespace wardlock::net {
namespace {

/// A header fits in one frame. Fewer than libnghttp2 bears, which then ends without a word.
constexpr int kMaxContinuations = 6;
/// Beyond so many times the limit, the rest of a header is not even read over.
constexpr std::size_t kHopelessHeaders = 4;
/// A client may cancel: as often as it lets us finish, and now and then besides.
constexpr double kResetBurst = 200;
constexpr double kResetsPerSecond = 10;
/// A client needs some such frames for each request, and some to keep the connection alive.
constexpr double kIdleBurst = 1000;
constexpr double kIdlePerSecond = 50;
constexpr double kIdlePerAnswer = 10;
constexpr double kIdlePerData = 4;

}  // namespace

bool Allowance::spend(Time now) {
  const std::chrono::duration<double> passed = now - filled_;
  if (passed.count() > 0) add(passed.count() * per_second_);
  filled_ = now;
  if (left_ < 1) return false;
  left_ -= 1;
  return true;
}

void Allowance::add(double amount) { left_ = std::min(burst_, left_ + amount); }

FloodGuard::FloodGuard(std::size_t max_header_bytes)
    : max_header_bytes_(max_header_bytes),
      resets_(kResetBurst, kResetsPerSecond),
      idle_frames_(kIdleBurst, kIdlePerSecond) {}

void FloodGuard::on_header_begin() {
  continuations_ = 0;
  header_bytes_ = 0;
}

void FloodGuard::on_continuation(Time now) {
  if (++continuations_ > kMaxContinuations) is_flooded_ = true;
  on_idle_frame(now);
}

void FloodGuard::on_field(std::size_t bytes) {
  header_bytes_ += bytes + 1;
  if (header_bytes_ > kHopelessHeaders * max_header_bytes_) is_flooded_ = true;
}

void FloodGuard::on_idle_frame(Time now) {
  if (!idle_frames_.spend(now)) is_flooded_ = true;
}

void FloodGuard::on_reset(Time now) {
  if (!resets_.spend(now)) is_flooded_ = true;
}

void FloodGuard::on_data_sent() { idle_frames_.add(kIdlePerData); }

void FloodGuard::on_answer_sent() {
  resets_.add(1);
  idle_frames_.add(kIdlePerAnswer);
}

}  // namespace wardlock::net
