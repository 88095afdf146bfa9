#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/diagnostic.h"
#include "cedar/parser/lexer.h"
#include "cedar/schema/schema.h"
#include "cedar/validator/request_environment.h"

namespace wardlock::lsp {

/// One policy as its tokens, which there are in unfinished text too, and what the schema says about
/// its parts. Spans are in the policy's text. Borrows text and schema, and hands out types that
/// live as long as itself or the schema.
class PolicyContext {
 public:
  /// `text` is the policy's, or its beginning up to the cursor. Without a schema nothing has a
  /// type.
  PolicyContext(std::string_view text, const cedar::Schema* schema);

  const cedar::Schema* schema() const { return schema_; }
  const std::vector<cedar::Token>& tokens() const { return tokens_; }
  bool is(std::size_t index, cedar::TokenKind kind) const {
    return index < tokens_.size() && tokens_[index].kind == kind;
  }
  /// Empty beyond the last token.
  std::string_view word(std::size_t index) const;
  std::string_view slice(Span span) const {
    return text_.substr(span.begin, span.end - span.begin);
  }

  /// In which part of the scope a token stands; nothing outside of the scope.
  enum class ScopePart : std::uint8_t { kPrincipal, kAction, kResource };
  std::optional<ScopePart> scope_part(std::size_t index) const;
  /// Whether the scope's closing parenthesis stands before the token.
  bool is_behind_scope(std::size_t index) const;
  /// Whether `permit` or `forbid` stands before the token.
  bool is_behind_effect(std::size_t index) const { return effect_ && index > *effect_; }

  /// The environments that the scope admits, as far as it is written; not all of very many.
  const std::vector<cedar::RequestEnvironment>& environments() const { return environments_; }

  /// Whether an expression ends with the token before `end`.
  bool ends_operand(std::size_t end) const;

  /// The first token of the expression that ends before the token `end` and binds most tightly, as
  /// `a.b` in `x == a.b`; nothing where no expression ends there.
  std::optional<std::size_t> operand_before(std::size_t end) const;

  /// The expression that has the attribute which the token names: `a.b` for the `c` of `a.b.c`,
  /// `a.b["c"]`, `a.b has c`, and of `a has b.c`. Nothing where the token names no attribute. The
  /// token may be one behind the last: what will be written there.
  std::optional<std::string> owner_of(std::size_t index) const;

  /// The types that the expression has in the environments, each once.
  std::vector<const cedar::Type*> types_of(std::string_view expression) const;

 private:
  void find_scope();
  std::string scope_text() const;
  std::optional<std::size_t> open_of(std::size_t close) const;
  std::size_t path_start(std::size_t last) const;

  std::string_view text_;
  const cedar::Schema* schema_;
  std::vector<cedar::Token> tokens_;
  std::optional<std::size_t> effect_;     ///< index of `permit` or `forbid`
  std::vector<std::size_t> scope_marks_;  ///< `(`, the two commas, `)`, as far as they are there
  std::vector<cedar::RequestEnvironment> environments_;
  mutable Arena arena_;
};

}  // namespace wardlock::lsp
