#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/error.h"
#include "cedar/partial/partial_evaluator.h"
#include "plan/mapping.h"
#include "plan/sql_dialect.h"
#include "plan/sql_term.h"

namespace wardlock::plan {

/// Says residuals in SQL. Every Boolean becomes two conditions that are never NULL, for true and
/// for false; what is neither errs, as the expression would. Borrows everything; not thread-safe.
///
/// Errors name the part that cannot be said in SQL, and why.
class SqlTranslator {
 public:
  /// `entities` are what the directory knows; their types' unmapped entities are no others.
  SqlTranslator(const Mapping& mapping, SqlDialect dialect, cedar::PartialEvaluator& evaluator,
                const cedar::EntityStore& entities, SqlParameters& parameters, Arena& arena)
      : mapping_(mapping),
        sql_(dialect),
        evaluator_(evaluator),
        typing_(evaluator.typing()),
        entities_(entities),
        parameters_(parameters),
        arena_(arena) {}

  /// From here on the variable stands for the rows of its type's table, under the alias.
  void bind(cedar::Variable variable, const EntityTable& table, std::string alias);

  Result<SqlTruth> truth(const cedar::Expr& expr);

  std::string new_alias();

 private:
  using Made = Result<SqlTerm>;
  using MakeCondition = std::function<Result<SqlCondition>(const SqlTerm&)>;
  struct Visitor;

  Made term(const cedar::Expr& expr);
  /// The node applied to arguments in place of its children.
  Made apply(const cedar::Expr& at, std::vector<SqlTerm> arguments);
  Made apply_to_parts(const cedar::Expr& at, std::span<const SqlTerm> arguments);
  Made fold(const cedar::Expr& at, std::span<const SqlTerm> arguments);
  Made binary(const cedar::Expr& at, cedar::BinaryOp op, const SqlTerm& left, const SqlTerm& right);
  Made extension(const cedar::Expr& at, cedar::ExtensionFunction function,
                 std::span<const SqlTerm> arguments);
  Made arithmetic(const cedar::Expr& at, const SqlTerm& left, char op, const SqlTerm& right,
                  cedar::Kind result);
  Made ordered(const cedar::Expr& at, const SqlTerm& left, std::string_view op,
               const SqlTerm& right);
  Made has_path(const cedar::Expr& at, const SqlTerm& target,
                std::span<const std::string_view> path);
  Made tag(const cedar::Expr& at, cedar::BinaryOp op, const SqlTerm& target, const SqlTerm& key);

  // Terms.
  SqlTerm constant(const cedar::Value& value);
  SqlTerm made(SqlTruth truth);
  SqlTerm made(const cedar::Type* type, std::string sql);
  SqlCondition errs_not(const SqlTerm& term);
  Result<SqlScalar> scalar(const SqlTerm& term, const cedar::Expr& at);
  Result<SqlTruth> truth_of(const SqlTerm& term, const cedar::Expr& at);
  Result<SqlTruth> equal(const SqlTerm& a, const SqlTerm& b, const cedar::Expr& at);
  Result<SqlTruth> equal_sets(const SqlTerm& a, const SqlTerm& b, const cedar::Expr& at);

  // Rows.
  /// Nothing: the mapping has no table for it, or no row is it. Error: its id cannot be asked for.
  Result<std::optional<SqlRow>> row_of(const SqlTerm& entity, const cedar::Expr& at);
  /// The row of what must have one.
  Result<SqlRow> found_row(const SqlTerm& entity, const cedar::Expr& at);
  SqlCondition exists(const SqlRow& row);
  /// Whether the row is there and the condition holds for it, given its alias.
  Result<SqlCondition> exists_with(
      const SqlRow& row, const std::function<Result<SqlCondition>(const std::string&)>& condition);
  Made attribute(const cedar::Expr& at, const SqlTerm& target, std::string_view name);
  Made from_source(const SqlRow& row, const AttributeSource& source, const cedar::Attribute& shape);
  Result<SqlTruth> has(const cedar::Expr& at, const SqlTerm& target, std::string_view name);
  /// Whether the column is neither NULL nor of another kind than the type.
  Result<SqlCondition> holds_value(const std::string& alias, const Column& column,
                                   const cedar::Type& type);
  Result<SqlCondition> is_present(const std::string& alias, const AttributeSource& source,
                                  const cedar::Attribute& shape);
  const AttributeSource* find_source(const SqlTerm& target, std::string_view name);
  /// For an entity that is one of those the directory knows: a choice among them.
  Made among_known(const cedar::Expr& at, const SqlTerm& entity,
                   const std::function<Made(const SqlTerm&)>& of_one);

  // Sets. Conditions hold only where neither side errs.
  Result<SqlCondition> contains(const SqlTerm& set, const SqlTerm& member, const cedar::Expr& at);
  Result<SqlCondition> contains_all(const SqlTerm& set, const SqlTerm& members,
                                    const cedar::Expr& at);
  Result<SqlCondition> contains_any(const SqlTerm& set, const SqlTerm& members,
                                    const cedar::Expr& at);
  /// Some row of the table of members for which the condition holds.
  Result<SqlCondition> any_member(const SqlTerm& members, const MakeCondition& condition);
  std::optional<std::vector<SqlTerm>> items_of(const SqlTerm& set);
  SqlTruth settled(SqlCondition condition, std::span<const SqlTerm> arguments);

  // The hierarchy. Conditions hold only where neither side errs.
  Result<SqlCondition> is_in(const SqlTerm& member, const SqlTerm& group, const cedar::Expr& at);
  Result<SqlCondition> is_in_entity(const SqlTerm& member, const SqlTerm& group,
                                    const cedar::Expr& at);
  Result<SqlCondition> known_is_in(const cedar::EntityUid& member, const SqlTerm& group,
                                   const cedar::Expr& at);
  Result<SqlCondition> row_is_in(const SqlRow& row, std::string_view type, const SqlTerm& group,
                                 const cedar::Expr& at, bool skips_own_type = false);
  Result<SqlCondition> climb(const SqlRow& row, std::string_view type, const ParentSource& own,
                             const SqlTerm& group, const cedar::Expr& at);
  Result<SqlCondition> parent_is_in(const SqlRow& row, const ParentSource& source,
                                    const SqlTerm& group, const cedar::Expr& at);
  bool is_open_type(std::string_view type) const { return mapping_.find(type) != nullptr; }

  std::unexpected<Error> refuse(const cedar::Expr& at, std::string_view why) const;
  /// Bounds the work and the statement: choices multiply.
  Result<void> count(const cedar::Expr& at, std::size_t made);

  struct Binding {
    cedar::Variable variable;
    const EntityTable* table;
    std::string alias;
  };

  const Mapping& mapping_;
  Sql sql_;
  cedar::PartialEvaluator& evaluator_;
  const cedar::Typing& typing_;
  const cedar::EntityStore& entities_;
  SqlParameters& parameters_;
  Arena& arena_;
  std::vector<Binding> bindings_;
  std::vector<std::string_view> climbing_;  ///< types on the way up, against going in circles
  std::size_t aliases_ = 0;
  std::size_t made_ = 0;
};

}  // namespace wardlock::plan
