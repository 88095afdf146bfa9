#include "plan/sql_translator.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "cedar/ast/policy_text.h"

namespace wardlock::plan {
namespace {

using cedar::AndExpr;
using cedar::BinaryExpr;
using cedar::BinaryOp;
using cedar::Expr;
using cedar::ExtensionCall;
using cedar::ExtensionFunction;
using cedar::GetAttr;
using cedar::HasAttr;
using cedar::IfExpr;
using cedar::IsExpr;
using cedar::Kind;
using cedar::LikeExpr;
using cedar::Literal;
using cedar::OrExpr;
using cedar::SetExpr;
using cedar::Type;
using cedar::UnaryExpr;
using cedar::UnaryOp;
using cedar::Value;
using cedar::Variable;

constexpr std::size_t kMaxTerms = 20'000;
constexpr std::size_t kMaxConditionBytes = std::size_t{1} << 19;

constexpr std::int64_t kMsPerSecond = 1000;
constexpr std::int64_t kMsPerMinute = 60 * kMsPerSecond;
constexpr std::int64_t kMsPerHour = 60 * kMsPerMinute;
constexpr std::int64_t kMsPerDay = 24 * kMsPerHour;

/// The node with other children, in the order of `for_each_child`.
struct WithChildren {
  std::span<const Expr* const> children;

  Expr::Node operator()(const UnaryExpr& e) const { return UnaryExpr{e.op, children[0]}; }
  Expr::Node operator()(const BinaryExpr& e) const {
    return BinaryExpr{e.op, children[0], children[1]};
  }
  Expr::Node operator()(const GetAttr& e) const { return GetAttr{children[0], e.name}; }
  Expr::Node operator()(const HasAttr& e) const { return HasAttr{children[0], e.path}; }
  Expr::Node operator()(const LikeExpr& e) const { return LikeExpr{children[0], e.segments}; }
  Expr::Node operator()(const IsExpr& e) const {
    return IsExpr{children[0], e.type, e.in == nullptr ? nullptr : children[1]};
  }
  Expr::Node operator()(const SetExpr&) const { return SetExpr{children}; }
  Expr::Node operator()(const ExtensionCall& e) const {
    return ExtensionCall{e.function, children};
  }
  template <typename Other>
  Expr::Node operator()(const Other& e) const {
    return e;
  }
};

/// The kinds that an argument may be of where the types decide how SQL says it: numbers of several
/// kinds are one there. Empty: any, or it is looked at later.
std::vector<Kind> wanted_kinds(const Expr::Node& node, std::size_t argument,
                               std::span<const SqlTerm> arguments) {
  if (const auto* e = std::get_if<UnaryExpr>(&node)) {
    return e->op == UnaryOp::kNegate ? std::vector{Kind::kLong} : std::vector<Kind>();
  }
  if (const auto* e = std::get_if<BinaryExpr>(&node)) {
    switch (e->op) {
      case BinaryOp::kAdd:
      case BinaryOp::kSubtract:
      case BinaryOp::kMultiply: return {Kind::kLong};
      case BinaryOp::kLess:
      case BinaryOp::kLessEqual:
      case BinaryOp::kGreater:
      case BinaryOp::kGreaterEqual:
        if (argument == 1 && arguments[0].type != nullptr) return {arguments[0].type->kind};
        return {Kind::kLong, Kind::kDatetime, Kind::kDuration};
      default: return {};
    }
  }
  const auto* call = std::get_if<ExtensionCall>(&node);
  if (call == nullptr) return {};
  switch (call->function) {
    case ExtensionFunction::kLessThan:
    case ExtensionFunction::kLessThanOrEqual:
    case ExtensionFunction::kGreaterThan:
    case ExtensionFunction::kGreaterThanOrEqual: return {Kind::kDecimal};
    case ExtensionFunction::kOffset: return {argument == 0 ? Kind::kDatetime : Kind::kDuration};
    case ExtensionFunction::kDurationSince:
    case ExtensionFunction::kToDate:
    case ExtensionFunction::kToTime: return {Kind::kDatetime};
    case ExtensionFunction::kToMilliseconds:
    case ExtensionFunction::kToSeconds:
    case ExtensionFunction::kToMinutes:
    case ExtensionFunction::kToHours:
    case ExtensionFunction::kToDays: return {Kind::kDuration};
    default: return {};
  }
}

bool is_constant(const SqlTerm& term) { return term.is(SqlTerm::Kind::kConstant); }

/// By what `&&` and `||` differ: which outcome of an operand decides.
struct Chain {
  bool decider;
};

}  // namespace

// ---- Expressions

/// Nodes that do not evaluate all their children come here; the others to `apply`.
struct SqlTranslator::Visitor {
  SqlTranslator& self;
  const Expr& at;

  Made operator()(const Literal& e) const { return self.constant(e.value); }

  Made operator()(Variable variable) const {
    for (const Binding& binding : self.bindings_) {
      if (binding.variable != variable) continue;
      SqlTerm term = self.made(self.evaluator_.type_of(variable),
                               fmt::format("{}.{}", binding.alias, quote_name(binding.table->id)));
      const auto id = self.sql_.column(binding.alias, {binding.table->id}, *term.type);
      if (!id) return std::unexpected(id.error());
      term.scalar = *id;
      term.alias = binding.alias;
      return term;
    }
    if (variable == Variable::kContext) return self.refuse(at, "the context is not known; give it");
    return self.refuse(at, "its type has no table in the mapping");
  }

  Made operator()(const AndExpr& e) const { return chain(e.operands, {.decider = false}); }
  Made operator()(const OrExpr& e) const { return chain(e.operands, {.decider = true}); }

  /// From the right: `a && rest` is true where both are, and false where `a` is false, or true and
  /// `rest` false. What follows an operand that errs never counts.
  Made chain(std::span<const Expr* const> operands, Chain chain) const {
    std::optional<SqlTruth> rest;
    for (std::size_t i = operands.size(); i-- > 0;) {
      const SqlTruth one = TRY(self.truth(*operands[i]));
      if (!rest) {
        rest = one;
        continue;
      }
      const SqlCondition& decides = chain.decider ? one.is_true : one.is_false;
      const SqlCondition& goes_on = chain.decider ? one.is_false : one.is_true;
      SqlTruth both;
      SqlCondition& decided = chain.decider ? both.is_true : both.is_false;
      SqlCondition& last = chain.decider ? both.is_false : both.is_true;
      const SqlCondition& rest_decides = chain.decider ? rest->is_true : rest->is_false;
      const SqlCondition& rest_last = chain.decider ? rest->is_false : rest->is_true;
      decided = SqlCondition::any({decides, SqlCondition::all({goes_on, rest_decides})});
      last = SqlCondition::all({goes_on, rest_last});
      rest = both;
      TRY_VOID(check_size(*rest));
    }
    return self.made(*rest);
  }

  Result<void> check_size(const SqlTruth& truth) const {
    if (truth.is_true.sql().size() + truth.is_false.sql().size() <= kMaxConditionBytes) return {};
    return self.refuse(at, "the condition would be too long; make it simpler");
  }

  Made operator()(const UnaryExpr& e) const {
    if (e.op != UnaryOp::kNot) return strict();
    SqlTruth truth = TRY(self.truth(*e.argument));
    std::swap(truth.is_true, truth.is_false);
    return self.made(truth);
  }

  Made operator()(const IfExpr& e) const {
    const SqlTruth condition = TRY(self.truth(*e.condition));
    const SqlTerm then_term = TRY(self.term(*e.then_branch));
    const SqlTerm else_term = TRY(self.term(*e.else_branch));
    SqlTerm choice{.kind = SqlTerm::Kind::kChoice};
    if (then_term.type != nullptr && else_term.type != nullptr &&
        !cedar::are_disjoint(*then_term.type, *else_term.type)) {
      choice.type = then_term.type;
    }
    choice.choices = {{condition.is_true, then_term}, {condition.is_false, else_term}};
    if (!choice.is_of(Kind::kBool)) return choice;
    const SqlTruth truth = TRY(self.truth_of(choice, at));
    TRY_VOID(check_size(truth));
    return self.made(truth);
  }

  template <typename Strict>
  Made operator()(const Strict&) const {
    return strict();
  }

  Made strict() const {
    std::vector<SqlTerm> arguments;
    std::optional<Error> error;
    for_each_child(at.node, [&](const Expr& child) {
      if (error) return;
      auto term = self.term(child);
      if (term) {
        arguments.push_back(*std::move(term));
      } else {
        error = term.error();
      }
    });
    if (error) return std::unexpected(*std::move(error));
    return self.apply(at, std::move(arguments));
  }
};

void SqlTranslator::bind(Variable variable, const EntityTable& table, std::string alias) {
  bindings_.push_back({variable, &table, std::move(alias)});
}

std::string SqlTranslator::new_alias() { return fmt::format("t{}", aliases_++); }

Result<SqlTruth> SqlTranslator::truth(const Expr& expr) { return truth_of(TRY(term(expr)), expr); }

SqlTranslator::Made SqlTranslator::term(const Expr& expr) {
  return std::visit(Visitor{*this, expr}, expr.node);
}

SqlTranslator::Made SqlTranslator::apply(const Expr& at, std::vector<SqlTerm> arguments) {
  TRY_VOID(count(at, 1));
  for (SqlTerm& argument : arguments) {
    if (!argument.is(SqlTerm::Kind::kChoice)) continue;
    SqlTerm out{.kind = SqlTerm::Kind::kChoice};
    for (auto& [condition, alternative] : std::exchange(argument, {}).choices) {
      argument = std::move(alternative);
      SqlTerm one = TRY(apply(at, arguments));
      out.type = one.type;
      out.choices.emplace_back(condition, std::move(one));
    }
    if (!out.is_of(Kind::kBool)) return out;
    return made(TRY(truth_of(out, at)));
  }
  if (std::ranges::all_of(arguments, is_constant)) {
    SqlTerm folded = TRY(fold(at, arguments));
    if (!folded.is(SqlTerm::Kind::kList)) return folded;
  }
  return apply_to_parts(at, arguments);
}

/// An empty list means that it cannot be known before the rows are read.
SqlTranslator::Made SqlTranslator::fold(const Expr& at, std::span<const SqlTerm> arguments) {
  const std::span<const Expr*> children = arena_.allocate<const Expr*>(arguments.size());
  for (std::size_t i = 0; i < children.size(); ++i) {
    children[i] = cedar::make_expr(arena_, Literal{arguments[i].constant}, at.span);
  }
  const Expr* expr = cedar::make_expr(arena_, std::visit(WithChildren{children}, at.node), at.span);
  const cedar::Partial partial = evaluator_.evaluate(*expr);
  if (partial.is_value()) return constant(partial.value);
  if (partial.is_error()) return SqlTerm::error();
  return SqlTerm{.kind = SqlTerm::Kind::kList};
}

SqlTranslator::Made SqlTranslator::apply_to_parts(const Expr& at,
                                                  std::span<const SqlTerm> arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const auto wanted = wanted_kinds(at.node, i, arguments);
    if (wanted.empty()) continue;
    if (arguments[i].type == nullptr) return refuse(at, "the type of a part is not known");
    // Whatever its value is, it is an error.
    if (std::ranges::find(wanted, arguments[i].type->kind) == wanted.end()) return SqlTerm::error();
  }
  if (const auto* e = std::get_if<UnaryExpr>(&at.node)) {
    if (e->op == UnaryOp::kNegate) {
      return arithmetic(at, constant(Value::integer(0)), '-', arguments[0], Kind::kLong);
    }
    if (!arguments[0].is_of(Kind::kSet)) return refuse(at, "it is not asked of a set");
    if (arguments[0].is(SqlTerm::Kind::kList)) {
      return made(settled(SqlCondition::never(), arguments));
    }
    const SqlCondition any =
        TRY(any_member(arguments[0], [](const SqlTerm&) -> Result<SqlCondition> {
          return SqlCondition::always();
        }));
    return made(settled(!any, arguments));
  }
  if (const auto* e = std::get_if<BinaryExpr>(&at.node)) {
    return binary(at, e->op, arguments[0], arguments[1]);
  }
  if (const auto* e = std::get_if<GetAttr>(&at.node)) return attribute(at, arguments[0], e->name);
  if (const auto* e = std::get_if<HasAttr>(&at.node)) return has_path(at, arguments[0], e->path);
  if (const auto* e = std::get_if<LikeExpr>(&at.node)) {
    if (!arguments[0].is_of(Kind::kString)) return refuse(at, "it is not asked of a string");
    const std::string pattern = sql_.like_pattern(e->segments);
    if (pattern.size() > Sql::kMaxPatternBytes || pattern.contains('\0')) {
      return refuse(at, "the pattern is too long, or holds a NUL");
    }
    const SqlScalar text = TRY(scalar(arguments[0], at));
    return made(sql_.like(text, parameters_.add_text(pattern)));
  }
  if (const auto* e = std::get_if<IsExpr>(&at.node)) {
    if (!arguments[0].is_of(Kind::kEntity) || e->in != nullptr) {
      return refuse(at, "the type of the entity is not known");
    }
    const bool is_type = arguments[0].type->entity_type == e->type;
    return made(settled(is_type ? SqlCondition::always() : SqlCondition::never(), arguments));
  }
  if (std::holds_alternative<SetExpr>(at.node)) {
    SqlTerm list{.kind = SqlTerm::Kind::kList};
    list.type = arena_.make<Type>(Kind::kSet, std::string_view(), arguments.front().type);
    list.items.assign(arguments.begin(), arguments.end());
    return list;
  }
  if (const auto* e = std::get_if<ExtensionCall>(&at.node)) {
    return extension(at, e->function, arguments);
  }
  return refuse(at, "a record that the policy makes");
}

SqlTranslator::Made SqlTranslator::binary(const Expr& at, BinaryOp op, const SqlTerm& left,
                                          const SqlTerm& right) {
  const std::array both = {left, right};
  switch (op) {
    case BinaryOp::kEqual: return made(TRY(equal(left, right, at)));
    case BinaryOp::kNotEqual: {
      SqlTruth truth = TRY(equal(left, right, at));
      std::swap(truth.is_true, truth.is_false);
      return made(truth);
    }
    case BinaryOp::kLess: return ordered(at, left, "<", right);
    case BinaryOp::kLessEqual: return ordered(at, left, "<=", right);
    case BinaryOp::kGreater: return ordered(at, left, ">", right);
    case BinaryOp::kGreaterEqual: return ordered(at, left, ">=", right);
    case BinaryOp::kAdd: return arithmetic(at, left, '+', right, Kind::kLong);
    case BinaryOp::kSubtract: return arithmetic(at, left, '-', right, Kind::kLong);
    case BinaryOp::kMultiply: return arithmetic(at, left, '*', right, Kind::kLong);
    case BinaryOp::kIn: return made(settled(TRY(is_in(left, right, at)), both));
    case BinaryOp::kContains: return made(settled(TRY(contains(left, right, at)), both));
    case BinaryOp::kContainsAll: return made(settled(TRY(contains_all(left, right, at)), both));
    case BinaryOp::kContainsAny: return made(settled(TRY(contains_any(left, right, at)), both));
    case BinaryOp::kHasTag:
    case BinaryOp::kGetTag: break;
  }
  return tag(at, op, left, right);
}

SqlTranslator::Made SqlTranslator::ordered(const Expr& at, const SqlTerm& left, std::string_view op,
                                           const SqlTerm& right) {
  const SqlScalar a = TRY(scalar(left, at)), b = TRY(scalar(right, at));
  return made(sql_.compare(a, op, b, SqlType::kInteger));
}

SqlTranslator::Made SqlTranslator::arithmetic(const Expr& at, const SqlTerm& left, char op,
                                              const SqlTerm& right, Kind result) {
  const SqlScalar a = TRY(scalar(left, at)), b = TRY(scalar(right, at));
  return made(arena_.make<Type>(result), sql_.arithmetic(a.sql, op, b.sql));
}

SqlTranslator::Made SqlTranslator::extension(const Expr& at, ExtensionFunction function,
                                             std::span<const SqlTerm> arguments) {
  const auto one = [&] { return scalar(arguments[0], at); };
  const auto divided = [&](std::int64_t ms) -> Made {
    return made(arena_.make<Type>(Kind::kLong), fmt::format("({} / {})", TRY(one()).sql, ms));
  };
  if (arguments.size() != arity(function)) return refuse(at, "it does not validate");
  switch (function) {
    case ExtensionFunction::kLessThan: return ordered(at, arguments[0], "<", arguments[1]);
    case ExtensionFunction::kLessThanOrEqual: return ordered(at, arguments[0], "<=", arguments[1]);
    case ExtensionFunction::kGreaterThan: return ordered(at, arguments[0], ">", arguments[1]);
    case ExtensionFunction::kGreaterThanOrEqual:
      return ordered(at, arguments[0], ">=", arguments[1]);
    case ExtensionFunction::kOffset:
      return arithmetic(at, arguments[0], '+', arguments[1], Kind::kDatetime);
    case ExtensionFunction::kDurationSince:
      return arithmetic(at, arguments[0], '-', arguments[1], Kind::kDuration);
    case ExtensionFunction::kToDate: {
      const std::string time = sql_.modulo(TRY(one()).sql, kMsPerDay);
      return made(arena_.make<Type>(Kind::kDatetime), sql_.arithmetic(TRY(one()).sql, '-', time));
    }
    case ExtensionFunction::kToTime:
      return made(arena_.make<Type>(Kind::kDuration), sql_.modulo(TRY(one()).sql, kMsPerDay));
    case ExtensionFunction::kToMilliseconds:
      return made(arena_.make<Type>(Kind::kLong), TRY(one()).sql);
    case ExtensionFunction::kToSeconds: return divided(kMsPerSecond);
    case ExtensionFunction::kToMinutes: return divided(kMsPerMinute);
    case ExtensionFunction::kToHours: return divided(kMsPerHour);
    case ExtensionFunction::kToDays: return divided(kMsPerDay);
    default: break;
  }
  return refuse(at, fmt::format("SQL has no `{}`", to_string(function)));
}

// ---- Terms

SqlTerm SqlTranslator::constant(const Value& value) {
  return {.kind = SqlTerm::Kind::kConstant, .type = typing_.of(value), .constant = value};
}

SqlTerm SqlTranslator::made(SqlTruth truth) {
  return {.kind = SqlTerm::Kind::kTruth,
          .type = typing_.of(Value::boolean(false)),
          .truth = std::move(truth)};
}

SqlTerm SqlTranslator::made(const Type* type, std::string sql) {
  return {.kind = SqlTerm::Kind::kScalar, .type = type, .scalar = {std::move(sql)}};
}

/// Whether the term has a value.
SqlCondition SqlTranslator::errs_not(const SqlTerm& term) {
  switch (term.kind) {
    case SqlTerm::Kind::kConstant: return SqlCondition::always();
    case SqlTerm::Kind::kScalar:
      if (!term.alias.empty()) return SqlCondition::always();
      return SqlCondition::of(fmt::format("({} IS NOT NULL)", term.scalar.sql));
    case SqlTerm::Kind::kTruth: return term.truth.errs_not();
    case SqlTerm::Kind::kRecord: {
      if (term.is_required) return exists(term.row);
      const cedar::Attribute shape{
          .name = {}, .type = term.type, .is_required = false, .annotations = {}};
      const auto there = exists_with(term.row, [&](const std::string& alias) {
        return is_present(alias, *term.source, shape);
      });
      return there ? *there : SqlCondition::never();
    }
    case SqlTerm::Kind::kMembers: return exists(term.row);
    case SqlTerm::Kind::kList: {
      std::vector<SqlCondition> parts;
      for (const SqlTerm& item : term.items) parts.push_back(errs_not(item));
      return SqlCondition::all(std::move(parts));
    }
    case SqlTerm::Kind::kChoice: break;
  }
  std::vector<SqlCondition> parts;
  for (const auto& [condition, alternative] : term.choices) {
    parts.push_back(SqlCondition::all({condition, errs_not(alternative)}));
  }
  return SqlCondition::any(std::move(parts));
}

SqlTruth SqlTranslator::settled(SqlCondition condition, std::span<const SqlTerm> arguments) {
  std::vector<SqlCondition> ok;
  for (const SqlTerm& argument : arguments) ok.push_back(errs_not(argument));
  SqlTruth truth;
  ok.push_back(!condition);
  truth.is_false = SqlCondition::all(ok);
  ok.back() = std::move(condition);
  truth.is_true = SqlCondition::all(std::move(ok));
  return truth;
}

Result<SqlScalar> SqlTranslator::scalar(const SqlTerm& term, const Expr& at) {
  if (term.type == nullptr || term.is_of(Kind::kSet) || term.is_of(Kind::kRecord) ||
      term.is_of(Kind::kIp)) {
    return refuse(at, "SQL has no such value");
  }
  switch (term.kind) {
    case SqlTerm::Kind::kConstant: {
      auto place = parameters_.add(term.constant);
      if (!place) return refuse(at, place.error().message);
      return SqlScalar{*std::move(place)};
    }
    case SqlTerm::Kind::kScalar: return term.scalar;
    case SqlTerm::Kind::kTruth: return SqlScalar{sql_.boolean(term.truth)};
    default: break;
  }
  return refuse(at, "SQL has no such value");
}

Result<SqlTruth> SqlTranslator::truth_of(const SqlTerm& term, const Expr& at) {
  switch (term.kind) {
    case SqlTerm::Kind::kTruth: return term.truth;
    case SqlTerm::Kind::kConstant:
      if (!term.constant.is(Kind::kBool)) return SqlTruth{};  // no Boolean: an error
      return SqlTruth{term.constant.as_bool() ? SqlCondition::always() : SqlCondition::never(),
                      term.constant.as_bool() ? SqlCondition::never() : SqlCondition::always()};
    case SqlTerm::Kind::kChoice: {
      std::vector<SqlCondition> is_true, is_false;
      for (const auto& [condition, alternative] : term.choices) {
        const SqlTruth one = TRY(truth_of(alternative, at));
        is_true.push_back(SqlCondition::all({condition, one.is_true}));
        is_false.push_back(SqlCondition::all({condition, one.is_false}));
      }
      return SqlTruth{SqlCondition::any(std::move(is_true)),
                      SqlCondition::any(std::move(is_false))};
    }
    default: break;
  }
  if (term.type != nullptr && !term.is_of(Kind::kBool)) return SqlTruth{};
  return refuse(at, "it is not known to be a Boolean");
}

Result<SqlTruth> SqlTranslator::equal(const SqlTerm& a, const SqlTerm& b, const Expr& at) {
  if (a.type == nullptr || b.type == nullptr) return refuse(at, "the type of a side is not known");
  const std::array both = {a, b};
  if (cedar::are_disjoint(*a.type, *b.type)) return settled(SqlCondition::never(), both);
  if (a.is_of(Kind::kSet)) return equal_sets(a, b, at);
  if (a.is_of(Kind::kRecord)) return refuse(at, "records are not compared in SQL");
  // A column comes first: an index can serve it.
  const bool swaps = is_constant(a);
  const SqlScalar left = TRY(scalar(swaps ? b : a, at)), right = TRY(scalar(swaps ? a : b, at));
  return sql_.compare(left, "=", right, sql_type(a.type->kind));
}

Result<SqlTruth> SqlTranslator::equal_sets(const SqlTerm& a, const SqlTerm& b, const Expr& at) {
  const std::array both = {a, b};
  SqlCondition forth = TRY(contains_all(a, b, at));
  SqlCondition back = TRY(contains_all(b, a, at));
  return settled(SqlCondition::all({std::move(forth), std::move(back)}), both);
}

std::unexpected<Error> SqlTranslator::refuse(const Expr& at, std::string_view why) const {
  constexpr std::size_t kMaxShown = 200;
  std::string text = cedar::to_text(*cedar::spell_out(at, arena_)).value_or("…");
  if (text.size() > kMaxShown) text = "…" + text.substr(text.size() - kMaxShown);
  return fail(ErrorCode::kUnimplemented, fmt::format("`{}` cannot be said in SQL: {}", text, why));
}

Result<void> SqlTranslator::count(const Expr& at, std::size_t made) {
  made_ += made;
  if (made_ <= kMaxTerms) return {};
  return refuse(at, "there are too many cases; map the types it speaks of to tables");
}

}  // namespace wardlock::plan
