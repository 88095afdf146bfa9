#include "storage/store.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <thread>
#include <utility>

#include "storage/backend.h"
#include "storage/database_url.h"
#include "storage/migrate.h"
#include "storage/postgresql_backend.h"
#include "storage/session_pool.h"
#include "storage/sqlite_backend.h"
#include "storage/sqlite_copy.h"

namespace wardlock::storage {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kFirstPause(5);
constexpr std::chrono::milliseconds kLongestPause(200);

/// Attempts until one succeeds, fails for good, or comes too late.
template <typename Attempt>
Result<void> repeat(Clock::time_point deadline, const Attempt& attempt) {
  for (std::chrono::milliseconds pause = kFirstPause;; pause = std::min(2 * pause, kLongestPause)) {
    auto [result, again] = attempt();
    if (result || !again || Clock::now() + pause >= deadline) return std::move(result);
    std::this_thread::sleep_for(pause);
  }
}

Result<std::unique_ptr<Backend>> backend_of(const StoreOptions& options) {
  const DatabaseUrl url = TRY(parse_database_url(options.url));
  if (url.is_postgresql) return open_postgresql_backend(url.address, options.busy_timeout);
  if (options.must_exist && !std::filesystem::exists(url.address)) {
    return fail(ErrorCode::kNotFound, fmt::format("there is no database `{}`", url.address));
  }
  return open_sqlite_backend(url.address, options.busy_timeout);
}

/// What came of a call, where one of its statements failed and it did not say so.
Result<void> outcome_of(const Work& work, Result<void> returned) {
  if (returned && work.failure()) return std::unexpected(*work.failure());
  return returned;
}

}  // namespace

Store::Store(std::unique_ptr<Backend> backend, const StoreOptions& options)
    : backend_(std::move(backend)),
      busy_timeout_(options.busy_timeout),
      readers_(
          std::make_unique<SessionPool>(*backend_, std::max<std::size_t>(options.readers, 1))) {}

Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(const StoreOptions& options,
                                           std::span<const Migration> migrations) {
  std::unique_ptr<Backend> backend = TRY(backend_of(options));
  std::unique_ptr<Session> writer = TRY(backend->connect(true));
  TRY_VOID(migrate(*backend, *writer, migrations));
  std::unique_ptr<Store> store(new Store(std::move(backend), options));
  store->writer_ = std::move(writer);
  return store;
}

/// To write, alone among this process's threads; they take turns as they came, so that one who
/// writes again and again keeps nobody out.
class Store::Turn {
 public:
  Turn(Store& store, Clock::time_point deadline) : store_(store) {
    std::unique_lock lock(store_.turns_);
    std::deque<std::condition_variable*>& waiting = store_.waiting_;
    std::condition_variable called;
    waiting.push_back(&called);
    has_come_ = called.wait_until(
        lock, deadline, [&] { return !store_.is_writing_ && waiting.front() == &called; });
    std::erase(waiting, &called);
    if (has_come_) {
      store_.is_writing_ = true;
    } else {
      call_next();
    }
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() {
    if (!has_come_) return;
    const std::lock_guard lock(store_.turns_);
    store_.is_writing_ = false;
    call_next();
  }

  bool has_come() const { return has_come_; }

 private:
  /// Who waits may go as soon as the lock is let go of.
  void call_next() {
    if (!store_.is_writing_ && !store_.waiting_.empty()) store_.waiting_.front()->notify_one();
  }

  Store& store_;
  bool has_come_ = false;
};

Result<void> Store::write(const Call& call, Durability durability) {
  const auto deadline = Clock::now() + busy_timeout_;
  const Turn turn(*this, deadline);
  if (!turn.has_come()) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("the database `{}`: others were writing for too long; ask again later",
                            backend_->name()));
  }
  return repeat(deadline, [&] { return try_write(call, durability); });
}

Store::Attempt Store::try_write(const Call& call, Durability durability) {
  if (writer_ == nullptr) {
    auto connected = backend_->connect(true);
    if (!connected) {
      const bool again = connected.error().code == ErrorCode::kUnavailable;
      return {std::unexpected(std::move(connected).error()), again};
    }
    writer_ = *std::move(connected);
  }
  const auto ended = [this](Result<void> result) -> Attempt {
    const Trouble trouble = writer_->trouble();
    if (trouble == Trouble::kDisconnected) {
      writer_ = nullptr;
    } else {
      writer_->roll_back();
    }
    return {std::move(result), trouble != Trouble::kNone};
  };
  if (auto begun = writer_->begin_writing(durability); !begun) return ended(std::move(begun));
  Work work(*writer_, true);
  Result<void> done = outcome_of(work, call(work));
  if (done) done = writer_->notify(work.notified());
  if (!done) return ended(std::move(done));
  if (auto committed = writer_->commit(); !committed) {
    if (writer_->trouble() != Trouble::kDisconnected) return ended(std::move(committed));
    writer_ = nullptr;
    return {fail(ErrorCode::kUnknown,
                 fmt::format("{}; it broke while the change was committed, which may be there or "
                             "not: look before you repeat it",
                             committed.error().message))};
  }
  backend_->announce(work.notified());
  return {Result<void>()};
}

Result<void> Store::read(const Call& call) const {
  const auto deadline = Clock::now() + busy_timeout_;
  return repeat(deadline, [&] { return try_read(call, deadline); });
}

Store::Attempt Store::try_read(const Call& call, Clock::time_point deadline) const {
  auto taken = readers_->take(deadline);
  if (!taken) {
    const bool again = taken.error().code == ErrorCode::kUnavailable;
    return {std::unexpected(std::move(taken).error()), again};
  }
  std::unique_ptr<Session> session = *std::move(taken);
  Result<void> done = session->begin_reading();
  if (done) {
    Work work(*session, false);
    done = outcome_of(work, call(work));
    if (done) done = session->commit();
  }
  const Trouble trouble = done ? Trouble::kNone : session->trouble();
  if (!done && trouble != Trouble::kDisconnected) session->roll_back();
  readers_->give_back(std::move(session), trouble != Trouble::kDisconnected);
  return {std::move(done), trouble != Trouble::kNone};
}

Result<void> Store::check() const {
  const Call ask = [](Work& work) -> Result<void> {
    TRY(work.query("SELECT count(*) FROM wardlock_migration"));
    return {};
  };
  Attempt attempt = try_read(ask, Clock::now() + busy_timeout_);
  // What was connected before a restart fails once.
  if (!attempt.result && attempt.again) attempt = try_read(ask, Clock::now() + busy_timeout_);
  return std::move(attempt.result);
}

Result<std::unique_ptr<Listening>> Store::listen(const std::string& channel,
                                                 std::function<void()> heard) const {
  const bool is_name = !channel.empty() && std::ranges::all_of(channel, [](char c) {
    return (c >= 'a' && c <= 'z') || c == '_';
  });
  if (!is_name) return invalid(fmt::format("`{}` is no channel; it has letters and `_`", channel));
  return backend_->listen(channel, std::move(heard));
}

Result<void> Store::back_up(const std::string& path) const { return backend_->back_up(path); }

bool Store::is_postgresql() const { return backend_->is_postgresql(); }

Result<void> restore(const std::string& backup_path, const StoreOptions& options,
                     std::span<const Migration> migrations, const FinishRestored& finish) {
  const DatabaseUrl url = TRY(parse_database_url(options.url));
  if (url.is_postgresql) {
    return fail(ErrorCode::kUnimplemented,
                "PostgreSQL is restored with its own tools: stop Wardlock on every node, then use "
                "`pg_restore --clean --if-exists --single-transaction`");
  }
  std::error_code none;
  if (!std::filesystem::exists(backup_path, none)) {
    return fail(ErrorCode::kFailedPrecondition, fmt::format("there is no file `{}`", backup_path));
  }
  if (std::filesystem::equivalent(backup_path, url.address, none)) {
    return fail(ErrorCode::kFailedPrecondition,
                fmt::format("`{}` is the database itself, not a backup of it", backup_path));
  }
  return restore_sqlite(
      backup_path, url.address, migrations, [&](const std::string& copy) -> Result<void> {
        if (!finish) return {};
        const auto store = TRY(Store::open({.url = "sqlite:" + copy}, migrations));
        return finish(*store);
      });
}

}  // namespace wardlock::storage
