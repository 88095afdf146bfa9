#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>

#include "cedar/parser/lexer.h"

namespace wardlock::cedar {

/// Tokens with one token of lookahead, and the diagnostics found on the way. The parsing functions
/// on top of it return nothing (null, nullopt, false) after a syntax error has been reported, and
/// go on after an error that leaves no doubt where they are.
class TokenStream {
 public:
  TokenStream(std::string_view text, std::size_t max_diagnostics)
      : lexer_(text), current_(lexer_.next()), max_diagnostics_(max_diagnostics) {}

  const Token& peek() const { return current_; }
  bool at(TokenKind kind) const { return current_.kind == kind; }
  bool at_word(std::string_view word) const {
    return at(TokenKind::kIdentifier) && text(current_.span) == word;
  }
  bool at_end() const { return at(TokenKind::kEnd); }

  Token advance();
  bool accept(TokenKind kind);
  bool accept_word(std::string_view word);

  /// Takes the token, or reports that `what` was expected.
  std::optional<Token> expect(TokenKind kind, std::string_view what);
  bool expect_word(std::string_view word);

  /// Reports that the current token is not `what`.
  void unexpected(std::string_view what);
  void report(Span span, std::string message, std::string help = "");

  std::string_view text(Span span) const { return lexer_.text(span); }
  /// A string token's text without its quotes.
  std::string_view inner(const Token& string) const {
    return text({string.span.begin + 1, string.span.end - 1});
  }
  /// The end of the token taken last.
  std::uint32_t last_end() const { return last_end_; }
  /// From `begin` to the end of the token taken last.
  Span span_from(std::uint32_t begin) const { return {begin, last_end_}; }

  const Diagnostics& diagnostics() const { return diagnostics_; }
  Diagnostics take_diagnostics() { return std::move(diagnostics_); }
  bool is_full() const { return diagnostics_.size() >= max_diagnostics_; }

 private:
  Lexer lexer_;
  Token current_;
  std::uint32_t last_end_ = 0;
  Diagnostics diagnostics_;
  std::size_t max_diagnostics_;
};

}  // namespace wardlock::cedar
