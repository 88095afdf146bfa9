#include "plan/sql_dialect.h"

#include <fmt/format.h>

#include <algorithm>

namespace wardlock::plan {
namespace {

using cedar::Kind;
using cedar::Value;

/// A text no longer than this may be written twice.
constexpr std::size_t kShort = 160;

constexpr std::string_view kCollateC = " COLLATE \"C\"";

}  // namespace

std::string_view to_string(SqlDialect dialect) {
  return dialect == SqlDialect::kSqlite ? "sqlite" : "postgresql";
}

std::string quote_name(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

std::string quote_name(const Table& table) {
  return table.schema.empty() ? quote_name(table.name)
                              : quote_name(table.schema) + "." + quote_name(table.name);
}

SqlType sql_type(Kind kind) {
  switch (kind) {
    case Kind::kBool: return SqlType::kBool;
    case Kind::kString:
    case Kind::kEntity: return SqlType::kText;
    default: return SqlType::kInteger;
  }
}

Result<std::string> SqlParameters::add(const Value& value) {
  switch (value.kind()) {
    case Kind::kBool: return place(value, SqlType::kBool);
    case Kind::kLong: return place(value, SqlType::kInteger);
    case Kind::kDecimal:
    case Kind::kDatetime:
    case Kind::kDuration: return place(Value::integer(value.as_scaled()), SqlType::kInteger);
    default: break;
  }
  const std::string_view text = value.is(Kind::kEntity) ? value.as_entity().id : value.as_string();
  if (text.contains('\0')) {
    return invalid(
        fmt::format("the text {} holds a NUL, which no database compares", cedar::quote(text)));
  }
  return place(Value::string(arena_.copy(text)), SqlType::kText);
}

std::string SqlParameters::add_text(std::string_view text) {
  return place(Value::string(arena_.copy(text)), SqlType::kText);
}

std::string SqlParameters::place(const Value& value, SqlType type) {
  const auto same = std::ranges::find(values_, value);
  const auto number = same - values_.begin() + 1;
  if (same == values_.end()) values_.push_back(value);
  if (dialect_ == SqlDialect::kSqlite) return fmt::format("?{}", number);
  const char* name = type == SqlType::kBool      ? "boolean"
                     : type == SqlType::kInteger ? "bigint"
                                                 : "text";
  return fmt::format("${}::{}", number, name);
}

Result<SqlScalar> Sql::column(std::string_view alias, const Column& column,
                              const cedar::Type& type) const {
  const std::string name = fmt::format("{}.{}", alias, quote_name(column.name));
  if (column.time == TimeForm::kTimestamptz) {
    if (is_sqlite()) {
      return fail(ErrorCode::kFailedPrecondition,
                  fmt::format("SQLite has no timestamptz; keep `{}` as epoch_ms", column.name));
    }
    return SqlScalar{
        fmt::format("(CASE WHEN isfinite({0}) THEN floor(extract(epoch FROM {0}) * "
                    "1000)::bigint END)",
                    name)};
  }
  const SqlType sql = sql_type(type.kind);
  if (sql == SqlType::kBool) {
    // SQLite keeps Booleans as 0 and 1; its comparisons alone would take a text or a REAL for them.
    return SqlScalar{
        is_sqlite()
            ? fmt::format("(CASE WHEN typeof({0}) = 'integer' AND {0} IN (0, 1) THEN {0} END)",
                          name)
            : name};
  }
  if (!is_sqlite()) {
    const std::string raw = sql == SqlType::kText ? name + "::text" : name;
    return SqlScalar{raw, raw, fmt::format("{} IS NOT NULL", name)};
  }
  // Any column of SQLite can hold anything; what is not of the type is as if absent.
  const std::string present =
      fmt::format("typeof({}) = '{}'", name, sql == SqlType::kText ? "text" : "integer");
  return SqlScalar{fmt::format("(CASE WHEN {} THEN {} END)", present, name), name, present};
}

SqlTruth Sql::truth(const std::string& boolean) const {
  return {SqlCondition::of(fmt::format("({} IS TRUE)", boolean)),
          SqlCondition::of(fmt::format("({} IS FALSE)", boolean))};
}

std::string Sql::boolean(const SqlTruth& truth) const {
  return fmt::format("(CASE WHEN {} THEN TRUE WHEN {} THEN FALSE END)", truth.is_true.sql(),
                     truth.is_false.sql());
}

/// Equal as code points, whatever the collation of a column. PostgreSQL uses an index only for the
/// column's own collation: there that comes first, and holds wherever the other does.
std::string Sql::equality(const std::string& a, const std::string& b) const {
  if (is_sqlite()) return fmt::format("{} = {} COLLATE BINARY", a, b);
  std::string exact = fmt::format("{} = ({}){}", a, b, kCollateC);
  if (a.size() > kShort || b.size() > kShort) return exact;
  return fmt::format("{} = {} AND {}", a, b, exact);
}

SqlTruth Sql::compare(const SqlScalar& a, std::string_view op, const SqlScalar& b,
                      SqlType type) const {
  // A parameter is never NULL.
  const bool is_value = b.sql.starts_with('?') || b.sql.starts_with('$');
  // A column is only taken as it stands where its check can be said next to it.
  const bool is_raw = !a.raw.empty() && (is_value || !b.raw.empty());
  const std::string& left = is_raw ? a.raw : a.sql;
  const std::string& right = is_raw && !is_value ? b.raw : b.sql;
  const std::string comparison =
      type == SqlType::kText ? equality(left, right) : fmt::format("{} {} {}", left, op, right);
  if (is_raw) {
    const std::string present =
        is_value ? a.present : fmt::format("{} AND {}", a.present, b.present);
    return {SqlCondition::of(fmt::format("({} AND {})", present, comparison)),
            SqlCondition::of(fmt::format("({} AND NOT ({}))", present, comparison))};
  }
  return truth(fmt::format("({})", comparison));
}

std::string Sql::matches(const SqlScalar& column, const std::string& value) const {
  const std::string same = equality(column.raw, value);
  // SQLite would find the integer 7 by the text '007' in a column of integers. The check comes
  // last: what stands before a value adds to how deep SQLite's parser, which has a bound, is in it.
  return is_sqlite() ? fmt::format("{} AND {}", same, column.present) : same;
}

SqlTruth Sql::like(const SqlScalar& text, std::string_view pattern) const {
  if (is_sqlite()) {
    // GLOB reads a text up to its first NUL; such a text errs.
    return truth(
        fmt::format("(SELECT CASE WHEN instr(v, char(0)) = 0 THEN v GLOB {} END FROM "
                    "(SELECT {} AS v))",
                    pattern, text.sql));
  }
  return truth(fmt::format("(({}){} LIKE {} ESCAPE '!')", text.sql, kCollateC, pattern));
}

std::string Sql::like_pattern(std::span<const std::string_view> segments) const {
  std::string out;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    if (i > 0) out += is_sqlite() ? '*' : '%';
    for (const char c : segments[i]) {
      if (is_sqlite() && (c == '*' || c == '?' || c == '[')) {
        out += fmt::format("[{}]", c);
      } else {
        if (!is_sqlite() && (c == '%' || c == '_' || c == '!')) out += '!';
        out += c;
      }
    }
  }
  return out;
}

std::string Sql::arithmetic(std::string_view a, char op, std::string_view b) const {
  if (is_sqlite()) {
    // What overflows becomes a REAL.
    return fmt::format(
        "(SELECT CASE WHEN typeof(v) = 'integer' THEN v END FROM (SELECT {} {} {} AS v))", a, op,
        b);
  }
  return fmt::format(
      "(SELECT CASE WHEN v BETWEEN -9223372036854775808 AND 9223372036854775807 THEN v::bigint END "
      "FROM (SELECT ({})::numeric {} ({})::numeric AS v) AS q)",
      a, op, b);
}

std::string Sql::modulo(std::string_view a, std::int64_t divisor) const {
  return fmt::format("((({0}) % {1} + {1}) % {1})", a, divisor);
}

}  // namespace wardlock::plan
