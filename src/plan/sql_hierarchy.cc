// `in`: parents in columns and tables, and the hierarchy that the directory knows.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "plan/sql_translator.h"

namespace wardlock::plan {

using cedar::EntityType;
using cedar::EntityUid;
using cedar::Expr;
using cedar::Kind;
using cedar::Value;

Result<SqlCondition> SqlTranslator::is_in(const SqlTerm& member, const SqlTerm& group,
                                          const Expr& at) {
  if (!member.is_of(Kind::kEntity)) return refuse(at, "it is not asked of an entity");
  if (group.is_of(Kind::kEntity)) return is_in_entity(member, group, at);
  if (const auto items = group.is_of(Kind::kSet) ? items_of(group) : std::nullopt) {
    std::vector<SqlCondition> any;
    for (const SqlTerm& item : *items) {
      if (!item.is_of(Kind::kEntity)) return refuse(at, "not every member of the set is an entity");
      any.push_back(TRY(is_in_entity(member, item, at)));
    }
    return SqlCondition::any(std::move(any));
  }
  if (group.is(SqlTerm::Kind::kMembers) && group.type->element->kind == Kind::kEntity) {
    return any_member(group, [&](const SqlTerm& one) { return is_in_entity(member, one, at); });
  }
  return refuse(at, "its right side is neither an entity nor a set of entities");
}

Result<SqlCondition> SqlTranslator::is_in_entity(const SqlTerm& member, const SqlTerm& group,
                                                 const Expr& at) {
  TRY_VOID(count(at, 1));
  const std::string_view type = member.type->entity_type, of = group.type->entity_type;
  std::vector<SqlCondition> any;
  if (type == of) any.push_back(TRY(equal(member, group, at)).is_true);
  const EntityType* declared = typing_.schema().find_entity_type(type);
  if (declared == nullptr) return refuse(at, fmt::format("`{}` is not in the schema", type));
  if (!declared->may_be_in(of)) return SqlCondition::any(std::move(any));

  const bool is_constant = member.is(SqlTerm::Kind::kConstant);
  if (is_constant && entities_.find(member.constant.as_entity()) != nullptr) {
    any.push_back(TRY(known_is_in(member.constant.as_entity(), group, at)));
  } else if (const auto row = TRY(row_of(member, at))) {
    any.push_back(TRY(row_is_in(*row, type, group, at)));
  } else if (!is_constant) {
    const auto of_one = [&](const SqlTerm& one) -> Made {
      return made(
          SqlTruth{TRY(known_is_in(one.constant.as_entity(), group, at)), SqlCondition::never()});
    };
    const SqlTerm choice = TRY(among_known(at, member, of_one));
    any.push_back(TRY(truth_of(choice, at)).is_true);
  }
  return SqlCondition::any(std::move(any));
}

/// The proper ancestors that the directory knows, and what those are in that it does not.
Result<SqlCondition> SqlTranslator::known_is_in(const EntityUid& member, const SqlTerm& group,
                                                const Expr& at) {
  std::vector<SqlCondition> any;
  for (const EntityUid* ancestor : entities_.find(member)->ancestors()) {
    const SqlTerm term = constant(Value::entity(ancestor));
    if (ancestor->type == group.type->entity_type) {
      any.push_back(TRY(equal(group, term, at)).is_true);
    }
    const bool is_elsewhere = entities_.find(*ancestor) == nullptr && is_open_type(ancestor->type);
    if (is_elsewhere && typing_.may_be_in(ancestor->type, group.type->entity_type)) {
      const SqlRow row = TRY(found_row(term, at));
      any.push_back(TRY(row_is_in(row, ancestor->type, group, at)));
    }
  }
  return SqlCondition::any(std::move(any));
}

Result<SqlCondition> SqlTranslator::row_is_in(const SqlRow& row, std::string_view type,
                                              const SqlTerm& group, const Expr& at,
                                              bool skips_own_type) {
  const EntityType& declared = *typing_.schema().find_entity_type(type);
  if (!skips_own_type && std::ranges::find(climbing_, type) != climbing_.end()) {
    return refuse(at, fmt::format("types are in each other in a circle through `{}`", type));
  }
  if (!skips_own_type) climbing_.push_back(type);
  std::vector<SqlCondition> any;
  Result<void> done = {};
  for (const std::string_view parent : declared.parents) {
    const bool leads_there = typing_.may_be_in(parent, group.type->entity_type);
    if (!leads_there || (parent == type && skips_own_type)) continue;
    std::size_t sources = 0;
    for (const ParentSource& source : row.table->parents) {
      if (source.type != parent || !done) continue;
      ++sources;
      auto one = parent == type ? climb(row, type, source, group, at)
                                : parent_is_in(row, source, group, at);
      if (one) {
        any.push_back(*std::move(one));
      } else {
        done = std::unexpected(one.error());
      }
    }
    if (!done) break;
    if (sources == 0 || (parent == type && sources > 1)) {
      done = refuse(at, fmt::format("the mapping must say once in which `{}` a `{}` is, under "
                                    "`parents`",
                                    parent, type));
      break;
    }
  }
  if (!skips_own_type) climbing_.pop_back();
  if (!done) return std::unexpected(done.error());
  return SqlCondition::any(std::move(any));
}

Result<SqlCondition> SqlTranslator::parent_is_in(const SqlRow& row, const ParentSource& source,
                                                 const SqlTerm& group, const Expr& at) {
  const cedar::Type* type = typing_.entity(source.type);
  const auto holds = [&](const std::string& alias,
                         const std::string& column) -> Result<SqlCondition> {
    SqlTerm parent = made(type, "");
    parent.scalar = TRY(sql_.column(alias, {column}, *type));
    SqlCondition is_in = TRY(is_in_entity(parent, group, at));
    return SqlCondition::all({errs_not(parent), std::move(is_in)});
  };
  if (!source.column.empty()) {
    return exists_with(row, [&](const std::string& alias) { return holds(alias, source.column); });
  }
  const std::string alias = new_alias();
  const SqlScalar child = TRY(sql_.column(alias, {source.child}, *type));
  const SqlCondition own = SqlCondition::of(sql_.matches(child, row.id));
  const SqlCondition inner = TRY(holds(alias, source.parent));
  return SqlCondition::all(
      {exists(row), SqlCondition::of(fmt::format("EXISTS (SELECT 1 FROM {} AS {} WHERE {})",
                                                 quote_name(source.table), alias,
                                                 SqlCondition::all({own, inner}).sql()))});
}

/// Up through parents of the same type, however far: the row's own id, then parent after parent.
Result<SqlCondition> SqlTranslator::climb(const SqlRow& row, std::string_view type,
                                          const ParentSource& own, const SqlTerm& group,
                                          const Expr& at) {
  const cedar::Type* entity = typing_.entity(type);
  const std::string up = new_alias(), alias = new_alias(), link = new_alias();
  const SqlScalar reached{fmt::format("{}.id", up)};
  const SqlScalar id = TRY(sql_.column(alias, {row.table->id}, *entity));
  std::string step = fmt::format("{} JOIN {} AS {} ON {}", up, quote_name(row.table->table), alias,
                                 sql_.matches(id, reached.sql));
  SqlScalar parent;
  if (own.column.empty()) {
    const SqlScalar child = TRY(sql_.column(link, {own.child}, *entity));
    parent = TRY(sql_.column(link, {own.parent}, *entity));
    step += fmt::format(" JOIN {} AS {} ON {}", quote_name(own.table), link,
                        sql_.matches(child, reached.sql));
  } else {
    parent = TRY(sql_.column(alias, {own.column}, *entity));
  }
  SqlTerm one = made(entity, reached.sql);
  std::vector<SqlCondition> any;
  if (type == group.type->entity_type) any.push_back(TRY(equal(one, group, at)).is_true);
  any.push_back(TRY(row_is_in({row.table, "", reached.sql}, type, group, at, true)));
  SqlCondition holds = SqlCondition::any(std::move(any));
  if (holds.is_never()) return holds;
  return SqlCondition::of(fmt::format(
      "EXISTS (WITH RECURSIVE {0}(id) AS (SELECT {1} UNION SELECT {2} FROM {3} WHERE {2} IS NOT "
      "NULL) SELECT 1 FROM {0} WHERE {4})",
      up, row.id, parent.sql, step, holds.sql()));
}

}  // namespace wardlock::plan
