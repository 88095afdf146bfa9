#include "audit/log/log_thread.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <utility>

#include "base/check.h"

namespace wardlock::audit {
namespace {

Error stalled_for(std::chrono::milliseconds stall) {
  return {.code = ErrorCode::kUnavailable,
          .message = fmt::format("its disk has not answered for more than {} ms", stall.count())};
}

}  // namespace

LogThread::LogThread(LogOptions options, std::unique_ptr<LogWriter> writer,
                     std::unique_ptr<Spool> spool)
    : options_(std::move(options)),
      writer_(std::move(writer)),
      intake_(options_, writer_->most_batch_bytes(), [this] { return is_failing(); }),
      settler_(std::move(spool)) {
  counts_.found_unsigned = writer_->found_unsigned();
  show_state();
  thread_ = std::jthread([this] {
    run();
    busy_since_ = Clock::time_point::max();
  });
  relief_ = std::jthread([this](const std::stop_token& stop) { relieve(stop); });
}

LogThread::~LogThread() { close(); }

Appender& LogThread::add_appender(std::function<void()> on_progress) {
  return intake_.add_appender(std::move(on_progress));
}

void LogThread::close() {
  intake_.close();
  const std::scoped_lock lock(close_mutex_);
  if (thread_.joinable()) thread_.join();
  relief_.request_stop();
}

LogStatus LogThread::status() const {
  const std::scoped_lock lock(state_mutex_);
  LogStatus status = status_;
  settler_.add_to(status);
  if (!status.is_failing && is_stalled()) {
    status.is_failing = true;
    status.why = stalled_for(options_.stall).message;
  }
  return status;
}

bool LogThread::is_stalled() const {
  const auto since = busy_since_.load(std::memory_order_relaxed);
  return since != Clock::time_point::max() && Clock::now() - since > options_.stall;
}

merkle::TreeHead LogThread::head() const {
  const std::scoped_lock lock(state_mutex_);
  return head_;
}

std::string LogThread::checkpoint() const {
  const std::scoped_lock lock(state_mutex_);
  return checkpoint_;
}

/// Answers for the log's thread while that is held up by its disk.
void LogThread::relieve(const std::stop_token& stop) {
  constexpr Clock::duration kShortest = std::chrono::milliseconds(2);
  constexpr Clock::duration kLongest = std::chrono::milliseconds(100);
  constexpr int kPart = 16;
  const Clock::duration usual =
      std::clamp<Clock::duration>(options_.stall / kPart, kShortest, kLongest);
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  while (!stop.stop_requested()) {
    settler_.relieve(intake_, [this] { return is_stalled(); });
    stopped.wait_for(lock, stop, is_stalled() ? kShortest : usual, [] { return false; });
  }
}

void LogThread::run() {
  busy_since_ = Clock::now();
  // What the spool kept from an earlier run comes first.
  if (settler_.has_spooled() || settler_.missing_before() > 0) try_again();
  while (true) {
    const bool waits = is_answered_;
    busy_since_ = Clock::time_point::max();
    // INVARIANT: it is not relieved from here on until it is busy, so that one thread alone takes.
    if (settler_.come_back()) {
      busy_since_ = Clock::now();
      catch_up_with_relief();
      continue;
    }
    const Intake::Taken taken =
        waits ? intake_.take(taken_, writer_->tree(), next_maintenance(), patience())
              : intake_.take(taken_, writer_->tree(), {}, {});
    // What was taken is in hand before it can be relieved of it, or others would be settled first.
    if (taken == Intake::Taken::kSome) settler_.take(taken_);
    busy_since_ = Clock::now();
    if (taken == Intake::Taken::kSome) {
      commit();
    } else {
      answer();
    }
    // Before long they come again.
    if (taken == Intake::Taken::kNone && !waits) continue;
    if (!may_answer_later()) answer();
    maintain(taken != Intake::Taken::kSome);
    if (taken == Intake::Taken::kEnd) break;
  }
  if (is_failing_) try_again();
  if (is_failing_) return;
  if (const auto is_signed = writer_->sign_checkpoint(); !is_signed)
    start_failing(is_signed.error());
  show_state();
}

/// How long those are waited for who were just answered: a small part of the time that a batch
/// takes, so that others lose little where they don't come.
LogThread::Clock::duration LogThread::patience() const {
  constexpr int kPart = 10;
  // A shorter wait would take as long.
  constexpr std::chrono::microseconds kShortest{100};
  const auto longest = std::min<Clock::duration>(options_.commit_delay, last_commit_ / kPart);
  return longest < kShortest ? Clock::duration::zero() : longest;
}

/// While the disk works on a batch, those of the one before are answered.
void LogThread::commit() {
  const auto start = Clock::now();
  const bool is_begun = !is_failing_ && !taken_.batch.empty() && begin();
  answer();
  const bool is_kept = is_begun && finish();
  settler_.written(is_kept);
  if (taken_.error && !is_failing_) start_failing(*taken_.error);
  is_answered_ = false;
  last_commit_ = Clock::now() - start;
  if (!is_kept || is_failing_) answer();
}

bool LogThread::begin() {
  ++counts_.batches;
  const auto begun = writer_->begin(taken_.batch);
  if (!begun) start_failing(begun.error());
  return begun.has_value();
}

bool LogThread::finish() {
  const auto finished = writer_->finish(taken_.batch);
  if (!finished) start_failing(finished.error());
  return finished.has_value();
}

/// Not where those who are answered are to come again before the next batch, or other work comes
/// before it.
bool LogThread::may_answer_later() const {
  return patience() == Clock::duration::zero() && Clock::now() < next_maintenance() &&
         !writer_->is_preparation_due();
}

/// For what was written last.
void LogThread::answer() {
  if (std::exchange(is_answered_, true)) return;
  settler_.settle();
  show_state();
  settler_.report();
}

/// Its disk answered after all, and others were told otherwise meanwhile.
void LogThread::catch_up_with_relief() {
  if (!is_failing_) start_failing(stalled_for(options_.stall));
  try_again();
}

void LogThread::maintain(bool is_idle) {
  const auto now = Clock::now();
  if (is_failing_ && now >= next_try_) try_again();
  if (is_failing_) return;
  settler_.clear_spool();
  sign_if_due(now);
  if (prepare_if_due(now, is_idle)) show_state();
}

void LogThread::sign_if_due(Clock::time_point now) {
  if (writer_->has_checkpoint() || writer_->size() == 0 || now < next_checkpoint_) return;
  next_checkpoint_ = now + options_.checkpoint_interval;
  if (const auto is_signed = writer_->sign_checkpoint(); !is_signed) {
    start_failing(is_signed.error());
  }
  show_state();
}

/// When nothing waits, or what is prepared lags behind. What goes wrong is tried again later.
bool LogThread::prepare_if_due(Clock::time_point now, bool is_idle) {
  if (!is_idle && !writer_->is_preparation_due()) return false;
  if (!is_preparing_ && !writer_->is_preparation_due() && writer_->warning().empty()) return false;
  if (now < next_preparation_) return false;
  is_preparing_ = writer_->prepare();
  if (!writer_->warning().empty()) next_preparation_ = now + options_.retry_interval;
  return true;
}

LogThread::Clock::time_point LogThread::next_maintenance() const {
  if (is_failing_) return next_try_;
  auto next = Clock::time_point::max();
  if (!writer_->has_checkpoint() && writer_->size() > 0) next = next_checkpoint_;
  if (is_preparing_ || !writer_->warning().empty()) next = std::min(next, next_preparation_);
  // A clock may count more than a wait can take.
  constexpr std::chrono::hours kLong{1};
  return std::min(next, Clock::now() + kLong);
}

void LogThread::start_failing(const Error& error) {
  why_failing_ = error.message;
  is_failing_ = true;
  next_try_ = Clock::now() + options_.retry_interval;
}

void LogThread::try_again() {
  next_try_ = Clock::now() + options_.retry_interval;
  auto works = writer_->try_again();
  if (works) works = take_in_spool();
  if (works) {
    is_failing_ = false;
    why_failing_.clear();
  } else {
    start_failing(works.error());
  }
  show_state();
}

/// What the spool holds, and that it held it, in this order; it is emptied when that is durable.
Result<void> LogThread::take_in_spool() {
  SpoolReport report{.missing = settler_.missing_before(), .why = why_failing_};
  Spool::Position taken;
  do {
    while (settler_.has_spooled() && settler_.spooled() != taken) {
      const Spool::Position end = settler_.spooled();
      TRY_VOID(append_spooled(taken, end, report));
      taken = end;
    }
    report.refused = settler_.refused_since();
    if (report.records + report.missing + report.refused > 0) {
      TRY_VOID(write_spool_event(report));
    }
    settler_.reset_refused(report.refused);
    settler_.add_missing(report.missing);
    report.records = 0;
    report.missing = 0;
  } while (!settler_.took_spool(taken));
  return {};
}

/// Without those that came into the log before it failed again, or before a crash; where the event
/// that tells of them did, too, there is nothing to report.
Result<void> LogThread::append_spooled(const Spool::Position& from, const Spool::Position& to,
                                       SpoolReport& report) {
  const std::vector<merkle::Hash> leaves = settler_.spooled_leaves(from, to);
  const std::uint64_t at_end = from == Spool::Position() ? writer_->count_at_end(leaves) : 0;
  const std::uint64_t had = std::min<std::uint64_t>(at_end, leaves.size());
  std::uint64_t found = 0;
  Records rest;
  const auto append_rest = [&](std::uint64_t first, const Records& records) -> Result<void> {
    rest.clear();
    for (std::size_t i = 0; i < records.size(); ++i) {
      if (first + i >= from.records + had) TRY_VOID(rest.add(records[i]));
    }
    found += rest.size();
    auto appended = writer_->append(rest);
    busy_since_ = Clock::now();  // it goes on
    return appended;
  };
  TRY_VOID(settler_.read_spool(from, to, leaves, append_rest));
  if (at_end > leaves.size()) return {};
  report.records += had + found;
  report.missing += leaves.size() - had - found;
  return {};
}

Result<void> LogThread::write_spool_event(const SpoolReport& report) {
  if (!options_.write_spool_event) return {};
  std::string draft;
  options_.write_spool_event(report, draft);
  const std::string_view text = draft;
  records_.clear();
  TRY_VOID(intake_.seal({&text, 1}, records_));
  return writer_->append(records_);
}

void LogThread::show_state() {
  writer_->flush_derived();  // what is shown can be read
  const bool has_grown = show_state_now();
  if (has_grown && options_.on_growth) options_.on_growth();
}

/// Returns whether there are more durable records than were shown.
bool LogThread::show_state_now() {
  const std::scoped_lock lock(state_mutex_);
  status_ = counts_;
  status_.size = writer_->size();
  status_.checkpoint_size = writer_->checkpoint_size();
  status_.is_failing = is_failing_;
  status_.why = why_failing_;
  status_.is_preparing = is_preparing_;
  status_.warning = writer_->warning();
  const bool has_grown = head_.size < writer_->size();
  head_ = writer_->head();
  if (checkpoint_ != writer_->checkpoint()) checkpoint_ = writer_->checkpoint();
  return has_grown;
}

}  // namespace wardlock::audit
