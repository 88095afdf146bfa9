#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>

#include "base/error.h"
#include "storage/session.h"
#include "storage/store.h"

namespace wardlock::storage {

/// What is not the same for SQLite and PostgreSQL. Thread-safe.
class Backend {
 public:
  virtual ~Backend() = default;

  /// For messages: without a password.
  virtual const std::string& name() const = 0;
  virtual bool is_postgresql() const = 0;
  virtual std::string sql_of(const Migration& migration) const = 0;

  virtual Result<std::unique_ptr<Session>> connect(bool is_writing) const = 0;

  /// Makes the table that keeps which migrations were applied, if it is not there. `session` is one
  /// that writes, outside of a transaction.
  virtual Result<void> prepare(Session& session) const = 0;

  /// Tells those of this process who listen, where the database does not.
  virtual void announce(const std::set<std::string>& channels) = 0;
  virtual Result<std::unique_ptr<Listening>> listen(const std::string& channel,
                                                    std::function<void()> heard) = 0;

  virtual Result<void> back_up(const std::string& path) const = 0;
};

}  // namespace wardlock::storage
