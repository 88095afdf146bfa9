#include "server/outbox_courier.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "audit/inspect/event_reader.h"
#include "base/wall_clock.h"
#include "directory/registry/tables.h"

namespace wardlock::server {
namespace {

using directory::WaitingEvent;
using std::chrono::milliseconds;

/// Taken over together.
constexpr std::size_t kBatch = 256;
/// More than one batch of any version is never in doubt.
constexpr std::size_t kMostInDoubt = 4096;
constexpr milliseconds kRetry{1000};
/// So many attempts in a row for which the database has no time are one failure: what waits is safe
/// there, and comes when those who write for long (an import) are done. Each lasts as long as a
/// call waits for its turn, so these are about half a minute, in which everybody would be refused
/// otherwise because one is at work.
constexpr int kBusyAttempts = 5;
/// How often a node says that it lives, and looks whether others do.
constexpr milliseconds kLookInterval{10'000};
/// Of a log that hangs without an error.
constexpr milliseconds kPatience{10'000};

}  // namespace

struct OutboxCourier::Settled {
  std::mutex mutex;  // guards what follows
  std::condition_variable came;
  audit::Appender* appender = nullptr;
  std::vector<audit::Settlement> taken;
  audit::Ticket through = 0;  ///< settled
  audit::Ticket durable = 0;  ///< all up to there since `first`; what was refused ends it
  bool is_broken = false;     ///< something after `durable` was not kept

  void take() {
    const std::scoped_lock lock(mutex);
    appender->take_settled(taken);
    for (const audit::Settlement& each : taken) {
      through = each.through;
      if (each.outcome != audit::Outcome::kDurable) is_broken = true;
      if (!is_broken) durable = each.through;
    }
    came.notify_one();
  }
};

OutboxCourier::OutboxCourier(directory::Outbox& outbox, AuditLog* audit,
                             milliseconds take_over_after, Log& log)
    : outbox_(outbox),
      audit_(audit),
      take_over_after_(take_over_after),
      log_(log),
      settled_(std::make_shared<Settled>()) {
  if (audit_ == nullptr) return;
  settled_->appender = &audit_->log().add_appender([settled = settled_] { settled->take(); });
}

Result<std::unique_ptr<OutboxCourier>> OutboxCourier::start(const storage::Store& store,
                                                            directory::Outbox& outbox,
                                                            AuditLog* audit,
                                                            milliseconds take_over_after,
                                                            Log& log) {
  std::unique_ptr<OutboxCourier> courier(new OutboxCourier(outbox, audit, take_over_after, log));
  if (audit != nullptr) {
    TRY_VOID(courier->find_in_log());
    TRY_VOID(outbox.go_to(courier->place()));
  }
  courier->listening_ = TRY(store.listen(std::string(directory::kChangeChannel),
                                         [courier = courier.get()] { courier->pause_.wake(); }));
  courier->pause_.wake();  // some may wait already
  courier->thread_ =
      std::jthread([courier = courier.get()](const std::stop_token& stop) { courier->run(stop); });
  return courier;
}

OutboxCourier::~OutboxCourier() { listening_.reset(); }

OutboxCourier::Status OutboxCourier::status() const {
  return {.waiting = waiting_.load(std::memory_order_relaxed),
          .others = others_.load(std::memory_order_relaxed),
          .taken = taken_.load(std::memory_order_relaxed),
          .is_stuck = is_stuck_.load(std::memory_order_relaxed)};
}

directory::LogPlace OutboxCourier::place() const {
  return {.origin = audit_->origin(), .size = audit_->log().status().size};
}

void OutboxCourier::run(const std::stop_token& stop) {
  pthread_setname_np(pthread_self(), "outbox");
  while (must_try_again_ ? pause_.wait(stop, kRetry)
                         : pause_.wait_until_woken(stop, kLookInterval)) {
    note(deliver());
  }
  note(deliver());
}

Result<void> OutboxCourier::deliver() {
  is_log_at_fault_ = false;
  TRY_VOID(look_after_others());
  while (TRY(deliver_some())) {
  }
  const directory::Backlog backlog = TRY(outbox_.backlog());
  waiting_.store(backlog.own, std::memory_order_relaxed);
  others_.store(backlog.others, std::memory_order_relaxed);
  return {};
}

/// Says that this node lives, and takes over the events of those that do not, so that they come
/// into a log. Not while a batch is being taken: events are forgotten up to its last.
Result<void> OutboxCourier::look_after_others() {
  if (audit_ == nullptr || std::chrono::steady_clock::now() < next_look_) return {};
  const std::int64_t now = wall_clock_ms();
  TRY_VOID(outbox_.note_alive(now));
  next_look_ = std::chrono::steady_clock::now() + kLookInterval;
  if (is_in_doubt_) return {};  // its own that may be in the log must stay the first
  const auto taken = TRY(outbox_.take_over(now - take_over_after_.count()));
  for (const directory::TakenOver& each : taken) {
    log_.warning("directory_events_taken_over",
                 {{"from", each.node}, {"events", static_cast<std::int64_t>(each.events)}});
  }
  return {};
}

/// False: nothing waits any more.
Result<bool> OutboxCourier::deliver_some() {
  if (audit_ != nullptr && is_in_doubt_) {
    TRY_VOID(check_settled());
    TRY_VOID(find_in_log());
  }
  std::vector<WaitingEvent> events = TRY(outbox_.waiting(kBatch));
  if (events.empty()) return false;
  if (audit_ == nullptr) {
    TRY_VOID(outbox_.drop(events.back()));
    return true;
  }
  is_in_doubt_ = true;  // until the database says that they are in the log
  const std::size_t count = TRY(append(events));
  if (count > 0) {
    TRY_VOID(outbox_.forget(events[count - 1], place()));
    taken_.fetch_add(count, std::memory_order_relaxed);
  }
  if (count < events.size()) {
    return log_fault(
        {ErrorCode::kUnavailable, "the audit log can't be written: " + audit_->log().status().why});
  }
  is_in_doubt_ = false;
  in_log_.clear();
  return true;
}

/// What a log that hangs may still take must not be appended a second time.
Result<void> OutboxCourier::check_settled() {
  const std::scoped_lock lock(settled_->mutex);
  if (settled_->through >= appended_) return {};
  return log_fault({ErrorCode::kUnavailable, "the audit log's disk does not answer"});
}

/// Other than a database that is busy, it has everybody wait at once.
std::unexpected<Error> OutboxCourier::log_fault(Error error) {
  is_log_at_fault_ = true;
  return std::unexpected(std::move(error));
}

/// How many of the first are in the log now, on disk.
Result<std::size_t> OutboxCourier::append(const std::vector<WaitingEvent>& events) {
  {
    const std::scoped_lock lock(settled_->mutex);
    settled_->durable = settled_->through;
    settled_->is_broken = false;
  }
  std::vector<audit::Ticket> tickets;  // 0: it is in the log already
  for (const WaitingEvent& event : events) {
    if (in_log_.contains(event.id)) {
      tickets.push_back(0);
      continue;
    }
    const auto ticket = settled_->appender->append(event.draft, audit::WhenFailing::kRefuse);
    if (!ticket && tickets.empty()) return log_fault(ticket.error());
    if (!ticket) break;
    tickets.push_back(appended_ = *ticket);
  }
  std::unique_lock lock(settled_->mutex);
  settled_->came.wait_for(lock, kPatience, [&] { return settled_->through >= appended_; });
  const auto is_kept = [&](audit::Ticket ticket) { return ticket <= settled_->durable; };
  const auto end = std::ranges::find_if_not(tickets, is_kept);
  return static_cast<std::size_t>(end - tickets.begin());
}

/// What was taken over last may be in the log without the database knowing: nothing before the
/// place that it knows.
Result<void> OutboxCourier::find_in_log() {
  in_log_.clear();
  const std::vector<WaitingEvent> events = TRY(outbox_.waiting(kMostInDoubt));
  const auto known = TRY(outbox_.place());
  const bool is_other = known && known->origin != audit_->origin();
  if (events.empty() || !known || is_other) {
    is_in_doubt_ = false;
    return {};
  }
  std::unordered_set<std::string_view> wanted;
  for (const WaitingEvent& event : events) wanted.insert(event.id);
  const auto keys = TRY(audit_->open_keys_again());
  audit::EventReader reader(audit_->files(), audit_->folder(), *keys);
  const std::uint64_t end = audit_->log().status().size;
  for (std::uint64_t i = std::max(known->size, TRY(reader.begin())); i < end; ++i) {
    const event::Event event = TRY(reader.event(i));
    if (wanted.contains(event.id)) in_log_.emplace(event.id);
  }
  is_in_doubt_ = false;
  return {};
}

void OutboxCourier::note(const Result<void>& delivered) {
  must_try_again_ = !delivered;
  const bool is_busy =
      !delivered && delivered.error().code == ErrorCode::kUnavailable && !is_log_at_fault_;
  busy_attempts_ = is_busy ? busy_attempts_ + 1 : 0;
  const bool is_borne = is_busy && busy_attempts_ < kBusyAttempts && !is_stuck_.load();
  is_stuck_.store(!delivered && !is_borne, std::memory_order_relaxed);
  if (!delivered) {
    if (const auto backlog = outbox_.backlog()) waiting_.store(backlog->own);
  }
  const std::string failure = delivered || is_borne ? "" : delivered.error().message;
  if (failure == last_failure_) return;
  last_failure_ = failure;
  if (delivered) {
    log_.info("directory_events_recorded", {});
    return;
  }
  log_.error("directory_events_wait", {{"reason", failure}});
}

}  // namespace wardlock::server
