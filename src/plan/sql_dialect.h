#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "cedar/value/value.h"
#include "plan/mapping.h"
#include "plan/sql_condition.h"

namespace wardlock::plan {

enum class SqlDialect : std::uint8_t { kSqlite, kPostgresql };

std::string_view to_string(SqlDialect dialect);

/// A name from the mapping, in quotes.
std::string quote_name(std::string_view name);
std::string quote_name(const Table& table);

/// What values of a Cedar type are in SQL.
enum class SqlType : std::uint8_t { kBool, kInteger, kText };

/// The values that a statement is sent with. None is ever in its text.
class SqlParameters {
 public:
  explicit SqlParameters(SqlDialect dialect) : dialect_(dialect) {}

  /// The place that stands for the value; the same for the same value. Requires a Boolean, a number
  /// of any kind, a string or an entity (its id). Error: a text with a NUL, which databases cut off
  /// or refuse.
  Result<std::string> add(const cedar::Value& value);
  /// A text that was made here, such as a pattern.
  std::string add_text(std::string_view text);

  /// In the order of their numbers, from 1.
  const std::vector<cedar::Value>& values() const { return values_; }

 private:
  std::string place(const cedar::Value& value, SqlType type);

  SqlDialect dialect_;
  Arena arena_;
  std::vector<cedar::Value> values_;
};

/// An expression whose value is NULL where the Cedar expression errs. For a column as it stands in
/// a row, `raw` is the column without a check of its value, which an index can serve, and `present`
/// is that check.
struct SqlScalar {
  std::string sql;
  std::string raw = {};
  std::string present = {};
};

/// What the two databases write differently. Pure.
class Sql {
 public:
  explicit Sql(SqlDialect dialect) : dialect_(dialect) {}

  SqlDialect dialect() const { return dialect_; }

  /// The column of a row, as a value of the type. Error: the database has no such form.
  Result<SqlScalar> column(std::string_view alias, const Column& column,
                           const cedar::Type& type) const;
  /// The same of a Boolean expression, as what it is true for.
  SqlTruth truth(const std::string& boolean) const;
  std::string boolean(const SqlTruth& truth) const;

  /// `a op b`, op being `=`, `<` or `<=`.
  SqlTruth compare(const SqlScalar& a, std::string_view op, const SqlScalar& b, SqlType type) const;
  /// Whether a text column is the value, for the WHERE of a look-up: where either is NULL, or the
  /// column holds no text, there is no match. `value` is NULL or a text, whatever SQLite's columns
  /// hold: what else it was would be converted to the column's kind.
  std::string matches(const SqlScalar& column, const std::string& value) const;
  /// `pattern` is the place of a parameter made by `like_pattern`.
  SqlTruth like(const SqlScalar& text, std::string_view pattern) const;
  std::string like_pattern(std::span<const std::string_view> segments) const;

  /// `a op b` in 64 bits; NULL where the result does not fit.
  std::string arithmetic(std::string_view a, char op, std::string_view b) const;
  /// `a` modulo `divisor`, never negative.
  std::string modulo(std::string_view a, std::int64_t divisor) const;

  /// Whether a text of some length can be matched at all.
  static constexpr std::size_t kMaxPatternBytes = 50'000;  // SQLite's limit

 private:
  bool is_sqlite() const { return dialect_ == SqlDialect::kSqlite; }
  std::string equality(const std::string& a, const std::string& b) const;

  SqlDialect dialect_;
};

/// Requires a type that one column can hold.
SqlType sql_type(cedar::Kind kind);

}  // namespace wardlock::plan
