// The primary expressions of ExprParser: literals, names, calls, sets, records.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/suggestion.h"
#include "cedar/ast/names.h"
#include "cedar/parser/expr_parser.h"

namespace wardlock::cedar {
namespace {

std::optional<Variable> variable(std::string_view name) {
  if (name == "principal") return Variable::kPrincipal;
  if (name == "action") return Variable::kAction;
  if (name == "resource") return Variable::kResource;
  if (name == "context") return Variable::kContext;
  return std::nullopt;
}

}  // namespace

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
  static const std::vector<std::string> variables = {"principal", "action", "resource", "context"};
  tokens_.report(
      name.span,
      fmt::format("`{}` is not a variable{}", name.text, suggestion(name.text, variables)),
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
