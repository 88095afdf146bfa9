#pragma once

#include <string>
#include <utility>
#include <vector>

namespace wardlock::plan {

/// A condition in SQL that is true or false in every row, never NULL: what makes `NOT` safe.
class SqlCondition {
 public:
  static SqlCondition always() { return SqlCondition(Kind::kAlways, ""); }
  static SqlCondition never() { return SqlCondition(Kind::kNever, ""); }
  /// `sql` stands in parentheses or binds as tightly, and is never NULL.
  static SqlCondition of(std::string sql) { return SqlCondition(Kind::kSql, std::move(sql)); }

  static SqlCondition all(std::vector<SqlCondition> parts);
  static SqlCondition any(std::vector<SqlCondition> parts);
  SqlCondition operator!() const;

  bool is_always() const { return kind_ == Kind::kAlways; }
  bool is_never() const { return kind_ == Kind::kNever; }
  std::string sql() const;

 private:
  enum class Kind { kNever, kAlways, kSql };
  SqlCondition(Kind kind, std::string sql) : kind_(kind), sql_(std::move(sql)) {}

  Kind kind_;
  std::string sql_;
};

/// A Cedar Boolean in SQL: where neither holds, its evaluation errs. Never both.
struct SqlTruth {
  SqlCondition is_true = SqlCondition::never();
  SqlCondition is_false = SqlCondition::never();

  SqlCondition errs_not() const { return SqlCondition::any({is_true, is_false}); }
};

}  // namespace wardlock::plan
