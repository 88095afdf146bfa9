#include "audit/forward/progress.h"

#include <algorithm>

namespace wardlock::audit {
namespace {

/// So many marks there are within the overlap's time, about.
constexpr int kMarks = 16;

}  // namespace

Progress::Progress(std::uint64_t position, std::uint64_t resend_from, Overlap overlap)
    : overlap_(overlap),
      next_(position),
      position_(position),
      settled_(std::min(position, resend_from)) {}

std::uint64_t Progress::resend_from() const {
  return std::min(settled_, position_ - std::min(position_, overlap_.records));
}

void Progress::advance(std::uint64_t next, Time now) {
  next_ = next;
  // INVARIANT: marks begin when all that was sent again has come, so that another break before
  // that sends it again once more.
  if (next_ < position_ || (next_ == position_ && !marks_.empty())) return;
  position_ = next_;
  if (marks_.empty() || now - marks_.back().time >= overlap_.time / kMarks) {
    marks_.push_back({now, position_});
  }
  stand(now);
}

void Progress::stand(Time heard) {
  while (!marks_.empty() && heard - marks_.front().time >= overlap_.time) {
    settled_ = std::max(settled_, marks_.front().position);
    marks_.pop_front();
  }
  // What came since the last mark is as old as the next one.
  if (marks_.empty() && settled_ < position_ && !is_resending()) {
    marks_.push_back({heard, position_});
  }
}

void Progress::begin_again(std::uint64_t oldest) {
  marks_.clear();
  settled_ = resend_from();
  next_ = std::max(settled_, oldest);
}

void Progress::skip_to(std::uint64_t oldest) {
  next_ = std::max(next_, oldest);
  position_ = std::max(position_, oldest);
}

}  // namespace wardlock::audit
