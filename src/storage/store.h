#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>

#include "base/error.h"
#include "storage/durability.h"
#include "storage/migration.h"
#include "storage/work.h"

namespace wardlock::storage {

struct StoreOptions {
  /// `sqlite:PATH`, or `postgresql://…` as libpq takes it (with `host=/folder` for a socket).
  std::string url;
  /// How long a call waits for others who write, for a connection, and for a database that was
  /// restarted.
  std::chrono::milliseconds busy_timeout = std::chrono::seconds(5);
  /// Connections that read at the same time.
  std::size_t readers = 8;
  /// An SQLite file that is not there is not made: kNotFound.
  bool must_exist = false;
};

/// Hears of changes until it goes. May not go on its own thread.
class Listening {
 public:
  virtual ~Listening() = default;
};

class Backend;
class Session;
class SessionPool;

/// A relational database: an SQLite file, or PostgreSQL where several nodes share one. Thread-safe;
/// every call takes a connection of its own.
///
/// Errors: kUnavailable, it cannot be reached, or others kept it for longer than `busy_timeout`:
/// nothing was changed; kUnknown, the connection broke while committing, and the change may be
/// there or not: look before you repeat it; kResourceExhausted, a disk is full; kDataLoss, it is
/// damaged; kFailedPrecondition, it may not be used as asked; kInternal, our mistake. Messages name
/// the database, never a password or a value.
class Store {
 public:
  using Call = std::function<Result<void>(Work&)>;

  /// Opens it, or makes the file (0600; its folder must be there); checks its integrity (SQLite);
  /// applies the migrations that it lacks, one transaction each. Error kFailedPrecondition: it was
  /// made by other migrations than these, or by more of them (a newer Wardlock).
  static Result<std::unique_ptr<Store>> open(const StoreOptions& options,
                                             std::span<const Migration> migrations);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  /// Changes that happen all together, durably, or not at all, as if nobody else were at work: one
  /// call writes at a time, whichever process it is in; in one process, who came first. So a number
  /// taken as `max + 1` leaves no gap, and grows in the order of commits. An error of `call` undoes
  /// it and is returned. With kNormal they are on disk when the next that are written durably are,
  /// by whomever: for what only counts together with those.
  ///
  /// `call` may run more than once, each time on what is there then (the database asks for it, or
  /// the connection broke before it was committed); what it sets outside, it sets anew. Not to be
  /// nested.
  Result<void> write(const Call& call, Durability durability = Durability::kFull);

  /// What was committed at one moment. `call` may run more than once.
  Result<void> read(const Call& call) const;

  /// Calls `heard` on a thread of its own after each commit with `notify(channel)`, by any process
  /// (one call may stand for several), and whenever something may have been missed: a connection
  /// was made anew, or something else was written to the SQLite file (noticed within 100 ms). So
  /// `heard` looks for itself what is new. Channels are `[a-z_]+`.
  Result<std::unique_ptr<Listening>> listen(const std::string& channel,
                                            std::function<void()> heard) const;

  /// Whether it answers, for readiness; without waiting for a database that is not there.
  Result<void> check() const;

  /// A consistent copy of the SQLite file, made while others write; durable, 0600, and complete or
  /// not there. Error kAlreadyExists: the path is taken. kUnimplemented: PostgreSQL is backed up
  /// with its own tools, which the message names.
  Result<void> back_up(const std::string& path) const;

  bool is_postgresql() const;

 private:
  struct Attempt {
    Result<void> result;
    bool again = false;  ///< another may succeed
  };

  class Turn;

  Store(std::unique_ptr<Backend> backend, const StoreOptions& options);
  Attempt try_write(const Call& call, Durability durability);
  Attempt try_read(const Call& call, std::chrono::steady_clock::time_point deadline) const;

  std::unique_ptr<Backend> backend_;
  std::chrono::milliseconds busy_timeout_;
  std::mutex turns_;
  std::deque<std::condition_variable*> waiting_;  // to write, who came first in front
  bool is_writing_ = false;
  std::unique_ptr<Session> writer_;  // of whose turn it is; null before and after a fault
  std::unique_ptr<SessionPool> readers_;
};

/// What a restored database is to have beyond its backup.
using FinishRestored = std::function<Result<void>(Store&)>;

/// Puts a backup in the place of the SQLite database, or where none is yet: completely or not at
/// all. The backup is checked first (integrity, migrations known). `finish` changes a copy of it,
/// which is put there with that: so nothing is restored without what is to go with it. Error
/// kUnavailable: a Store has the database open. kUnimplemented: as for `back_up`.
Result<void> restore(const std::string& backup_path, const StoreOptions& options,
                     std::span<const Migration> migrations, const FinishRestored& finish = {});

}  // namespace wardlock::storage
