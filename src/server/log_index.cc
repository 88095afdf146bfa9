#include "server/log_index.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "audit/index/follow.h"
#include "audit/log/log_folder.h"
#include "base/background.h"

namespace wardlock::server {
namespace {

using std::chrono::milliseconds;

/// Records gather meanwhile: following each batch by itself would cost as much as all together.
constexpr milliseconds kRest{100};
/// What is followed at a time, so that questions and the end are not kept waiting.
constexpr milliseconds kSlice{50};
/// How long a question lets the index catch up.
constexpr milliseconds kPatience{2000};
constexpr milliseconds kRetry{1000};
/// An index that is damaged again and again is not made anew without end.
constexpr std::chrono::minutes kBetweenRebuilds{10};
constexpr std::size_t kMostWaiting = 16;

}  // namespace

/// Everything that is open. Its keys are its own: no thread that decides waits for a lock that it
/// holds.
struct LogIndex::Parts {
  std::unique_ptr<audit::SubjectKeys> keys;
  audit::EventReader events;
  audit::Index index;
};

LogIndex::LogIndex(AuditLog& audit, Log& log) : audit_(audit), log_(log) {
  audit_.on_growth([this] {
    if (!has_grown_.exchange(true)) wakeup_.wake();
  });
  thread_ = std::jthread([this] { run(); });
}

LogIndex::~LogIndex() {
  audit_.on_growth({});
  is_stopping_ = true;
  wakeup_.wake();
}

bool LogIndex::ask(Work work) {
  {
    const std::scoped_lock lock(mutex_);
    if (waiting_.size() >= kMostWaiting) return false;
    waiting_.push_back(std::move(work));
  }
  wakeup_.wake();
  return true;
}

bool LogIndex::has_work() {
  if (is_stopping_) return true;
  if (has_grown_ && Clock::now() >= next_follow_) return true;
  const std::scoped_lock lock(mutex_);
  return !waiting_.empty();
}

LogIndex::Work LogIndex::take_work() {
  const std::scoped_lock lock(mutex_);
  if (waiting_.empty()) return {};
  Work work = std::move(waiting_.front());
  waiting_.pop_front();
  return work;
}

void LogIndex::run() {
  give_way_to_others();
  while (!is_stopping_) {
    if (const Work work = take_work()) {
      serve(work);
      continue;
    }
    const bool is_due = has_grown_ || is_behind_;
    if (is_due && Clock::now() >= next_follow_) {
      const auto followed = follow(Clock::now() + kSlice);
      if (!followed) note_failure(followed.error());
      next_follow_ = Clock::now() + (!followed ? kRetry : is_behind_ ? milliseconds(0) : kRest);
      continue;
    }
    constexpr std::chrono::hours kLong{1};
    wakeup_.sleep_until(is_due ? next_follow_ : Clock::now() + kLong,
                        [this] { return has_work(); });
  }
}

void LogIndex::serve(const Work& work) {
  is_behind_ = true;
  auto followed = follow(Clock::now() + kPatience);
  if (!followed) {
    note_failure(followed.error());
    return work(fail(ErrorCode::kUnavailable,
                     fmt::format("the log's index cannot be used: {}", followed.error().message)));
  }
  if (is_behind_) {
    return work(fail(ErrorCode::kUnavailable,
                     fmt::format("the log's index is being made: it has {} of {} records; try "
                                 "again later",
                                 parts_->index.next().value_or(0), audit_.log().head().size)));
  }
  work(audit_api::Indexed{.index = parts_->index, .log = parts_->events, .keys = *parts_->keys});
}

/// Up to what is durable now, if there is time.
Result<void> LogIndex::follow(Clock::time_point until) {
  has_grown_ = false;
  const std::uint64_t size = audit_.log().head().size;
  if (parts_ == nullptr) TRY_VOID(open());
  const auto go_on = [&](std::uint64_t, std::uint64_t) {
    return !is_stopping_ && Clock::now() < until;
  };
  const auto next = audit::catch_up(parts_->index, parts_->events, *parts_->keys,
                                    {.until = size, .go_on = go_on});
  if (!next) {
    is_behind_ = true;
    if (!make_anew(next.error())) return std::unexpected(next.error());
    return follow(until);
  }
  is_behind_ = *next < size;
  indexed_.store(*next, std::memory_order_relaxed);
  last_failure_.clear();
  return {};
}

Result<void> LogIndex::open() {
  const std::string path = audit::LogPaths(audit_.folder()).index();
  auto keys = TRY(audit_.open_keys_again());
  const audit::IndexOptions options{.path = path, .origin = audit_.origin()};
  auto index = audit::Index::open(options);
  if (!index && make_anew(index.error())) index = audit::Index::open(options);
  if (!index) return std::unexpected(index.error());
  audit::SubjectKeys& opened = *keys;
  parts_.reset(new Parts{.keys = std::move(keys),
                         .events = audit::EventReader(audit_.files(), audit_.folder(), opened),
                         .index = std::move(*index)});
  return {};
}

/// Removes an index that can't be used; false: not that, or not again so soon.
bool LogIndex::make_anew(const Error& error) {
  const bool is_of_index =
      error.code == ErrorCode::kDataLoss || error.code == ErrorCode::kFailedPrecondition;
  if (!is_of_index || Clock::now() < next_rebuild_) return false;
  next_rebuild_ = Clock::now() + kBetweenRebuilds;
  const bool was_open = parts_ != nullptr;
  parts_.reset();
  if (!audit::Index::remove(audit::LogPaths(audit_.folder()).index())) return false;
  log_.warning("audit_index_rebuilding", {{"reason", error.message}});
  return !was_open || open().has_value();
}

/// Once, not each time it is tried again.
void LogIndex::note_failure(const Error& error) {
  if (last_failure_ == error.message) return;
  last_failure_ = error.message;
  log_.warning("audit_index_failing", {{"reason", error.message}});
}

}  // namespace wardlock::server
