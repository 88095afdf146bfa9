#pragma once

#include <cstdint>
#include <string_view>

#include "base/diagnostic.h"

namespace wardlock::cedar {

enum class TokenKind : std::uint8_t {
  kEnd,
  kInvalid,  ///< a character or string that no token begins with or completes
  kIdentifier,
  kNumber,
  kString,  ///< span includes the quotes
  kSlot,    ///< `?name`
  kAt,
  kComma,
  kSemicolon,
  kColon,
  kColons,
  kDot,
  kQuestion,
  kLeftParen,
  kRightParen,
  kLeftBrace,
  kRightBrace,
  kLeftBracket,
  kRightBracket,
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kAssign,
  kOr,
  kAnd,
  kPlus,
  kMinus,
  kStar,
  kSlash,
  kPercent,
  kBang,
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  Span span;
};

/// The text without blanks (as Unicode defines them) at its ends.
std::string_view trim_blanks(std::string_view text);

/// Splits policy or schema text into tokens, skipping blanks (as Unicode defines them) and `//`
/// comments. Borrows the text.
class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  /// The next token; kEnd again and again at the end.
  Token next();

  std::string_view text(Span span) const { return text_.substr(span.begin, span.end - span.begin); }

 private:
  void skip_blanks();
  Token take(TokenKind kind, std::size_t length);
  Token take_while(TokenKind kind, std::size_t from, bool (*belongs)(char));
  Token take_string();
  Token take_punctuation();

  std::string_view text_;
  std::size_t position_ = 0;
};

}  // namespace wardlock::cedar
