#include "cedar/parser/expr_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

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

std::optional<Variable> variable(std::string_view name) {
  if (name == "principal") return Variable::kPrincipal;
  if (name == "action") return Variable::kAction;
  if (name == "resource") return Variable::kResource;
  if (name == "context") return Variable::kContext;
  return std::nullopt;
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
                                       : fmt::format("there is no method `{}`", name));
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

const Expr* ExprParser::parse_primary() {
  const std::uint32_t begin = tokens_.peek().span.begin;
  switch (tokens_.peek().kind) {
    case TokenKind::kIdentifier: return parse_named();
    case TokenKind::kNumber: return parse_number();
    case TokenKind::kString: {
      const std::string_view text = string_value(tokens_.advance());
      return node(Literal{Value::string(text)}, begin);
    }
    case TokenKind::kLeftParen: return parse_parenthesized();
    case TokenKind::kLeftBracket: return parse_set();
    case TokenKind::kLeftBrace: return parse_record();
    case TokenKind::kSlot: return parse_slot();
    default: tokens_.unexpected("an expression"); return nullptr;
  }
}

const Expr* ExprParser::parse_slot() {
  const Token slot = tokens_.advance();
  tokens_.report(slot.span,
                 fmt::format("the slot `{}` cannot stand in a condition", tokens_.text(slot.span)),
                 "slots stand in the scope; in conditions use `principal` or `resource`");
  return placeholder(slot.span.begin);
}

std::optional<ParsedName> ExprParser::parse_name(std::string_view what) {
  auto token = tokens_.expect(TokenKind::kIdentifier, what);
  if (!token) return std::nullopt;
  ParsedName name{std::string(tokens_.text(token->span)), token->span};
  check_reserved(name.text, token->span);
  while (tokens_.accept(TokenKind::kColons)) {
    token = tokens_.expect(TokenKind::kIdentifier, what);
    if (!token) return std::nullopt;
    check_reserved(tokens_.text(token->span), token->span);
    name.text.append("::").append(tokens_.text(token->span));
    name.span.end = token->span.end;
    name.is_path = true;
  }
  return name;
}

const EntityUid* ExprParser::parse_entity() {
  const auto first = tokens_.expect(TokenKind::kIdentifier, "an entity such as `User::\"alice\"`");
  if (!first) return nullptr;
  std::string type(tokens_.text(first->span));
  check_reserved(type, first->span);
  while (tokens_.expect(TokenKind::kColons, "`::` and the entity's id")) {
    if (tokens_.at(TokenKind::kString)) {
      const std::string_view id = string_value(tokens_.advance());
      return make_uid(arena_, type, id);
    }
    const auto next = tokens_.expect(TokenKind::kIdentifier, "an entity's type or its quoted id");
    if (!next) return nullptr;
    check_reserved(tokens_.text(next->span), next->span);
    type.append("::").append(tokens_.text(next->span));
  }
  return nullptr;
}

/// Whatever begins with an identifier: literal, variable, function call or entity.
const Expr* ExprParser::parse_named() {
  const Token first = tokens_.advance();
  ParsedName name{std::string(tokens_.text(first.span)), first.span};
  if (!tokens_.at(TokenKind::kColons) && (name.text == "true" || name.text == "false")) {
    return node(Literal{Value::boolean(name.text == "true")}, first.span.begin);
  }
  check_reserved(name.text, first.span);
  while (tokens_.accept(TokenKind::kColons)) {
    if (tokens_.at(TokenKind::kString)) return parse_entity_literal(name);
    const auto next = tokens_.expect(TokenKind::kIdentifier, "a name or an entity's quoted id");
    if (!next) return nullptr;
    check_reserved(tokens_.text(next->span), next->span);
    name.text.append("::").append(tokens_.text(next->span));
    name.span.end = next->span.end;
    name.is_path = true;
  }
  if (tokens_.at(TokenKind::kLeftParen)) return parse_call(name);
  if (const auto var = variable(name.text)) return node(*var, first.span.begin);
  tokens_.report(name.span, fmt::format("`{}` is not a variable", name.text),
                 "there are `principal`, `action`, `resource` and `context`; an entity is written "
                 "`Type::\"id\"`, a string in quotes");
  return placeholder(first.span.begin);
}

const Expr* ExprParser::parse_entity_literal(const ParsedName& type) {
  const std::string_view id = string_value(tokens_.advance());
  return node(Literal{Value::entity(make_uid(arena_, type.text, id))}, type.span.begin);
}

const Expr* ExprParser::parse_call(const ParsedName& name) {
  tokens_.advance();
  const auto arguments = parse_list(TokenKind::kRightParen, "`)`");
  if (!arguments) return nullptr;
  const auto function = find_extension_function(name.text);
  if (function && call_style(*function) == CallStyle::kFunction) {
    return node(ExtensionCall{*function, arena_.copy(*arguments)}, name.span.begin);
  }
  static constexpr std::array<std::string_view, 6> kBuiltins = {
      "contains", "containsAll", "containsAny", "isEmpty", "getTag", "hasTag"};
  const bool is_method = function || std::ranges::find(kBuiltins, name.text) != kBuiltins.end();
  tokens_.report(name.span,
                 is_method ? fmt::format("`{}` is a method, not a function", name.text)
                           : fmt::format("there is no function `{}`", name.text),
                 is_method ? fmt::format("write `value.{}(…)`", name.text)
                           : "there are `decimal`, `ip`, `datetime` and `duration`");
  return placeholder(name.span.begin);
}

std::optional<std::uint64_t> ExprParser::number_value(const Token& token) {
  const std::string_view digits = tokens_.text(token.span);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error == std::errc()) return value;
  tokens_.report(token.span, "this number does not fit into 64 bits");
  return std::nullopt;
}

const Expr* ExprParser::parse_number() {
  const Token token = tokens_.advance();
  const auto value = number_value(token);
  if (!value) return placeholder(token.span.begin);
  if (*value > INT64_MAX) {
    tokens_.report(token.span, "this number does not fit into 64 bits");
    return placeholder(token.span.begin);
  }
  return node(Literal{Value::integer(static_cast<std::int64_t>(*value))}, token.span.begin);
}

const Expr* ExprParser::parse_parenthesized() {
  tokens_.advance();
  const Expr* inner = parse_expr();
  if (inner == nullptr || !tokens_.expect(TokenKind::kRightParen, "`)`")) return nullptr;
  return inner;
}

std::optional<ExprParser::Exprs> ExprParser::parse_list(TokenKind close,
                                                        std::string_view close_text) {
  Exprs members;
  const std::uint32_t begin = tokens_.peek().span.begin;
  while (!tokens_.at(close)) {
    const Expr* member = parse_expr();
    if (member == nullptr) return std::nullopt;
    members.push_back(member);
    if (!tokens_.accept(TokenKind::kComma)) break;
  }
  if (!tokens_.expect(close, fmt::format("`,` or {}", close_text))) return std::nullopt;
  if (!fits(members.size(), tokens_.span_from(begin))) return std::nullopt;
  return members;
}

const Expr* ExprParser::parse_set() {
  const std::uint32_t begin = tokens_.advance().span.begin;
  const auto members = parse_list(TokenKind::kRightBracket, "`]`");
  if (!members) return nullptr;
  return node(SetExpr{arena_.copy(*members)}, begin);
}

const Expr* ExprParser::parse_record() {
  const std::uint32_t begin = tokens_.advance().span.begin;
  std::vector<RecordEntry> entries;
  while (!tokens_.at(TokenKind::kRightBrace)) {
    if (!parse_record_entry(entries)) return nullptr;
    if (!tokens_.accept(TokenKind::kComma)) break;
  }
  if (!tokens_.expect(TokenKind::kRightBrace, "`,` or `}`")) return nullptr;
  if (!fits(entries.size(), tokens_.span_from(begin))) return nullptr;
  std::ranges::sort(entries, {}, &RecordEntry::name);
  const auto twice = std::ranges::adjacent_find(entries, {}, &RecordEntry::name);
  if (twice != entries.end()) {
    tokens_.report(tokens_.span_from(begin),
                   fmt::format("the key `{}` occurs twice in one record", twice->name));
  }
  return node(RecordExpr{arena_.copy(entries)}, begin);
}

bool ExprParser::parse_record_entry(std::vector<RecordEntry>& entries) {
  std::string_view name;
  if (tokens_.at(TokenKind::kString)) {
    name = string_value(tokens_.advance());
  } else {
    const auto token = tokens_.expect(TokenKind::kIdentifier, "a key: a name or a string");
    if (!token) return false;
    check_reserved(tokens_.text(token->span), token->span);
    name = arena_.copy(tokens_.text(token->span));
  }
  if (!tokens_.expect(TokenKind::kColon, "`:` after the key")) return false;
  const Expr* value = parse_expr();
  if (value == nullptr) return false;
  entries.push_back({name, value});
  return true;
}

}  // namespace wardlock::cedar
