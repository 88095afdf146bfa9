#include "audit/log/intake.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace wardlock::audit {
namespace {

// So much is sealed at once: the first of many does not wait for the last, and keys that are new
// are made durable together.
constexpr std::size_t kMostSealed = 1024;
constexpr std::size_t kMostSealedBytes = 512UL * 1024;
// So many are put into the batch at once: the log's thread does not wait longer for the rest.
constexpr std::size_t kMostPut = 64;
constexpr std::chrono::hours kLong{1};

}  // namespace

void Incoming::begin(const merkle::CompactRange& before) {
  drafts.clear();
  batch.begin(before);
  error.reset();
}

Intake::Intake(const LogOptions& options, std::size_t most_batch_bytes,
               std::function<bool()> is_failing)
    : options_(options), most_batch_bytes_(most_batch_bytes), is_failing_(std::move(is_failing)) {
  thread_ = std::jthread([this] { run(); });
}

Intake::~Intake() {
  close();
  // Its thread may wait for room.
  Incoming rest;
  while (take(rest, {}, Clock::now() + kLong, Clock::duration::zero()) != Taken::kEnd) {
  }
}

Appender& Intake::add_appender(std::function<void()> on_progress) {
  const std::scoped_lock lock(sources_mutex_);
  sources_.push_back(
      std::make_unique<Source>(wakeup_, options_.queue_bytes, std::move(on_progress)));
  if (closing_) sources_.back()->appender.close();
  return sources_.back()->appender;
}

void Intake::close() {
  closing_ = true;
  wakeup_.wake();
}

Intake::Taken Intake::take(Incoming& out, const merkle::CompactRange& tree, Clock::time_point until,
                           Clock::duration patience) {
  const auto patient_until = Clock::now() + patience;
  std::unique_lock lock(mutex_);
  const std::size_t expected = std::exchange(last_taken_, 0) + open_.drafts.size();
  wait_for(lock, 1, until);
  if (open_.drafts.empty()) return has_ended_ ? Taken::kEnd : Taken::kNone;
  // Many share a sync well enough without those.
  const std::size_t enough = std::min(expected, Batch::kMostRecords / 2);
  if (patience > Clock::duration::zero()) wait_for(lock, enough, patient_until);

  if (open_.batch.before() != tree) open_.batch.rebase(tree);
  hand_out(std::move(lock), out);
  return Taken::kSome;
}

Intake::Taken Intake::take_now(Incoming& out) {
  std::unique_lock lock(mutex_);
  if (open_.drafts.empty()) return has_ended_ ? Taken::kEnd : Taken::kNone;
  hand_out(std::move(lock), out);
  return Taken::kSome;
}

void Intake::hand_out(std::unique_lock<std::mutex> lock, Incoming& out) {
  std::swap(open_, out);
  open_.begin(out.batch.tree());
  last_taken_ = out.drafts.size();
  is_full_ = false;
  lock.unlock();
  room_.notify_one();
}

void Intake::wait_for(std::unique_lock<std::mutex>& lock, std::size_t drafts,
                      Clock::time_point until) {
  wanted_ = drafts;
  filled_.wait_until(lock, until,
                     [&] { return open_.drafts.size() >= drafts || is_full_ || has_ended_; });
  wanted_ = SIZE_MAX;
}

Result<void> Intake::seal(std::span<const std::string_view> drafts, Records& out) {
  const std::scoped_lock lock(seal_mutex_);
  TRY_VOID(options_.seal(drafts, out));
  CHECK(out.size() == drafts.size());
  return {};
}

void Intake::run() {
  while (true) {
    const bool closing = closing_;
    if (closing) close_appenders();
    if (collect()) {
      std::span<Waiting> rest = waiting_;
      while (!rest.empty()) {
        std::size_t count = 0;
        std::size_t bytes = 0;
        while (count < rest.size() && count < kMostSealed && bytes < kMostSealedBytes) {
          bytes += rest[count++].text.size();
        }
        pass_on(rest.first(count));
        rest = rest.subspan(count);
      }
    } else if (closing) {
      break;
    } else {
      wakeup_.sleep_until(Clock::now() + kLong, [this] { return has_work(); });
    }
  }
  const std::scoped_lock lock(mutex_);
  has_ended_ = true;
  filled_.notify_one();
}

bool Intake::has_work() {
  if (closing_) return true;
  const std::scoped_lock lock(sources_mutex_);
  return std::ranges::any_of(sources_,
                             [](const auto& source) { return source->appender.waiting() > 0; });
}

void Intake::close_appenders() {
  const std::scoped_lock lock(sources_mutex_);
  for (const auto& source : sources_) source->appender.close();
}

/// Takes what waits at all appenders.
bool Intake::collect() {
  waiting_.clear();
  const std::scoped_lock lock(sources_mutex_);
  for (const auto& source : sources_) {
    if (source->appender.waiting() == 0) continue;
    Appender::Queue& taken = source->taken;
    taken.clear();
    source->appender.take_queue(taken);
    std::string_view rest = taken.text;
    for (const Appender::Queue::Draft& draft : taken.drafts) {
      waiting_.push_back({.text = rest.substr(0, draft.bytes),
                          .draft = {.appender = &source->appender,
                                    .when_failing = draft.when_failing,
                                    .is_awaited = draft.is_awaited,
                                    .is_sealed = false}});
      rest.remove_prefix(draft.bytes);
    }
  }
  return !waiting_.empty();
}

/// Seals them, and puts them into the batch bit by bit.
void Intake::pass_on(std::span<Waiting> some) {
  const std::optional<Error> error = seal_all(some);
  std::size_t record = 0;
  while (!some.empty()) {
    const std::span<const Waiting> few = some.first(std::min(some.size(), kMostPut));
    leaves_.clear();
    const auto sealed = static_cast<std::size_t>(
        std::ranges::count_if(few, [](const Waiting& waiting) { return waiting.draft.is_sealed; }));
    for (std::size_t i = 0; i < sealed; ++i) {
      leaves_.push_back(merkle::leaf_hash(records_[record + i]));
    }
    put(few, leaves_, record, error);
    record += sealed;
    some = some.subspan(few.size());
  }
}

/// Into `records_`; an error where that fails, and then none of them is.
std::optional<Error> Intake::seal_all(std::span<Waiting> some) {
  texts_.clear();
  records_.clear();
  const bool is_failing = is_failing_();
  for (Waiting& waiting : some) {
    waiting.draft.is_sealed = !is_failing || waiting.draft.when_failing == WhenFailing::kSpool;
    if (waiting.draft.is_sealed) texts_.push_back(waiting.text);
  }
  if (texts_.empty()) return std::nullopt;
  const auto sealed = seal(texts_, records_);
  if (sealed) return std::nullopt;
  for (Waiting& waiting : some) waiting.draft.is_sealed = false;
  return sealed.error();
}

bool Intake::has_room(std::size_t bytes) const {
  return open_.drafts.size() < Batch::kMostRecords &&
         open_.batch.records().bytes().size() + bytes <= most_batch_bytes_;
}

void Intake::put(std::span<const Waiting> some, std::span<const merkle::Hash> leaves,
                 std::size_t record, const std::optional<Error>& error) {
  std::unique_lock lock(mutex_);
  for (const Waiting& waiting : some) {
    const bool is_sealed = waiting.draft.is_sealed;
    const std::size_t bytes = is_sealed ? sizeof(std::uint16_t) + records_[record].size() : 0;
    if (!has_room(bytes)) {
      is_full_ = true;
      filled_.notify_one();
      room_.wait(lock, [&] { return has_room(bytes); });
    }
    open_.drafts.push_back(waiting.draft);
    if (error) open_.error = error;
    if (!is_sealed) continue;
    CHECK(open_.batch.add(records_[record++], leaves.front()).has_value());
    leaves = leaves.subspan(1);
  }
  if (open_.drafts.size() >= wanted_) filled_.notify_one();
}

}  // namespace wardlock::audit
