// Attributes and tags: columns of rows, and what the directory knows.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "plan/sql_translator.h"

namespace wardlock::plan {

using cedar::Attribute;
using cedar::Expr;
using cedar::Kind;
using cedar::Value;

Result<std::optional<SqlRow>> SqlTranslator::row_of(const SqlTerm& entity, const Expr& at) {
  if (!entity.is_of(Kind::kEntity)) return std::nullopt;
  const EntityTable* table = mapping_.find(entity.type->entity_type);
  if (table == nullptr) return std::nullopt;
  if (entity.is(SqlTerm::Kind::kScalar)) {
    // The statement only selects rows whose id is a text; any other column can hold anything.
    const SqlScalar& id = entity.scalar;
    return SqlRow{table, entity.alias, entity.alias.empty() ? id.sql : id.raw};
  }
  if (!entity.is(SqlTerm::Kind::kConstant)) return std::nullopt;
  auto id = parameters_.add(entity.constant);
  if (!id) return refuse(at, id.error().message);
  return SqlRow{table, "", *std::move(id)};
}

Result<SqlRow> SqlTranslator::found_row(const SqlTerm& entity, const Expr& at) {
  auto row = TRY(row_of(entity, at));
  if (!row) {
    return refuse(at,
                  "the directory does not know the entity, and the mapping has no table for it");
  }
  return *std::move(row);
}

Result<SqlCondition> SqlTranslator::exists_with(
    const SqlRow& row, const std::function<Result<SqlCondition>(const std::string&)>& condition) {
  if (!row.alias.empty()) return condition(row.alias);
  const std::string alias = new_alias();
  SqlCondition inner = TRY(condition(alias));
  if (inner.is_never()) return inner;
  const cedar::Type text{.kind = Kind::kString};
  const SqlScalar id = TRY(sql_.column(alias, {row.table->id}, text));
  const SqlCondition same = SqlCondition::of(sql_.matches(id, row.id));
  return SqlCondition::of(fmt::format("EXISTS (SELECT 1 FROM {} AS {} WHERE {})",
                                      quote_name(row.table->table), alias,
                                      SqlCondition::all({same, inner}).sql()));
}

SqlCondition SqlTranslator::exists(const SqlRow& row) {
  const auto found = exists_with(
      row, [](const std::string&) -> Result<SqlCondition> { return SqlCondition::always(); });
  return found ? *found : SqlCondition::never();
}

SqlTranslator::Made SqlTranslator::from_source(const SqlRow& row, const AttributeSource& source,
                                               const Attribute& shape) {
  switch (source.kind) {
    case AttributeSource::Kind::kMembers:
      return SqlTerm{
          .kind = SqlTerm::Kind::kMembers, .type = shape.type, .row = row, .source = &source};
    case AttributeSource::Kind::kRecord:
      return SqlTerm{.kind = SqlTerm::Kind::kRecord,
                     .type = shape.type,
                     .row = row,
                     .source = &source,
                     .is_required = shape.is_required};
    case AttributeSource::Kind::kColumn: break;
  }
  const std::string alias = row.alias.empty() ? new_alias() : row.alias;
  SqlScalar scalar = TRY(sql_.column(alias, source.column, *shape.type));
  if (row.alias.empty()) {
    const cedar::Type text{.kind = Kind::kString};
    const SqlScalar id = TRY(sql_.column(alias, {row.table->id}, text));
    scalar = {fmt::format("(SELECT {} FROM {} AS {} WHERE {})", scalar.sql,
                          quote_name(row.table->table), alias, sql_.matches(id, row.id))};
  }
  if (shape.type->kind == Kind::kBool) return made(sql_.truth(scalar.sql));
  SqlTerm term = made(shape.type, scalar.sql);
  term.scalar = std::move(scalar);
  return term;
}

const AttributeSource* SqlTranslator::find_source(const SqlTerm& target, std::string_view name) {
  const auto* fields = target.is(SqlTerm::Kind::kRecord) ? &target.source->fields : nullptr;
  if (target.is_of(Kind::kEntity)) {
    const EntityTable* table = mapping_.find(target.type->entity_type);
    if (table != nullptr) fields = &table->attributes;
  }
  if (fields == nullptr) return nullptr;
  const auto found = fields->find(name);
  return found == fields->end() ? nullptr : &found->second;
}

SqlTranslator::Made SqlTranslator::among_known(const Expr& at, const SqlTerm& entity,
                                               const std::function<Made(const SqlTerm&)>& of_one) {
  SqlTerm choice{.kind = SqlTerm::Kind::kChoice};
  for (const cedar::Entity* known : entities_.entities(entity.type->entity_type)) {
    TRY_VOID(count(at, 1));
    const SqlTerm one = constant(Value::entity(known->uid()));
    const SqlTruth same = TRY(equal(entity, one, at));
    SqlTerm made = TRY(of_one(one));
    if (choice.type == nullptr) choice.type = made.type;
    choice.choices.emplace_back(same.is_true, std::move(made));
  }
  return choice;
}

SqlTranslator::Made SqlTranslator::attribute(const Expr& at, const SqlTerm& target,
                                             std::string_view name) {
  if (target.type == nullptr)
    return refuse(at, "the type of what it is an attribute of is not known");
  const Attribute* shape = typing_.find_attribute(*target.type, name);
  if (shape == nullptr) return SqlTerm::error();
  const auto row = target.is(SqlTerm::Kind::kRecord) ? target.row : TRY(row_of(target, at));
  if (row) {
    const AttributeSource* source = find_source(target, name);
    if (source == nullptr) {
      return refuse(at, fmt::format("the mapping has no `{}`", name));
    }
    return from_source(*row, *source, *shape);
  }
  if (!target.is(SqlTerm::Kind::kScalar)) {
    return refuse(at,
                  "the directory does not know the entity, and the mapping has no table for it");
  }
  return among_known(at, target, [&](const SqlTerm& one) -> Made { return apply(at, {one}); });
}

Result<SqlCondition> SqlTranslator::holds_value(const std::string& alias, const Column& column,
                                                const cedar::Type& type) {
  const SqlScalar scalar = TRY(sql_.column(alias, column, type));
  return SqlCondition::of(scalar.present.empty() ? fmt::format("({} IS NOT NULL)", scalar.sql)
                                                 : fmt::format("({})", scalar.present));
}

Result<SqlCondition> SqlTranslator::is_present(const std::string& alias,
                                               const AttributeSource& source,
                                               const Attribute& shape) {
  switch (source.kind) {
    case AttributeSource::Kind::kMembers: return SqlCondition::always();
    case AttributeSource::Kind::kColumn: return holds_value(alias, source.column, *shape.type);
    case AttributeSource::Kind::kRecord: break;
  }
  // A record is there where all that it must have is there.
  if (shape.is_required) return SqlCondition::always();
  std::vector<SqlCondition> parts;
  for (const Attribute& field : shape.type->attributes) {
    if (!field.is_required) continue;
    const auto found = source.fields.find(field.name);
    if (found == source.fields.end()) {
      return fail(ErrorCode::kUnimplemented,
                  fmt::format("the mapping has no `{}`, which tells whether its record is there",
                              field.name));
    }
    parts.push_back(TRY(is_present(alias, found->second, field)));
  }
  if (parts.empty()) {
    return fail(ErrorCode::kUnimplemented,
                "nothing in the record must be there, so that its columns cannot tell whether the "
                "record is");
  }
  return SqlCondition::all(std::move(parts));
}

Result<SqlTruth> SqlTranslator::has(const Expr& at, const SqlTerm& target, std::string_view name) {
  const std::array arguments = {target};
  if (target.type == nullptr) return refuse(at, "the type of what it is asked of is not known");
  if (!target.is_of(Kind::kEntity) && !target.is_of(Kind::kRecord)) return SqlTruth{};
  const Attribute* shape = typing_.find_attribute(*target.type, name);
  if (shape == nullptr) return settled(SqlCondition::never(), arguments);
  const AttributeSource* source = find_source(target, name);
  if (source == nullptr) return refuse(at, fmt::format("the mapping has no `{}`", name));
  const SqlRow row = target.is(SqlTerm::Kind::kRecord) ? target.row : TRY(found_row(target, at));
  const SqlCondition there = TRY(exists_with(
      row, [&](const std::string& alias) { return is_present(alias, *source, *shape); }));
  return settled(there, arguments);
}

/// One step at a time: the next is only looked at where the last one was there.
SqlTranslator::Made SqlTranslator::has_path(const Expr& at, const SqlTerm& target,
                                            std::span<const std::string_view> path) {
  if (target.is(SqlTerm::Kind::kScalar) && target.is_of(Kind::kEntity) &&
      !TRY(row_of(target, at))) {
    const auto of_one = [&](const SqlTerm& one) -> Made { return apply(at, {one}); };
    const SqlTerm choice = TRY(among_known(at, target, of_one));
    SqlTruth truth = TRY(truth_of(choice, at));
    // An entity that does not exist has nothing.
    std::vector<SqlCondition> known;
    for (const auto& [condition, one] : choice.choices) known.push_back(condition);
    const SqlCondition is_unknown =
        SqlCondition::all({errs_not(target), !SqlCondition::any(std::move(known))});
    truth.is_false = SqlCondition::any({truth.is_false, is_unknown});
    return made(truth);
  }
  if (target.is(SqlTerm::Kind::kChoice)) {
    const Expr* rest = cedar::make_expr(
        arena_, cedar::HasAttr{std::get<cedar::HasAttr>(at.node).target, path}, at.span);
    return apply(*rest, {target});
  }
  const SqlTruth first = TRY(has(at, target, path.front()));
  if (path.size() == 1) return made(first);
  const Expr* step = cedar::make_expr(
      arena_, cedar::GetAttr{std::get<cedar::HasAttr>(at.node).target, path.front()}, at.span);
  const SqlTerm next = TRY(apply(*step, {target}));
  const Expr* rest_of_path = cedar::make_expr(
      arena_, cedar::HasAttr{std::get<cedar::HasAttr>(at.node).target, path.subspan(1)}, at.span);
  const SqlTerm last = TRY(apply(*rest_of_path, {next}));
  const SqlTruth rest = TRY(truth_of(last, at));
  return made(SqlTruth{
      SqlCondition::all({first.is_true, rest.is_true}),
      SqlCondition::any({first.is_false, SqlCondition::all({first.is_true, rest.is_false})})});
}

SqlTranslator::Made SqlTranslator::tag(const Expr& at, cedar::BinaryOp op, const SqlTerm& target,
                                       const SqlTerm& key) {
  const std::array both = {target, key};
  const bool is_has = op == cedar::BinaryOp::kHasTag;
  if (!target.is_of(Kind::kEntity) || !key.is_of(Kind::kString)) {
    return refuse(at, "it is not asked of an entity and a string");
  }
  if (target.is(SqlTerm::Kind::kConstant)) {
    if (const cedar::Entity* known = entities_.find(target.constant.as_entity())) {
      SqlTerm choice{.kind = SqlTerm::Kind::kChoice};
      for (const cedar::Field& field : known->tags()) {
        TRY_VOID(count(at, 1));
        const SqlTruth same = TRY(equal(key, constant(Value::string(field.name)), at));
        SqlTerm value = constant(is_has ? Value::boolean(true) : field.value);
        choice.type = value.type;
        choice.choices.emplace_back(same.is_true, std::move(value));
      }
      if (!is_has) return choice;
      return made(settled(TRY(truth_of(choice, at)).is_true, both));
    }
  }
  const auto row = TRY(row_of(target, at));
  if (!row) {
    if (!target.is(SqlTerm::Kind::kScalar)) {
      return refuse(at,
                    "the directory does not know the entity, and the mapping has no table for it");
    }
    SqlTerm choice = TRY(
        among_known(at, target, [&](const SqlTerm& one) -> Made { return apply(at, {one, key}); }));
    if (!is_has) return choice;
    return made(settled(TRY(truth_of(choice, at)).is_true, both));
  }
  const EntityTable& table = *row->table;
  const cedar::EntityType* type = typing_.schema().find_entity_type(target.type->entity_type);
  if (!table.tags || type == nullptr || type->tags == nullptr) {
    return refuse(at, fmt::format("the mapping does not say where the tags of `{}` are",
                                  target.type->entity_type));
  }
  const cedar::Type text{.kind = Kind::kString};
  const std::string alias = new_alias();
  const SqlScalar owner = TRY(sql_.column(alias, {table.tags->owner}, text));
  const SqlScalar name = TRY(sql_.column(alias, {table.tags->key}, text));
  const SqlScalar wanted = TRY(scalar(key, at));
  const SqlCondition has_value = TRY(holds_value(alias, table.tags->value, *type->tags));
  const std::string from =
      fmt::format("{} AS {} WHERE {} AND {} AND {}", quote_name(table.tags->table), alias,
                  sql_.matches(owner, row->id), sql_.matches(name, wanted.sql), has_value.sql());
  const SqlCondition is_there = SqlCondition::all(
      {exists(*row), SqlCondition::of(fmt::format("EXISTS (SELECT 1 FROM {})", from))});
  if (is_has) return made(settled(is_there, both));
  const SqlScalar value = TRY(sql_.column(alias, table.tags->value, *type->tags));
  const std::string found =
      fmt::format("(SELECT {} FROM {} AND {})", value.sql, from, exists(*row).sql());
  if (type->tags->kind == Kind::kBool) return made(sql_.truth(found));
  return made(type->tags, found);
}

}  // namespace wardlock::plan
