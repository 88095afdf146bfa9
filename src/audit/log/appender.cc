#include "audit/log/appender.h"

#include <fmt/format.h>

#include <utility>

#include "audit/log/wakeup.h"
#include "base/check.h"

namespace wardlock::audit {

Appender::Queue::Queue() {
  constexpr std::size_t kUsualBytes = std::size_t{64} * 1024;
  constexpr std::size_t kUsualDrafts = 128;
  text.reserve(kUsualBytes);
  drafts.reserve(kUsualDrafts);
}

void Appender::Queue::clear() {
  text.clear();
  drafts.clear();
}

Appender::Appender(LogWakeup& wakeup, std::size_t queue_bytes, std::function<void()> on_progress)
    : wakeup_(wakeup), queue_bytes_(queue_bytes), on_progress_(std::move(on_progress)) {}

Result<Ticket> Appender::append(std::string_view draft, WhenFailing when_failing) {
  if (draft.size() > kMaxDraftBytes) {
    return invalid(fmt::format("an event of {} bytes is too long for the audit log: at most {}",
                               draft.size(), kMaxDraftBytes));
  }
  Ticket ticket = 0;
  {
    const std::scoped_lock lock(mutex_);
    if (closed_) return fail(ErrorCode::kFailedPrecondition, "the audit log is closed");
    if (queue_.text.size() + draft.size() > queue_bytes_) {
      return fail(ErrorCode::kResourceExhausted,
                  fmt::format("the audit log does not keep up: {} bytes wait to be written",
                              queue_.text.size()));
    }
    queue_.text += draft;
    queue_.drafts.push_back(
        {.bytes = static_cast<std::uint32_t>(draft.size()), .when_failing = when_failing});
    ticket = ++last_;
    waiting_.store(queue_.drafts.size());
  }
  wakeup_.wake();
  return ticket;
}

void Appender::take_settled(std::vector<Settlement>& out) {
  out.clear();
  const std::scoped_lock lock(mutex_);
  out.swap(settled_);
}

void Appender::take_queue(Queue& queue) {
  const std::scoped_lock lock(mutex_);
  std::swap(queue, queue_);
  waiting_.store(0);
}

void Appender::settle(std::uint64_t count, Outcome outcome) {
  const std::scoped_lock lock(mutex_);
  last_settled_ += count;
  CHECK(last_settled_ <= last_);
  if (!settled_.empty() && settled_.back().outcome == outcome) {
    settled_.back().through = last_settled_;
  } else {
    settled_.push_back({.through = last_settled_, .outcome = outcome});
  }
}

void Appender::close() {
  const std::scoped_lock lock(mutex_);
  closed_ = true;
}

}  // namespace wardlock::audit
