#include "plan/sql_statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <utility>

#include "plan/sql_translator.h"

namespace wardlock::plan {
namespace {

using cedar::Value;
using cedar::Variable;

/// More parameters, or a longer text, is refused by the databases or by those who run them.
constexpr std::size_t kMaxParameters = 10'000;
constexpr std::size_t kMaxTextBytes = std::size_t{1} << 20;

class ConditionWriter {
 public:
  explicit ConditionWriter(SqlTranslator& translator) : translator_(translator) {}

  Result<SqlCondition> write(const Condition& condition) {
    switch (condition.kind) {
      case Condition::Kind::kNever: return SqlCondition::never();
      case Condition::Kind::kAlways: return SqlCondition::always();
      case Condition::Kind::kTest: return test(condition);
      case Condition::Kind::kAll:
      case Condition::Kind::kAny: break;
    }
    std::vector<SqlCondition> parts;
    for (const Condition& part : condition.parts) parts.push_back(TRY(write(part)));
    return condition.kind == Condition::Kind::kAll ? SqlCondition::all(std::move(parts))
                                                   : SqlCondition::any(std::move(parts));
  }

 private:
  Result<SqlCondition> test(const Condition& test) {
    auto truth = translator_.truth(*test.expression);
    if (!truth) {
      const std::string where = test.policy == nullptr
                                    ? std::string("what the grant covers")
                                    : fmt::format("the policy `{}`", test.policy->id);
      return std::unexpected(truth.error().in(where));
    }
    const bool is_true = test.is.has(Outcome::kTrue), is_false = test.is.has(Outcome::kFalse);
    if (test.is.has(Outcome::kError)) {
      if (is_true && is_false) return SqlCondition::always();
      if (is_true) return !truth->is_false;
      return is_false ? !truth->is_true : !truth->errs_not();
    }
    if (is_true && is_false) return truth->errs_not();
    return is_true ? truth->is_true : truth->is_false;
  }

  SqlTranslator& translator_;
};

std::vector<std::string_view> obligations_of(const QueryPlan& plan) {
  std::set<std::string_view> names;
  for (const Path* path : {&plan.strict, &plan.under_override}) {
    for (const Owed& owed : path->obligations) names.insert(owed.obligation);
  }
  return {names.begin(), names.end()};
}

Result<SqlCondition> owed_by(const Path& path, std::string_view obligation,
                             ConditionWriter& writer) {
  const auto owed = std::ranges::find(path.obligations, obligation, &Owed::obligation);
  if (owed == path.obligations.end()) return SqlCondition::never();
  return writer.write(owed->condition);
}

/// Which of the two is unknown. Error: both, or none.
Result<Variable> find_unknown(const cedar::PartialRequest& request) {
  const bool no_principal = request.principal.uid == nullptr;
  const bool no_resource = request.resource.uid == nullptr;
  if (no_principal && no_resource) {
    return invalid("SQL asks one table: give the principal, or the resource");
  }
  if (!no_principal && !no_resource) {
    return invalid(
        "principal and resource are both known: there is nothing to ask a database; decide "
        "instead");
  }
  return no_principal ? Variable::kPrincipal : Variable::kResource;
}

/// Numbers the places anew in the order of the text, and keeps the values that have one: conditions
/// that were decided took theirs along. What stands in quotes is no place.
void renumber(SqlStatement& statement, const std::vector<Value>& values, SqlDialect dialect,
              Arena& arena) {
  const char sign = dialect == SqlDialect::kSqlite ? '?' : '$';
  std::map<std::size_t, std::size_t> numbers;
  std::string out;
  char quote = 0;
  for (std::size_t i = 0; i < statement.text.size(); ++i) {
    const char c = statement.text[i];
    out += c;
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == sign) {
      std::size_t old = 0;
      const char* begin = statement.text.data() + i + 1;
      i += static_cast<std::size_t>(
          std::from_chars(begin, statement.text.data() + statement.text.size(), old).ptr - begin);
      const auto [it, is_new] = numbers.emplace(old, numbers.size() + 1);
      out += std::to_string(it->second);
      if (!is_new) continue;
      const Value& value = values[old - 1];
      statement.parameters.push_back(
          value.is(cedar::Kind::kString) ? Value::string(arena.copy(value.as_string())) : value);
    }
  }
  statement.text = std::move(out);
}

/// Only rows that are entities at all. PostgreSQL makes every id a text; SQLite's columns hold
/// anything, and conditions that err on such an id would let a Cedar forbid pass.
std::string where(const SqlCondition& allowed, const SqlScalar& id, SqlDialect dialect) {
  if (dialect == SqlDialect::kPostgresql || allowed.is_never()) return allowed.sql();
  return allowed.is_always() ? id.present : fmt::format("{} AND {}", allowed.sql(), id.present);
}

}  // namespace

Result<SqlStatement> to_sql(const QueryPlan& plan, const cedar::Schema& schema,
                            const PlanQuestion& question, const SqlTarget& target, Arena& arena) {
  const Variable unknown = TRY(find_unknown(question.request));
  const std::string_view type = unknown == Variable::kPrincipal ? question.request.principal.type
                                                                : question.request.resource.type;
  const EntityTable* table = target.mapping.find(type);
  if (table == nullptr) {
    return fail(ErrorCode::kUnimplemented, fmt::format("the mapping has no table for `{}`", type));
  }
  cedar::PartialEvaluator evaluator(schema, question.request, question.entities, arena);
  SqlParameters parameters(target.dialect);
  SqlTranslator translator(target.mapping, target.dialect, evaluator, target.directory, parameters,
                           arena);
  const std::string alias = translator.new_alias();
  translator.bind(unknown, *table, alias);
  ConditionWriter writer(translator);

  SqlStatement statement;
  const SqlCondition strict = TRY(writer.write(plan.strict.condition));
  const SqlCondition overridden = TRY(writer.write(plan.under_override.condition));
  const SqlScalar id =
      TRY(Sql(target.dialect).column(alias, {table->id}, {.kind = cedar::Kind::kString}));
  std::string columns = fmt::format("{}.{} AS \"id\"", alias, quote_name(table->id));
  for (const std::string_view obligation : obligations_of(plan)) {
    const SqlCondition by_right = TRY(owed_by(plan.strict, obligation, writer));
    const SqlCondition by_override = TRY(owed_by(plan.under_override, obligation, writer));
    const SqlCondition owed = overridden.is_never()
                                  ? by_right
                                  : SqlCondition::any({SqlCondition::all({strict, by_right}),
                                                       SqlCondition::all({!strict, by_override})});
    const std::string name = fmt::format("owes_{}", statement.obligations.size() + 1);
    columns += fmt::format(", {} AS {}", owed.sql(), quote_name(name));
    statement.obligations.push_back({name, std::string(obligation)});
  }
  if (!overridden.is_never()) {
    statement.tells_override = true;
    columns += fmt::format(", {} AS \"under_override\"", (!strict).sql());
  }
  statement.text =
      fmt::format("SELECT {} FROM {} AS {} WHERE {}", columns, quote_name(table->table), alias,
                  where(SqlCondition::any({strict, overridden}), id, target.dialect));
  renumber(statement, parameters.values(), target.dialect, arena);
  if (statement.text.size() > kMaxTextBytes || statement.parameters.size() > kMaxParameters) {
    return fail(ErrorCode::kUnimplemented,
                "the statement would be too long; map the types it speaks of to tables");
  }
  return statement;
}

}  // namespace wardlock::plan
