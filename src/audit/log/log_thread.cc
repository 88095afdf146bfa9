#include "audit/log/log_thread.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace wardlock::audit {
namespace {

// One batch takes so many drafts at most, so that the first of many does not wait for the last.
constexpr std::size_t kMostDrafts = 1024;
constexpr std::size_t kMostDraftBytes = 512UL * 1024;

}  // namespace

LogThread::LogThread(LogOptions options, std::unique_ptr<LogWriter> writer,
                     std::unique_ptr<Spool> spool)
    : options_(std::move(options)), writer_(std::move(writer)), spool_(std::move(spool)) {
  show_state();
  thread_ = std::jthread([this] { run(); });
}

LogThread::~LogThread() { close(); }

Appender& LogThread::add_appender(std::function<void()> on_progress) {
  const std::scoped_lock lock(sources_mutex_);
  sources_.push_back(
      std::make_unique<Source>(wakeup_, options_.queue_bytes, std::move(on_progress)));
  if (closing_) sources_.back()->appender.close();
  return sources_.back()->appender;
}

void LogThread::close() {
  closing_ = true;
  wakeup_.wake();
  const std::scoped_lock lock(close_mutex_);
  if (thread_.joinable()) thread_.join();
}

LogStatus LogThread::status() const {
  const std::scoped_lock lock(state_mutex_);
  return status_;
}

merkle::TreeHead LogThread::head() const {
  const std::scoped_lock lock(state_mutex_);
  return head_;
}

std::string LogThread::checkpoint() const {
  const std::scoped_lock lock(state_mutex_);
  return checkpoint_;
}

void LogThread::run() {
  // What the spool kept from an earlier run comes first.
  if (spool_ != nullptr && !spool_->empty()) try_again();
  while (true) {
    const bool closing = closing_;
    if (closing) close_appenders();
    gather();
    const bool has_taken = collect();
    if (has_taken) commit();
    maintain();
    if (closing) break;
    if (!has_taken) {
      wakeup_.sleep_until(next_maintenance(), [this] { return has_work(); });
    }
  }
  if (is_failing_) try_again();
  if (is_failing_) return;
  if (const auto is_signed = writer_->sign_checkpoint(); !is_signed)
    start_failing(is_signed.error());
  show_state();
}

bool LogThread::has_work() { return closing_ || count_waiting() > 0; }

std::uint64_t LogThread::count_waiting() {
  std::uint64_t count = 0;
  const std::scoped_lock lock(sources_mutex_);
  for (const auto& source : sources_) count += source->appender.waiting();
  return count;
}

/// Waits for those who were just answered, as long as some of them come.
void LogThread::gather() {
  constexpr std::chrono::microseconds kStep{40};
  constexpr int kMostStepsWithoutAny = 3;
  const auto most = std::min<Clock::duration>(options_.commit_delay, last_commit_);
  const auto end = Clock::now() + most;
  std::uint64_t seen = count_waiting();
  int steps_without = 0;
  while (seen < expected_ && !closing_ && Clock::now() < end) {
    std::this_thread::sleep_for(kStep);
    const std::uint64_t now_waiting = count_waiting();
    steps_without = now_waiting > seen ? 0 : steps_without + 1;
    if (steps_without == kMostStepsWithoutAny) break;
    seen = now_waiting;
  }
}

void LogThread::close_appenders() {
  const std::scoped_lock lock(sources_mutex_);
  for (const auto& source : sources_) source->appender.close();
}

/// Takes what waits at all appenders.
bool LogThread::collect() {
  waiting_.clear();
  const std::scoped_lock lock(sources_mutex_);
  for (const auto& source : sources_) {
    if (source->appender.waiting() == 0) continue;
    Appender::Queue& taken = source->taken;
    taken.clear();
    source->appender.take_queue(taken);
    std::string_view rest = taken.text;
    for (const Appender::Queue::Draft& draft : taken.drafts) {
      waiting_.push_back({.draft = rest.substr(0, draft.bytes),
                          .source = source.get(),
                          .when_failing = draft.when_failing});
      rest.remove_prefix(draft.bytes);
    }
  }
  return !waiting_.empty();
}

void LogThread::commit() {
  const auto begin = Clock::now();
  std::span<const Waiting> rest = waiting_;
  while (!rest.empty()) {
    std::size_t count = 0;
    std::size_t bytes = 0;
    while (count < rest.size() && count < kMostDrafts && bytes < kMostDraftBytes) {
      bytes += rest[count++].draft.size();
    }
    const std::span<const Waiting> batch = rest.first(count);
    const std::size_t kept = is_failing_ ? 0 : keep(batch);
    settle(batch.first(kept), Outcome::kDurable);
    fall_back(batch.subspan(kept));
    show_state();
    report();
    rest = rest.subspan(count);
  }
  last_commit_ = Clock::now() - begin;
  expected_ = waiting_.size() + count_waiting();
}

Result<void> LogThread::seal(std::span<const Waiting> batch) {
  drafts_.clear();
  for (const Waiting& waiting : batch) drafts_.push_back(waiting.draft);
  records_.clear();
  TRY_VOID(options_.seal(drafts_, records_));
  CHECK(records_.size() == drafts_.size());
  return {};
}

/// Returns how many of them are durable in the log: those that come first.
std::size_t LogThread::keep(std::span<const Waiting> batch) {
  if (const auto sealed = seal(batch); !sealed) {
    start_failing(sealed.error());
    return 0;
  }
  const std::uint64_t before = writer_->size();
  const auto appended = writer_->append(records_);
  ++counts_.batches;
  if (!appended) start_failing(appended.error());
  return writer_->size() - before;
}

/// For those that can't be kept in the log. Those that may be spooled and those that may not come
/// in any order, and each appender's are settled in theirs.
void LogThread::fall_back(std::span<const Waiting> batch) {
  while (!batch.empty()) {
    const WhenFailing first = batch.front().when_failing;
    const auto end = std::ranges::find_if(
        batch, [&](const Waiting& waiting) { return waiting.when_failing != first; });
    const std::span<const Waiting> run(batch.begin(), end);
    if (first == WhenFailing::kSpool) {
      spool_some(run);
    } else {
      settle(run, Outcome::kRefused);
    }
    batch = batch.subspan(run.size());
  }
}

void LogThread::spool_some(std::span<const Waiting> batch) {
  const bool is_spooled =
      spool_ != nullptr && !must_clear_spool_ && seal(batch) && spool_->append(records_);
  settle(batch, is_spooled ? Outcome::kSpooled : Outcome::kRefused);
}

void LogThread::settle(std::span<const Waiting> batch, Outcome outcome) {
  if (outcome == Outcome::kRefused) {
    counts_.refused += batch.size();
    refused_since_ += batch.size();
  }
  if (outcome == Outcome::kSpooled) counts_.spooled += batch.size();
  while (!batch.empty()) {
    Source* const source = batch.front().source;
    std::size_t count = 1;
    while (count < batch.size() && batch[count].source == source) ++count;
    source->appender.settle(count, outcome);
    if (std::ranges::find(settled_, source) == settled_.end()) settled_.push_back(source);
    batch = batch.subspan(count);
  }
}

void LogThread::report() {
  for (const Source* source : settled_) source->appender.report();
  settled_.clear();
}

void LogThread::maintain() {
  const auto now = Clock::now();
  if (is_failing_ && now >= next_try_) try_again();
  if (is_failing_) return;
  clear_spool();
  sign_if_due(now);
  if (prepare_if_due(now)) show_state();
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
bool LogThread::prepare_if_due(Clock::time_point now) {
  if (!waiting_.empty() && !writer_->is_preparation_due()) return false;
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
  if (!is_failing_) refused_since_ = 0;
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
    refused_since_ = 0;
  } else {
    start_failing(works.error());
  }
  show_state();
}

/// What the spool holds, and that it held it, in this order; it is emptied when that is durable.
Result<void> LogThread::take_in_spool() {
  SpoolReport report{.records = 0, .refused = refused_since_, .why = why_failing_};
  bool is_reported = false;
  const bool has_spooled = spool_ != nullptr && !spool_->empty() && !must_clear_spool_;
  if (has_spooled) {
    is_reported = TRY(append_spooled());
    report.records = spool_->records();
  }
  const bool is_event = report.records > 0 || report.refused > 0;
  if (is_event && !is_reported) TRY_VOID(write_spool_event(report));
  must_clear_spool_ = must_clear_spool_ || has_spooled;
  clear_spool();
  return {};
}

/// The log works without its spool: that it can't be emptied is no reason to stop.
void LogThread::clear_spool() {
  if (must_clear_spool_ && spool_->clear()) must_clear_spool_ = false;
}

/// Without those that came into the log before it failed again, or before a crash. Returns whether
/// the event that tells of them did too.
Result<bool> LogThread::append_spooled() {
  std::vector<merkle::Hash> leaves;
  TRY_VOID(spool_->read([&](const Records& records) -> Result<void> {
    for (std::size_t i = 0; i < records.size(); ++i) {
      leaves.push_back(merkle::leaf_hash(records[i]));
    }
    return {};
  }));
  std::uint64_t skip = writer_->count_at_end(leaves);
  const bool is_reported = skip > leaves.size();
  Records rest;
  const auto append_rest = [&](const Records& records) -> Result<void> {
    rest.clear();
    for (std::size_t i = 0; i < records.size(); ++i) {
      if (skip == 0) TRY_VOID(rest.add(records[i]));
      if (skip > 0) --skip;
    }
    return writer_->append(rest);
  };
  TRY_VOID(spool_->read(append_rest));
  return is_reported;
}

Result<void> LogThread::write_spool_event(const SpoolReport& report) {
  if (!options_.write_spool_event) return {};
  std::string draft;
  options_.write_spool_event(report, draft);
  const Waiting waiting{.draft = draft, .source = nullptr, .when_failing = WhenFailing::kRefuse};
  TRY_VOID(seal({&waiting, 1}));
  return writer_->append(records_);
}

void LogThread::show_state() {
  const std::scoped_lock lock(state_mutex_);
  status_ = counts_;
  status_.size = writer_->size();
  status_.checkpoint_size = writer_->checkpoint_size();
  if (spool_ != nullptr) {
    status_.spool_used = spool_->used();
    status_.spool_bytes = spool_->bytes();
  }
  status_.is_failing = is_failing_;
  status_.why = why_failing_;
  status_.is_preparing = is_preparing_;
  status_.warning = writer_->warning();
  const bool has_grown = head_.size < writer_->size();
  if (head_.size != writer_->size() || head_.size == 0) head_ = writer_->tree().head();
  if (checkpoint_ != writer_->checkpoint()) checkpoint_ = writer_->checkpoint();
  if (has_grown && options_.on_growth) options_.on_growth();
}

}  // namespace wardlock::audit
