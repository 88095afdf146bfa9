#include "plan/sql_condition.h"

#include <fmt/format.h>

#include <algorithm>

namespace wardlock::plan {
namespace {

std::string join(const std::vector<SqlCondition>& parts, const char* word) {
  std::string out = "(";
  for (const SqlCondition& part : parts) {
    if (out.size() > 1) out += word;
    out += part.sql();
  }
  return out + ")";
}

}  // namespace

SqlCondition SqlCondition::all(std::vector<SqlCondition> parts) {
  std::erase_if(parts, &SqlCondition::is_always);
  if (std::ranges::any_of(parts, &SqlCondition::is_never)) return never();
  if (parts.empty()) return always();
  return parts.size() == 1 ? parts.front() : of(join(parts, " AND "));
}

SqlCondition SqlCondition::any(std::vector<SqlCondition> parts) {
  std::erase_if(parts, &SqlCondition::is_never);
  if (std::ranges::any_of(parts, &SqlCondition::is_always)) return always();
  if (parts.empty()) return never();
  return parts.size() == 1 ? parts.front() : of(join(parts, " OR "));
}

SqlCondition SqlCondition::operator!() const {
  switch (kind_) {
    case Kind::kNever: return always();
    case Kind::kAlways: return never();
    case Kind::kSql: break;
  }
  return of(fmt::format("(NOT {})", sql_));
}

std::string SqlCondition::sql() const {
  switch (kind_) {
    case Kind::kNever: return "FALSE";
    case Kind::kAlways: return "TRUE";
    case Kind::kSql: break;
  }
  return sql_;
}

}  // namespace wardlock::plan
