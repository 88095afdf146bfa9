#pragma once

#include <string_view>
#include <vector>

#include "cedar/parser/lexer.h"

namespace wardlock::cedar {

/// A token and the comments that belong to it. Borrows the text.
struct CommentedToken {
  TokenKind kind = TokenKind::kEnd;
  std::string_view text;
  std::vector<std::string_view> above;  ///< comments on lines of their own before it
  std::string_view after;               ///< the comment behind it on its line, or empty

  bool has_comment() const { return !above.empty() || !after.empty(); }
};

/// The token as it is to be written: a number without leading zeros.
std::string_view spelling(const CommentedToken& token);

/// The comments in a text between two tokens.
std::vector<std::string_view> comments_in(std::string_view gap);

/// Reads text policy by policy. A trailing comma means nothing and is left out; its comments go to
/// the bracket that follows. Borrows the text, which is known to parse.
class CommentedTokens {
 public:
  explicit CommentedTokens(std::string_view text);

  /// The next policy's tokens up to its `;`; empty at the end of the text.
  std::vector<CommentedToken> next_policy();

  /// The comments behind the last policy. Complete once `next_policy` has returned nothing.
  const std::vector<std::string_view>& comments_at_end() const { return ahead_.above; }

 private:
  CommentedToken next();

  std::string_view text_;
  Lexer lexer_;
  Token token_ahead_;
  CommentedToken ahead_;
};

}  // namespace wardlock::cedar
