#include "audit/log/appender.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "audit/log/wakeup.h"
#include "base/check.h"

namespace wardlock::audit {

Appender::Queue::Queue() {
  constexpr std::size_t kUsualBytes = std::size_t{64} * 1024;
  constexpr std::size_t kUsualDrafts = 128;
  text.reserve(kUsualBytes);
  drafts.reserve(kUsualDrafts);
  constexpr std::size_t kShares = 1021;  // no more memory than that, however many pay
  shares.resize(kShares);
}

void Appender::Queue::clear() {
  text.clear();
  drafts.clear();
  std::ranges::fill(shares, 0);
}

Appender::Appender(LogWakeup& wakeup, std::size_t queue_bytes, std::function<void()> on_progress)
    : wakeup_(wakeup), queue_bytes_(queue_bytes), on_progress_(std::move(on_progress)) {}

Result<Ticket> Appender::append(std::string_view draft, const DraftTerms& terms) {
  if (draft.size() > kMaxDraftBytes) {
    return invalid(fmt::format("an event of {} bytes is too long for the audit log: at most {}",
                               draft.size(), kMaxDraftBytes));
  }
  Ticket ticket = 0;
  {
    const std::scoped_lock lock(mutex_);
    if (closed_) return fail(ErrorCode::kFailedPrecondition, "the audit log is closed");
    TRY_VOID(check_room(draft.size(), terms.payer));
    const auto bytes = static_cast<std::uint32_t>(draft.size());
    queue_.text += draft;
    queue_.drafts.push_back(
        {.bytes = bytes, .when_failing = terms.when_failing, .is_awaited = terms.is_awaited});
    if (terms.payer != 0) queue_.share_of(terms.payer) += bytes;
    ticket = ++last_;
    waiting_.store(queue_.drafts.size());
  }
  wakeup_.wake();
  return ticket;
}

/// With the lock.
Result<void> Appender::check_room(std::size_t bytes, std::uint64_t payer) {
  const std::size_t waiting = queue_.text.size();
  if (waiting + bytes > queue_bytes_) {
    return fail(
        ErrorCode::kUnavailable,
        fmt::format("the audit log does not keep up: {} bytes wait to be written", waiting));
  }
  if (payer == 0) return {};
  const std::uint32_t share = queue_.share_of(payer);
  if (waiting + share + bytes <= queue_bytes_) return {};
  return fail(ErrorCode::kResourceExhausted,
              fmt::format("of one caller, {} bytes wait to be written to the audit log, and no "
                          "more of it may",
                          share));
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
