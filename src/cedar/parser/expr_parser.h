#pragma once

#include <vector>

#include "base/arena.h"
#include "cedar/ast/expr.h"
#include "cedar/parser/parser.h"
#include "cedar/parser/token_stream.h"

namespace wardlock::cedar {

/// A name read from the text, `A::B`, joined without blanks.
struct ParsedName {
  std::string text;
  Span span;
  bool is_path = false;  ///< has more than one component
};

/// Reads expressions by recursive descent, one function per level of the grammar. Every function
/// returns null after a syntax error, which it (or a callee) has reported.
class ExprParser {
 public:
  ExprParser(TokenStream& tokens, Arena& arena, const ParseLimits& limits)
      : tokens_(tokens), arena_(arena), limits_(limits) {}

  const Expr* parse_expr();

  /// `A::B`; reserved words in it are reported.
  std::optional<ParsedName> parse_name(std::string_view what);

  /// `A::B::"id"`, or null.
  const EntityUid* parse_entity();

  /// The meaning of a string token, reported and empty where it has none.
  std::string_view string_value(const Token& token);

 private:
  const Expr* parse_if();
  const Expr* parse_or();
  const Expr* parse_and();
  const Expr* parse_relation();
  const Expr* parse_comparison(const Expr* left, BinaryOp op);
  const Expr* parse_has(const Expr* target);
  const Expr* parse_like(const Expr* target);
  const Expr* parse_is(const Expr* target);
  const Expr* parse_sum();
  const Expr* parse_product();
  const Expr* parse_unary();
  const Expr* parse_negation(std::uint32_t begin);
  const Expr* parse_member();
  const Expr* parse_accesses(const Expr* target);
  const Expr* parse_dot(const Expr* target);
  const Expr* parse_method(const Expr* target, std::string_view name, Span name_span);
  const Expr* parse_index(const Expr* target);
  const Expr* parse_primary();
  const Expr* parse_slot();
  const Expr* parse_named();
  const Expr* parse_entity_literal(const ParsedName& type);
  const Expr* parse_call(const ParsedName& name);
  const Expr* parse_number();
  const Expr* parse_parenthesized();
  const Expr* parse_set();
  const Expr* parse_record();
  bool parse_record_entry(std::vector<RecordEntry>& entries);

  using Exprs = std::vector<const Expr*>;
  std::optional<Exprs> parse_list(TokenKind close, std::string_view close_text);
  const Expr* method_call(const Expr* target, std::string_view name, Span name_span,
                          const Exprs& arguments);
  const Expr* chain(TokenKind separator, const Expr* (ExprParser::*operand)(), bool is_and);
  std::optional<std::uint64_t> number_value(const Token& token);
  int count_prefix(TokenKind kind, std::string_view text);

  /// A node from `begin` to here, or null when it is nested too deeply.
  const Expr* node(Expr::Node node, std::uint32_t begin);
  /// Stands in for what has been reported as wrong, so that parsing can go on.
  const Expr* placeholder(std::uint32_t begin) {
    return node(Literal{Value::boolean(false)}, begin);
  }
  bool fits(std::size_t members, Span span);
  void check_reserved(std::string_view word, Span span);

  TokenStream& tokens_;
  Arena& arena_;
  const ParseLimits& limits_;
  std::size_t depth_ = 0;
};

}  // namespace wardlock::cedar
