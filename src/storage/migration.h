#pragma once

#include <string>
#include <string_view>

namespace wardlock::storage {

/// One step from an empty database to today's tables. Its number is its place in the list. Once
/// released it stays as it is, to the letter (its checksum is kept in the database); what is wrong
/// in it, a later one puts right.
struct Migration {
  std::string_view name;  ///< what it is for, in a few words
  /// One or more statements, one text for both databases. `TEXT`, `BIGINT` and `BYTES` are the
  /// types of columns; each becomes what the database calls it, and text is ordered by its bytes.
  /// Every `CREATE TABLE (…)` ends with `STRICT`, so that SQLite keeps to the types, too.
  std::string_view sql;
  /// Instead of `sql`, as it stands, where PostgreSQL needs other words.
  std::string_view postgresql = {};
};

/// The text as SQLite or PostgreSQL takes it: the words `TEXT`, `BIGINT`, `BYTES` and `STRICT`
/// outside of quotes and comments are replaced.
std::string sql_for_sqlite(const Migration& migration);
std::string sql_for_postgresql(const Migration& migration);

/// SHA-256 of both texts, in hexadecimal.
std::string checksum_of(const Migration& migration);

}  // namespace wardlock::storage
