// Sets: tables of members, lists, and values known now.
#include <fmt/format.h>

#include <utility>

#include "plan/sql_translator.h"

namespace wardlock::plan {

using cedar::Expr;
using cedar::Kind;
using cedar::Value;

std::optional<std::vector<SqlTerm>> SqlTranslator::items_of(const SqlTerm& set) {
  if (set.is(SqlTerm::Kind::kList)) return set.items;
  if (!set.is(SqlTerm::Kind::kConstant)) return std::nullopt;
  std::vector<SqlTerm> items;
  for (const Value& member : set.constant.as_set()) items.push_back(constant(member));
  return items;
}

Result<SqlCondition> SqlTranslator::any_member(const SqlTerm& members,
                                               const MakeCondition& condition) {
  const MemberTable& table = members.source->members;
  const std::string alias = new_alias();
  const cedar::Type text{.kind = Kind::kString};
  const cedar::Type& element = *members.type->element;
  const SqlScalar owner = TRY(sql_.column(alias, {table.owner}, text));
  SqlTerm member = made(&element, "");
  member.scalar = TRY(sql_.column(alias, table.member, element));
  if (element.kind == Kind::kBool) member = made(sql_.truth(member.scalar.sql));
  SqlCondition holds = TRY(condition(member));
  const SqlCondition inner = SqlCondition::all({errs_not(member), std::move(holds)});
  const SqlCondition owned = SqlCondition::of(sql_.matches(owner, members.row.id));
  return SqlCondition::of(fmt::format("EXISTS (SELECT 1 FROM {} AS {} WHERE {})",
                                      quote_name(table.table), alias,
                                      SqlCondition::all({owned, inner}).sql()));
}

Result<SqlCondition> SqlTranslator::contains(const SqlTerm& set, const SqlTerm& member,
                                             const Expr& at) {
  if (!set.is_of(Kind::kSet)) return refuse(at, "it is not asked of a set");
  const auto is_same = [&](const SqlTerm& other) -> Result<SqlCondition> {
    return TRY(equal(other, member, at)).is_true;
  };
  if (const auto items = items_of(set)) {
    std::vector<SqlCondition> any;
    for (const SqlTerm& item : *items) {
      TRY_VOID(count(at, 1));
      any.push_back(TRY(is_same(item)));
    }
    return SqlCondition::any(std::move(any));
  }
  if (!set.is(SqlTerm::Kind::kMembers)) return refuse(at, "SQL has no such set");
  return any_member(set, is_same);
}

Result<SqlCondition> SqlTranslator::contains_all(const SqlTerm& set, const SqlTerm& members,
                                                 const Expr& at) {
  if (!set.is_of(Kind::kSet) || !members.is_of(Kind::kSet)) {
    return refuse(at, "it is not asked of two sets");
  }
  if (const auto items = items_of(members)) {
    std::vector<SqlCondition> all;
    for (const SqlTerm& item : *items) all.push_back(TRY(contains(set, item, at)));
    return SqlCondition::all(std::move(all));
  }
  if (!members.is(SqlTerm::Kind::kMembers)) return refuse(at, "SQL has no such set");
  const auto lacks = [&](const SqlTerm& member) -> Result<SqlCondition> {
    return !TRY(contains(set, member, at));
  };
  return !TRY(any_member(members, lacks));
}

Result<SqlCondition> SqlTranslator::contains_any(const SqlTerm& set, const SqlTerm& members,
                                                 const Expr& at) {
  if (!set.is_of(Kind::kSet) || !members.is_of(Kind::kSet)) {
    return refuse(at, "it is not asked of two sets");
  }
  const bool is_listed = items_of(members).has_value();
  const SqlTerm& other = is_listed ? set : members;
  if (const auto items = items_of(is_listed ? members : set)) {
    std::vector<SqlCondition> any;
    for (const SqlTerm& item : *items) any.push_back(TRY(contains(other, item, at)));
    return SqlCondition::any(std::move(any));
  }
  if (!members.is(SqlTerm::Kind::kMembers)) return refuse(at, "SQL has no such set");
  return any_member(members, [&](const SqlTerm& member) { return contains(set, member, at); });
}

}  // namespace wardlock::plan
