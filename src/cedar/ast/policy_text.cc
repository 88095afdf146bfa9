#include "cedar/ast/policy_text.h"

#include <fmt/format.h>

#include "cedar/ast/names.h"

namespace wardlock::cedar {
namespace {

/// How tightly an expression holds together, by the rules of Cedar's grammar. An operand that is
/// looser than its place allows needs parentheses.
enum class Level { kExpr, kOr, kAnd, kRelation, kSum, kProduct, kUnary, kMember };

struct Infix {
  std::string_view sign;
  Level level;
  Level left;
  Level right;
};

/// Nothing for the operators that are written as methods.
std::optional<Infix> infix(BinaryOp op) {
  const auto relation = [](std::string_view sign) {
    return Infix{sign, Level::kRelation, Level::kSum, Level::kSum};
  };
  switch (op) {
    case BinaryOp::kEqual: return relation("==");
    case BinaryOp::kNotEqual: return relation("!=");
    case BinaryOp::kLess: return relation("<");
    case BinaryOp::kLessEqual: return relation("<=");
    case BinaryOp::kGreater: return relation(">");
    case BinaryOp::kGreaterEqual: return relation(">=");
    case BinaryOp::kIn: return relation("in");
    case BinaryOp::kAdd: return Infix{"+", Level::kSum, Level::kSum, Level::kProduct};
    case BinaryOp::kSubtract: return Infix{"-", Level::kSum, Level::kSum, Level::kProduct};
    case BinaryOp::kMultiply: return Infix{"*", Level::kProduct, Level::kProduct, Level::kUnary};
    case BinaryOp::kContains:
    case BinaryOp::kContainsAll:
    case BinaryOp::kContainsAny:
    case BinaryOp::kGetTag:
    case BinaryOp::kHasTag: break;
  }
  return std::nullopt;
}

std::string_view method_name(BinaryOp op) {
  switch (op) {
    case BinaryOp::kContains: return "contains";
    case BinaryOp::kContainsAll: return "containsAll";
    case BinaryOp::kContainsAny: return "containsAny";
    case BinaryOp::kGetTag: return "getTag";
    default: return "hasTag";
  }
}

struct LevelOf {
  Level operator()(const Literal& e) const {
    const bool has_sign = e.value.is(Kind::kLong) && e.value.as_long() < 0;
    return has_sign ? Level::kUnary : Level::kMember;
  }
  Level operator()(const UnaryExpr& e) const {
    return e.op == UnaryOp::kIsEmpty ? Level::kMember : Level::kUnary;
  }
  Level operator()(const BinaryExpr& e) const {
    const auto sign = infix(e.op);
    return sign ? sign->level : Level::kMember;
  }
  Level operator()(const AndExpr&) const { return Level::kAnd; }
  Level operator()(const OrExpr&) const { return Level::kOr; }
  Level operator()(const IfExpr&) const { return Level::kExpr; }
  Level operator()(const HasAttr&) const { return Level::kRelation; }
  Level operator()(const LikeExpr&) const { return Level::kRelation; }
  Level operator()(const IsExpr&) const { return Level::kRelation; }
  template <typename Primary>
  Level operator()(const Primary&) const {
    return Level::kMember;
  }
};

/// A `-` directly before a number would become the number's sign.
bool begins_with_digit(const Expr& expression) {
  const Expr* e = &expression;
  while (const auto* access = std::get_if<GetAttr>(&e->node)) e = access->target;
  const auto* literal = std::get_if<Literal>(&e->node);
  return literal != nullptr && literal->value.is(Kind::kLong);
}

/// Appends expressions to a text.
class ExprPrinter {
 public:
  explicit ExprPrinter(std::string& out) : out_(out) {}

  Result<void> print(const Expr& expression, Level at_least) {
    const bool is_loose = std::visit(LevelOf{}, expression.node) < at_least;
    if (is_loose) out_ += '(';
    TRY_VOID(std::visit(*this, expression.node));
    if (is_loose) out_ += ')';
    return {};
  }

  Result<void> operator()(const Literal& e) { return append(to_text(e.value)); }
  Result<void> operator()(Variable variable);
  Result<void> operator()(const UnaryExpr& e);
  Result<void> operator()(const BinaryExpr& e);
  Result<void> operator()(const AndExpr& e) {
    return print_chain(e.operands, "&&", Level::kRelation);
  }
  Result<void> operator()(const OrExpr& e) { return print_chain(e.operands, "||", Level::kAnd); }
  Result<void> operator()(const IfExpr& e);
  Result<void> operator()(const GetAttr& e);
  Result<void> operator()(const HasAttr& e);
  Result<void> operator()(const LikeExpr& e);
  Result<void> operator()(const IsExpr& e);
  Result<void> operator()(const SetExpr& e);
  Result<void> operator()(const RecordExpr& e);
  Result<void> operator()(const ExtensionCall& e);

 private:
  Result<void> append(std::string_view text) {
    out_ += text;
    return {};
  }
  Result<void> print_chain(std::span<const Expr* const> operands, std::string_view sign,
                           Level at_least);
  Result<void> print_list(std::span<const Expr* const> members);

  std::string& out_;
};

Result<void> ExprPrinter::operator()(Variable variable) {
  switch (variable) {
    case Variable::kPrincipal: return append("principal");
    case Variable::kAction: return append("action");
    case Variable::kResource: return append("resource");
    case Variable::kContext: break;
  }
  return append("context");
}

/// The operand of `!` and `-` stands in parentheses unless it is a plain access: no more than four
/// of one sign, and no two different signs, may follow each other.
Result<void> ExprPrinter::operator()(const UnaryExpr& e) {
  if (e.op == UnaryOp::kIsEmpty) {
    TRY_VOID(print(*e.argument, Level::kMember));
    return append(".isEmpty()");
  }
  out_ += e.op == UnaryOp::kNot ? '!' : '-';
  if (e.op == UnaryOp::kNot || !begins_with_digit(*e.argument)) {
    return print(*e.argument, Level::kMember);
  }
  out_ += '(';
  TRY_VOID(print(*e.argument, Level::kExpr));
  return append(")");
}

Result<void> ExprPrinter::operator()(const BinaryExpr& e) {
  if (const auto sign = infix(e.op)) {
    TRY_VOID(print(*e.left, sign->left));
    out_ += fmt::format(" {} ", sign->sign);
    return print(*e.right, sign->right);
  }
  TRY_VOID(print(*e.left, Level::kMember));
  out_ += fmt::format(".{}(", method_name(e.op));
  TRY_VOID(print(*e.right, Level::kExpr));
  return append(")");
}

Result<void> ExprPrinter::print_chain(std::span<const Expr* const> operands, std::string_view sign,
                                      Level at_least) {
  for (std::size_t i = 0; i < operands.size(); ++i) {
    if (i > 0) out_ += fmt::format(" {} ", sign);
    TRY_VOID(print(*operands[i], at_least));
  }
  return {};
}

Result<void> ExprPrinter::operator()(const IfExpr& e) {
  out_ += "if ";
  TRY_VOID(print(*e.condition, Level::kExpr));
  out_ += " then ";
  TRY_VOID(print(*e.then_branch, Level::kExpr));
  out_ += " else ";
  return print(*e.else_branch, Level::kExpr);
}

Result<void> ExprPrinter::operator()(const GetAttr& e) {
  TRY_VOID(print(*e.target, Level::kMember));
  if (is_identifier(e.name)) return append(fmt::format(".{}", e.name));
  return append(fmt::format("[{}]", quote(e.name)));
}

Result<void> ExprPrinter::operator()(const HasAttr& e) {
  TRY_VOID(print(*e.target, Level::kSum));
  out_ += " has ";
  if (e.path.size() == 1 && !is_identifier(e.path.front())) return append(quote(e.path.front()));
  for (std::size_t i = 0; i < e.path.size(); ++i) {
    if (!is_identifier(e.path[i])) {
      return fail(ErrorCode::kFailedPrecondition,
                  fmt::format("policy text cannot name `{}` inside a path after `has`; test one "
                              "attribute at a time",
                              quote(e.path[i])));
    }
    if (i > 0) out_ += '.';
    out_ += e.path[i];
  }
  return {};
}

Result<void> ExprPrinter::operator()(const LikeExpr& e) {
  TRY_VOID(print(*e.target, Level::kSum));
  out_ += " like \"";
  for (std::size_t i = 0; i < e.segments.size(); ++i) {
    if (i > 0) out_ += '*';
    const std::string quoted = quote(e.segments[i]);
    for (const char c : std::string_view(quoted).substr(1, quoted.size() - 2)) {
      if (c == '*') out_ += '\\';
      out_ += c;
    }
  }
  return append("\"");
}

Result<void> ExprPrinter::operator()(const IsExpr& e) {
  TRY_VOID(print(*e.target, Level::kSum));
  out_ += fmt::format(" is {}", e.type);
  if (e.in == nullptr) return {};
  out_ += " in ";
  return print(*e.in, Level::kSum);
}

Result<void> ExprPrinter::print_list(std::span<const Expr* const> members) {
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (i > 0) out_ += ", ";
    TRY_VOID(print(*members[i], Level::kExpr));
  }
  return {};
}

Result<void> ExprPrinter::operator()(const SetExpr& e) {
  out_ += '[';
  TRY_VOID(print_list(e.members));
  return append("]");
}

Result<void> ExprPrinter::operator()(const RecordExpr& e) {
  out_ += '{';
  for (const RecordEntry& entry : e.entries) {
    if (&entry != &e.entries.front()) out_ += ", ";
    out_ += is_identifier(entry.name) ? std::string(entry.name) : quote(entry.name);
    out_ += ": ";
    TRY_VOID(print(*entry.value, Level::kExpr));
  }
  return append("}");
}

Result<void> ExprPrinter::operator()(const ExtensionCall& e) {
  std::span<const Expr* const> arguments = e.arguments;
  if (call_style(e.function) == CallStyle::kMethod) {
    if (arguments.empty()) {
      return fail(ErrorCode::kFailedPrecondition,
                  fmt::format("policy text cannot call the method `{}` on nothing; give it a "
                              "first argument",
                              to_string(e.function)));
    }
    TRY_VOID(print(*arguments.front(), Level::kMember));
    out_ += '.';
    arguments = arguments.subspan(1);
  }
  out_ += fmt::format("{}(", to_string(e.function));
  TRY_VOID(print_list(arguments));
  return append(")");
}

Result<std::string> policy_text(const Template& policy, const ScopeConstraint& principal,
                                const ScopeConstraint& resource) {
  std::string out;
  for (const Annotation& annotation : policy.annotations) {
    out += fmt::format("@{}", annotation.name);
    if (annotation.value) out += fmt::format("({})", quote(*annotation.value));
    out += '\n';
  }
  out += fmt::format("{} ({}, {}, {})", to_string(policy.effect), to_text("principal", principal),
                     to_text(policy.action), to_text("resource", resource));
  for (const Condition& condition : policy.conditions) {
    out += condition.is_unless ? "\nunless { " : "\nwhen { ";
    TRY_VOID(ExprPrinter(out).print(*condition.body, Level::kExpr));
    out += " }";
  }
  return out + ";";
}

}  // namespace

std::string to_text(std::string_view variable, const ScopeConstraint& scope) {
  const std::string target =
      scope.entity == nullptr ? fmt::format("?{}", variable) : to_text(*scope.entity);
  switch (scope.op) {
    case ScopeConstraint::Op::kAny: break;
    case ScopeConstraint::Op::kEqual: return fmt::format("{} == {}", variable, target);
    case ScopeConstraint::Op::kIn: return fmt::format("{} in {}", variable, target);
    case ScopeConstraint::Op::kIs: return fmt::format("{} is {}", variable, scope.type);
    case ScopeConstraint::Op::kIsIn:
      return fmt::format("{} is {} in {}", variable, scope.type, target);
  }
  return std::string(variable);
}

std::string to_text(const ActionConstraint& scope) {
  if (scope.op == ActionConstraint::Op::kAny) return "action";
  if (!scope.is_list) {
    return fmt::format("action {} {}", scope.op == ActionConstraint::Op::kEqual ? "==" : "in",
                       to_text(*scope.actions.front()));
  }
  std::string out = "action in [";
  for (std::size_t i = 0; i < scope.actions.size(); ++i) {
    if (i > 0) out += ", ";
    out += to_text(*scope.actions[i]);
  }
  return out + "]";
}

Result<std::string> to_text(const Expr& expression) {
  std::string out;
  TRY_VOID(ExprPrinter(out).print(expression, Level::kExpr));
  return out;
}

Result<std::string> to_text(const Template& policy) {
  return policy_text(policy, policy.principal, policy.resource);
}

Result<std::string> to_text(const Policy& policy) {
  ScopeConstraint principal = policy.body->principal, resource = policy.body->resource;
  if (principal.has_slot()) principal.entity = policy.principal_slot;
  if (resource.has_slot()) resource.entity = policy.resource_slot;
  return policy_text(*policy.body, principal, resource);
}

Result<std::string> to_text(const PolicySet& policies) {
  std::string out;
  const auto append = [&out](std::string_view text) {
    if (!out.empty()) out += "\n";
    out.append(text).append("\n");
  };
  for (const Template* body : policies.templates()) append(TRY(to_text(*body)));
  for (const Policy& policy : policies.policies()) {
    if (policy.is_link()) {
      return fail(ErrorCode::kFailedPrecondition,
                  fmt::format("the link `{}` has no policy text; keep links as JSON", policy.id));
    }
    append(TRY(to_text(*policy.body)));
  }
  return out;
}

}  // namespace wardlock::cedar
