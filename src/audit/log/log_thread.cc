#include "audit/log/log_thread.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace wardlock::audit {

LogThread::LogThread(LogOptions options, std::unique_ptr<LogWriter> writer,
                     std::unique_ptr<Spool> spool)
    : options_(std::move(options)),
      writer_(std::move(writer)),
      spool_(std::move(spool)),
      intake_(options_, writer_->most_batch_bytes(), is_failing_) {
  counts_.found_unsigned = writer_->found_unsigned();
  show_state();
  thread_ = std::jthread([this] {
    run();
    busy_since_ = Clock::time_point::max();
  });
}

LogThread::~LogThread() { close(); }

Appender& LogThread::add_appender(std::function<void()> on_progress) {
  return intake_.add_appender(std::move(on_progress));
}

void LogThread::close() {
  intake_.close();
  const std::scoped_lock lock(close_mutex_);
  if (thread_.joinable()) thread_.join();
}

LogStatus LogThread::status() const {
  const std::scoped_lock lock(state_mutex_);
  LogStatus status = status_;
  if (!status.is_failing && is_stalled()) {
    status.is_failing = true;
    status.why =
        fmt::format("its disk has not answered for more than {} ms", options_.stall.count());
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

void LogThread::run() {
  busy_since_ = Clock::now();
  // What the spool kept from an earlier run comes first.
  if (spool_ != nullptr && !spool_->empty()) try_again();
  while (true) {
    const bool waits = is_answered_;
    busy_since_ = Clock::time_point::max();
    const Intake::Taken taken =
        waits ? intake_.take(taken_, writer_->tree(), next_maintenance(), patience())
              : intake_.take(taken_, writer_->tree(), {}, {});
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
  is_kept_ = is_begun && finish();
  if (taken_.error && !is_failing_) start_failing(*taken_.error);
  std::swap(taken_, written_);
  is_answered_ = false;
  last_commit_ = Clock::now() - start;
  if (!is_kept_ || is_failing_) answer();
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

/// Settles what was written last.
void LogThread::answer() {
  if (std::exchange(is_answered_, true)) return;
  settle_all();
  show_state();
  report();
}

/// What is not kept is spooled or refused. Those that may be spooled and those that may not come in
/// any order, and each appender's are settled in theirs.
void LogThread::settle_all() {
  enum class Fate : std::uint8_t { kKept, kToSpool, kRefused };
  const auto fate_of = [&](const Incoming::Draft& draft) {
    if (!draft.is_sealed) return Fate::kRefused;
    if (is_kept_) return Fate::kKept;
    return draft.when_failing == WhenFailing::kSpool ? Fate::kToSpool : Fate::kRefused;
  };
  std::span<const Incoming::Draft> rest = written_.drafts;
  std::size_t record = 0;
  while (!rest.empty()) {
    const Fate fate = fate_of(rest.front());
    std::size_t count = 0;
    std::size_t sealed = 0;
    while (count < rest.size() && fate_of(rest[count]) == fate) sealed += rest[count++].is_sealed;
    Outcome outcome = fate == Fate::kKept ? Outcome::kDurable : Outcome::kRefused;
    if (fate == Fate::kToSpool && spool(record, sealed)) outcome = Outcome::kSpooled;
    settle(rest.first(count), outcome);
    record += sealed;
    rest = rest.subspan(count);
  }
}

/// Records of what was written last.
bool LogThread::spool(std::size_t first, std::size_t count) {
  if (spool_ == nullptr || must_clear_spool_) return false;
  records_.clear();
  for (std::size_t i = first; i < first + count; ++i) {
    if (!records_.add(written_.batch.records()[i])) return false;
  }
  return spool_->append(records_).has_value();
}

void LogThread::settle(std::span<const Incoming::Draft> batch, Outcome outcome) {
  if (outcome == Outcome::kRefused) {
    counts_.refused += batch.size();
    counts_.unrecorded +=
        static_cast<std::uint64_t>(std::ranges::count(batch, false, &Incoming::Draft::is_awaited));
    refused_since_ += batch.size();
  }
  if (outcome == Outcome::kSpooled) counts_.spooled += batch.size();
  while (!batch.empty()) {
    Appender* const appender = batch.front().appender;
    std::size_t count = 1;
    while (count < batch.size() && batch[count].appender == appender) ++count;
    appender->settle(count, outcome);
    if (std::ranges::find(settled_, appender) == settled_.end()) settled_.push_back(appender);
    batch = batch.subspan(count);
  }
}

void LogThread::report() {
  for (const Appender* appender : settled_) appender->report();
  settled_.clear();
}

void LogThread::maintain(bool is_idle) {
  const auto now = Clock::now();
  if (is_failing_ && now >= next_try_) try_again();
  if (is_failing_) return;
  clear_spool();
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
  if (spool_ != nullptr) {
    status_.spool_used = spool_->used();
    status_.spool_bytes = spool_->bytes();
  }
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
