#include "cedar/parser/expr_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/suggestion.h"
#include "cedar/ast/names.h"
#include "cedar/parser/strings.h"

namespace wardlock::cedar {
namespace {

constexpr int kMaxPrefixOperators = 4;

std::optional<BinaryOp> comparison(const Token& token, bool is_in) {
  switch (token.kind) {
    case TokenKind::kEqual: return BinaryOp::kEqual;
    case TokenKind::kNotEqual: return BinaryOp::kNotEqual;
    case TokenKind::kLess: return BinaryOp::kLess;
    case TokenKind::kLessEqual: return BinaryOp::kLessEqual;
    case TokenKind::kGreater: return BinaryOp::kGreater;
    case TokenKind::kGreaterEqual: return BinaryOp::kGreaterEqual;
    default: return is_in ? std::optional(BinaryOp::kIn) : std::nullopt;
  }
}

/// Every method there is.
const std::vector<std::string>& method_names() {
  static const std::vector<std::string> all = [] {
    std::vector<std::string> names = {"contains", "containsAll", "containsAny",
                                      "isEmpty",  "getTag",      "hasTag"};
    for (int i = 0; i <= static_cast<int>(ExtensionFunction::kToDays); ++i) {
      const auto function = static_cast<ExtensionFunction>(i);
      if (call_style(function) == CallStyle::kMethod) names.emplace_back(to_string(function));
    }
    return names;
  }();
  return all;
}

std::uint32_t begin_of(const Expr* expr) { return expr->span.begin; }

}  // namespace

const Expr* ExprParser::node(Expr::Node made, std::uint32_t begin) {
  const Span span = tokens_.span_from(begin);
  const Expr* expr = make_expr(arena_, made, span);
  if (expr->depth <= limits_.max_depth) return expr;
  tokens_.report(span, fmt::format("nested more than {} levels deep", limits_.max_depth),
                 "split the condition into several policies");
  return nullptr;
}

bool ExprParser::fits(std::size_t members, Span span) {
  if (members <= limits_.max_members) return true;
  tokens_.report(span, fmt::format("more than {} members in one place", limits_.max_members));
  return false;
}

void ExprParser::check_reserved(std::string_view word, Span span) {
  if (auto why = why_reserved(word)) {
    tokens_.report(span, *std::move(why), "quote it where a string is allowed, or rename it");
  }
}

std::string_view ExprParser::string_value(const Token& token) {
  auto meaning = unescape_string(tokens_.inner(token));
  if (!meaning) {
    tokens_.report(token.span, std::move(meaning).error().message);
    return "";
  }
  return arena_.copy(std::string_view(*meaning));
}

const Expr* ExprParser::parse_expr() {
  if (depth_ >= limits_.max_depth) {
    tokens_.report(tokens_.peek().span,
                   fmt::format("nested more than {} levels deep", limits_.max_depth),
                   "split the condition into several policies");
    return nullptr;
  }
  ++depth_;
  const Expr* expr = tokens_.at_word("if") ? parse_if() : parse_or();
  --depth_;
  return expr;
}

const Expr* ExprParser::parse_if() {
  const std::uint32_t begin = tokens_.advance().span.begin;
  const Expr* condition = parse_expr();
  if (condition == nullptr || !tokens_.expect_word("then")) return nullptr;
  const Expr* then_branch = parse_expr();
  if (then_branch == nullptr || !tokens_.expect_word("else")) return nullptr;
  const Expr* else_branch = parse_expr();
  if (else_branch == nullptr) return nullptr;
  return node(IfExpr{condition, then_branch, else_branch}, begin);
}

const Expr* ExprParser::chain(TokenKind separator, const Expr* (ExprParser::*operand)(),
                              bool is_and) {
  const Expr* first = (this->*operand)();
  if (first == nullptr || !tokens_.at(separator)) return first;
  Exprs operands{first};
  while (tokens_.accept(separator)) {
    const Expr* next = (this->*operand)();
    if (next == nullptr) return nullptr;
    operands.push_back(next);
  }
  if (!fits(operands.size(), tokens_.span_from(begin_of(first)))) return nullptr;
  const std::span<const Expr* const> copied = arena_.copy(operands);
  return is_and ? node(AndExpr{copied}, begin_of(first)) : node(OrExpr{copied}, begin_of(first));
}

const Expr* ExprParser::parse_or() { return chain(TokenKind::kOr, &ExprParser::parse_and, false); }

const Expr* ExprParser::parse_and() {
  return chain(TokenKind::kAnd, &ExprParser::parse_relation, true);
}

const Expr* ExprParser::parse_relation() {
  const Expr* left = parse_sum();
  if (left == nullptr) return nullptr;
  if (tokens_.accept_word("has")) return parse_has(left);
  if (tokens_.accept_word("like")) return parse_like(left);
  if (tokens_.accept_word("is")) return parse_is(left);
  if (tokens_.at(TokenKind::kAssign)) {
    tokens_.report(tokens_.peek().span, "`=` is not an operator", "compare with `==`");
    return nullptr;
  }
  const auto op = comparison(tokens_.peek(), tokens_.at_word("in"));
  return op ? parse_comparison(left, *op) : left;
}

const Expr* ExprParser::parse_comparison(const Expr* left, BinaryOp op) {
  tokens_.advance();
  const Expr* right = parse_sum();
  if (right == nullptr) return nullptr;
  if (comparison(tokens_.peek(), tokens_.at_word("in"))) {
    tokens_.report(tokens_.peek().span, "comparisons cannot be chained",
                   "use parentheses, or join them by `&&`");
    return nullptr;
  }
  return node(BinaryExpr{op, left, right}, begin_of(left));
}

const Expr* ExprParser::parse_has(const Expr* target) {
  std::vector<std::string_view> path;
  if (tokens_.at(TokenKind::kString)) {
    path.push_back(string_value(tokens_.advance()));
  } else {
    do {
      const auto name = tokens_.expect(TokenKind::kIdentifier, "an attribute name or a string");
      if (!name) return nullptr;
      check_reserved(tokens_.text(name->span), name->span);
      path.push_back(arena_.copy(tokens_.text(name->span)));
    } while (tokens_.accept(TokenKind::kDot));
  }
  if (tokens_.at(TokenKind::kLeftBracket) || tokens_.at(TokenKind::kLeftParen) ||
      tokens_.at(TokenKind::kDot)) {
    tokens_.unexpected("only names joined by `.`, or one string, after `has`");
    return nullptr;
  }
  if (!fits(path.size(), tokens_.span_from(begin_of(target)))) return nullptr;
  return node(HasAttr{target, arena_.copy(path)}, begin_of(target));
}

const Expr* ExprParser::parse_like(const Expr* target) {
  const auto pattern = tokens_.expect(TokenKind::kString, "a pattern string after `like`");
  if (!pattern) return nullptr;
  const auto segments = unescape_pattern(tokens_.inner(*pattern));
  if (!segments) {
    tokens_.report(pattern->span, segments.error().message);
    return placeholder(begin_of(target));
  }
  std::vector<std::string_view> copied;
  for (const std::string& segment : *segments) {
    copied.push_back(arena_.copy(std::string_view(segment)));
  }
  return node(LikeExpr{target, arena_.copy(copied)}, begin_of(target));
}

const Expr* ExprParser::parse_is(const Expr* target) {
  const auto type = parse_name("an entity type after `is`");
  if (!type) return nullptr;
  const Expr* in = nullptr;
  if (tokens_.accept_word("in")) {
    in = parse_sum();
    if (in == nullptr) return nullptr;
  }
  return node(IsExpr{target, arena_.copy(std::string_view(type->text)), in}, begin_of(target));
}

const Expr* ExprParser::parse_sum() {
  const Expr* left = parse_product();
  while (left != nullptr && (tokens_.at(TokenKind::kPlus) || tokens_.at(TokenKind::kMinus))) {
    const bool is_plus = tokens_.advance().kind == TokenKind::kPlus;
    const Expr* right = parse_product();
    if (right == nullptr) return nullptr;
    left = node(BinaryExpr{is_plus ? BinaryOp::kAdd : BinaryOp::kSubtract, left, right},
                begin_of(left));
  }
  return left;
}

const Expr* ExprParser::parse_product() {
  const Expr* left = parse_unary();
  while (left != nullptr) {
    if (tokens_.at(TokenKind::kSlash) || tokens_.at(TokenKind::kPercent)) {
      tokens_.report(tokens_.peek().span,
                     fmt::format("Cedar has no `{}`", tokens_.text(tokens_.peek().span)),
                     "only `+`, `-` and `*`");
      return nullptr;
    }
    if (!tokens_.accept(TokenKind::kStar)) return left;
    const Expr* right = parse_unary();
    if (right == nullptr) return nullptr;
    left = node(BinaryExpr{BinaryOp::kMultiply, left, right}, begin_of(left));
  }
  return nullptr;
}

int ExprParser::count_prefix(TokenKind kind, std::string_view text) {
  int count = 0;
  while (tokens_.at(kind)) {
    const Token token = tokens_.advance();
    if (++count == kMaxPrefixOperators + 1) {
      tokens_.report(token.span,
                     fmt::format("more than {} `{}` in a row", kMaxPrefixOperators, text),
                     "use parentheses");
    }
  }
  return std::min(count, kMaxPrefixOperators);
}

const Expr* ExprParser::parse_unary() {
  const std::uint32_t begin = tokens_.peek().span.begin;
  if (tokens_.at(TokenKind::kMinus)) return parse_negation(begin);
  const int nots = count_prefix(TokenKind::kBang, "!");
  const Expr* expr = parse_member();
  for (int i = 0; i < nots && expr != nullptr; ++i) {
    expr = node(UnaryExpr{UnaryOp::kNot, expr}, begin);
  }
  return expr;
}

/// The `-` directly before a number that stands alone belongs to the literal, which is how the
/// smallest long can be written.
const Expr* ExprParser::parse_negation(std::uint32_t begin) {
  int negations = count_prefix(TokenKind::kMinus, "-");
  const Expr* expr = nullptr;
  if (tokens_.at(TokenKind::kNumber)) {
    const Token number = tokens_.advance();
    const auto magnitude = number_value(number);
    const bool is_accessed = tokens_.at(TokenKind::kDot) || tokens_.at(TokenKind::kLeftBracket) ||
                             tokens_.at(TokenKind::kLeftParen);
    constexpr std::uint64_t kMaxMagnitude = std::uint64_t{1} << 63;
    if (!magnitude || *magnitude > kMaxMagnitude - (is_accessed ? 1 : 0)) {
      if (magnitude) tokens_.report(number.span, "this number does not fit into 64 bits");
      expr = placeholder(number.span.begin);
    } else if (is_accessed) {
      expr =
          node(Literal{Value::integer(static_cast<std::int64_t>(*magnitude))}, number.span.begin);
    } else {
      expr = node(Literal{Value::integer(static_cast<std::int64_t>(0 - *magnitude))},
                  number.span.begin);
      --negations;
    }
    expr = parse_accesses(expr);
  } else {
    expr = parse_member();
  }
  for (int i = 0; i < negations && expr != nullptr; ++i) {
    expr = node(UnaryExpr{UnaryOp::kNegate, expr}, begin);
  }
  return expr;
}

const Expr* ExprParser::parse_member() { return parse_accesses(parse_primary()); }

const Expr* ExprParser::parse_accesses(const Expr* target) {
  while (target != nullptr) {
    if (tokens_.at(TokenKind::kDot)) {
      target = parse_dot(target);
    } else if (tokens_.at(TokenKind::kLeftBracket)) {
      target = parse_index(target);
    } else if (tokens_.at(TokenKind::kLeftParen)) {
      tokens_.unexpected("an operator; only names can be called, as in `ip(\"10.0.0.1\")`");
      return nullptr;
    } else {
      return target;
    }
  }
  return nullptr;
}

const Expr* ExprParser::parse_dot(const Expr* target) {
  tokens_.advance();
  const auto token = tokens_.expect(TokenKind::kIdentifier, "an attribute or method name");
  if (!token) return nullptr;
  const std::string_view name = tokens_.text(token->span);
  check_reserved(name, token->span);
  if (tokens_.at(TokenKind::kLeftParen)) return parse_method(target, name, token->span);
  return node(GetAttr{target, arena_.copy(name)}, begin_of(target));
}

const Expr* ExprParser::parse_method(const Expr* target, std::string_view name, Span name_span) {
  tokens_.advance();
  const auto arguments = parse_list(TokenKind::kRightParen, "`)`");
  if (!arguments) return nullptr;
  return method_call(target, name, name_span, *arguments);
}

const Expr* ExprParser::method_call(const Expr* target, std::string_view name, Span name_span,
                                    const Exprs& arguments) {
  struct Builtin {
    std::string_view name;
    BinaryOp op;
  };
  static constexpr std::array<Builtin, 5> kBuiltins = {{{"contains", BinaryOp::kContains},
                                                        {"containsAll", BinaryOp::kContainsAll},
                                                        {"containsAny", BinaryOp::kContainsAny},
                                                        {"getTag", BinaryOp::kGetTag},
                                                        {"hasTag", BinaryOp::kHasTag}}};
  const std::uint32_t begin = begin_of(target);
  const auto builtin = std::ranges::find(kBuiltins, name, &Builtin::name);
  const bool is_empty_test = name == "isEmpty";
  if (is_empty_test || builtin != kBuiltins.end()) {
    const std::size_t wanted = is_empty_test ? 0 : 1;
    if (arguments.size() != wanted) {
      tokens_.report(name_span, fmt::format("`{}` takes {} argument{}, not {}", name, wanted,
                                            wanted == 1 ? "" : "s", arguments.size()));
      return placeholder(begin);
    }
    if (is_empty_test) return node(UnaryExpr{UnaryOp::kIsEmpty, target}, begin);
    return node(BinaryExpr{builtin->op, target, arguments.front()}, begin);
  }
  const auto function = find_extension_function(name);
  if (!function || call_style(*function) != CallStyle::kMethod) {
    tokens_.report(name_span, function ? fmt::format("`{}` is a function, not a method", name)
                                       : fmt::format("there is no method `{}`{}", name,
                                                     suggestion(name, method_names())));
    return placeholder(begin);
  }
  Exprs all{target};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return node(ExtensionCall{*function, arena_.copy(all)}, begin);
}

const Expr* ExprParser::parse_index(const Expr* target) {
  tokens_.advance();
  const auto name = tokens_.expect(TokenKind::kString, "an attribute name as a string");
  if (!name || !tokens_.expect(TokenKind::kRightBracket, "`]`")) return nullptr;
  return node(GetAttr{target, string_value(*name)}, begin_of(target));
}

}  // namespace wardlock::cedar
