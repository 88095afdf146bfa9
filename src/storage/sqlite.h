#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "storage/durability.h"

struct sqlite3;
struct sqlite3_stmt;

namespace wardlock::storage {

// SQLite, as thin as its errors allow: every failure is an Error that names the file. Codes:
// kUnavailable, it is locked for too long or cannot be read or written; kResourceExhausted, the
// disk is full; kDataLoss, it is no database or is damaged; kAlreadyExists, a row with these unique
// values is there; kFailedPrecondition, another constraint stands against it, or it cannot be
// opened or may not be written; kInternal, our SQL.

struct DatabaseOptions {
  bool is_read_only = false;  ///< it must be there
  bool is_private = false;    ///< made for its owner alone (0600)
  /// What is deleted or overwritten is zeroed in the file.
  bool is_secure_delete = false;
  Durability durability = Durability::kFull;
  /// How long another process is waited for.
  std::chrono::milliseconds busy_timeout = std::chrono::seconds(5);
};

class Statement;

enum class ColumnType : std::uint8_t { kNull, kInteger, kReal, kText, kBlob };

/// One connection, with a write-ahead log (WAL). For one thread at a time; each process or thread
/// that wants the file at the same time has its own. Outlives its statements; stays where it is
/// during a transaction.
class Database {
 public:
  /// Opens the file, or makes it, durably. Its folder must be there. Only SQLite may touch the
  /// files that it makes beside it (`-wal`, `-shm`).
  static Result<Database> open(const std::string& path, const DatabaseOptions& options = {});
  ~Database();
  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;

  /// One or more statements without parameters; rows are passed over.
  Result<void> run(const std::string& sql);

  /// One statement, with `?1`, `?2` … for what is bound to it.
  Result<Statement> prepare(std::string_view sql);

  /// Of the commits that follow. Requires that no transaction is open.
  Result<void> set_durability(Durability durability);

  /// Brings what is in the WAL into the file, and cuts the WAL to nothing. Error: kUnavailable,
  /// somebody reads.
  Result<void> empty_wal();

  /// Copies all of it, as it is now, over the other, which has it completely or stays as it was.
  /// Others may write to this one meanwhile, nobody to the other.
  Result<void> copy_to(Database& other) const;

  /// The rowid of the row that was inserted last.
  std::int64_t last_row_id() const;
  /// Rows that the last statement inserted, changed or deleted.
  std::int64_t changed_rows() const;

  const std::string& path() const { return path_; }

 private:
  friend class Transaction;
  Database(std::string path, sqlite3* handle);
  std::unexpected<Error> failure(int code) const;

  std::string path_;
  sqlite3* handle_ = nullptr;
};

/// A statement that was compiled once, for use again and again. Columns count from 0, parameters
/// from 1.
class Statement {
 public:
  ~Statement();
  Statement(Statement&&) noexcept;
  Statement& operator=(Statement&&) noexcept;

  /// What is bound is borrowed until the statement is reset or bound anew. Requires a parameter
  /// with that number.
  void bind(int parameter, std::int64_t value);
  void bind(int parameter, std::string_view text);
  void bind_blob(int parameter, std::span<const std::uint8_t> bytes);
  void bind_null(int parameter);

  int parameters() const;
  /// The number of the parameter with this name (`$1` is one), 0 if there is none.
  int parameter(const std::string& name) const;

  /// The next row. False: there is none, and the statement is as `reset` leaves it.
  Result<bool> step();
  /// For statements without rows: runs it, and leaves it as `reset` does.
  Result<void> run();
  /// Ends it before its last row was read. Bound values are forgotten.
  void reset();

  int columns() const;

  // Of the current row; valid until the next step. Requires a column with that number.
  std::int64_t integer(int column) const;
  std::string_view text(int column) const;
  std::span<const std::uint8_t> blob(int column) const;
  ColumnType type(int column) const;
  bool is_null(int column) const;

 private:
  friend class Database;
  Statement(sqlite3_stmt* handle, std::string path);

  sqlite3_stmt* handle_ = nullptr;
  std::string path_;
};

/// Changes that happen together or not at all. Undone unless committed.
class Transaction {
 public:
  /// Takes the right to write now, so that nothing fails for want of it later.
  static Result<Transaction> begin(Database& database);
  ~Transaction();
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;

  Result<void> commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}

  Database* database_;
};

}  // namespace wardlock::storage
