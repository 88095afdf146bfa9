#include "cedar/format/commented_tokens.h"

#include <algorithm>
#include <utility>

namespace wardlock::cedar {
namespace {

bool closes(TokenKind kind) {
  return kind == TokenKind::kRightParen || kind == TokenKind::kRightBracket ||
         kind == TokenKind::kRightBrace;
}

/// Gives the comments of a comma that is left out to the bracket behind it.
void inherit(CommentedToken& bracket, CommentedToken comma) {
  if (!bracket.has_comment()) {
    bracket.above = std::move(comma.above);
    bracket.after = comma.after;
    return;
  }
  if (!comma.after.empty()) comma.above.push_back(comma.after);
  bracket.above.insert(bracket.above.begin(), comma.above.begin(), comma.above.end());
}

}  // namespace

std::string_view spelling(const CommentedToken& token) {
  if (token.kind != TokenKind::kNumber) return token.text;
  const std::size_t zeros = std::min(token.text.find_first_not_of('0'), token.text.size() - 1);
  return token.text.substr(zeros);
}

std::vector<std::string_view> comments_in(std::string_view gap) {
  std::vector<std::string_view> comments;
  for (std::size_t begin = gap.find("//"); begin != gap.npos; begin = gap.find("//")) {
    const std::string_view comment = gap.substr(begin, gap.find_first_of("\r\n", begin) - begin);
    comments.push_back(trim_blanks(comment));
    gap.remove_prefix(begin + comment.size());
  }
  return comments;
}

CommentedTokens::CommentedTokens(std::string_view text)
    : text_(text), lexer_(text), token_ahead_(lexer_.next()) {
  ahead_.kind = token_ahead_.kind;
  ahead_.text = lexer_.text(token_ahead_.span);
  ahead_.above = comments_in(text.substr(0, token_ahead_.span.begin));
}

CommentedToken CommentedTokens::next() {
  const std::uint32_t end = token_ahead_.span.end;
  token_ahead_ = lexer_.next();
  const std::string_view gap = text_.substr(end, token_ahead_.span.begin - end);
  const std::size_t newline = std::min(gap.find('\n'), gap.size());
  ahead_.after = trim_blanks(gap.substr(0, newline));
  CommentedToken after{
      token_ahead_.kind, lexer_.text(token_ahead_.span), comments_in(gap.substr(newline)), {}};
  return std::exchange(ahead_, std::move(after));
}

std::vector<CommentedToken> CommentedTokens::next_policy() {
  std::vector<CommentedToken> tokens;
  while (ahead_.kind != TokenKind::kEnd) {
    CommentedToken token = next();
    if (closes(token.kind) && !tokens.empty() && tokens.back().kind == TokenKind::kComma) {
      inherit(token, std::move(tokens.back()));
      tokens.pop_back();
    }
    tokens.push_back(std::move(token));
    if (tokens.back().kind == TokenKind::kSemicolon) break;
  }
  return tokens;
}

}  // namespace wardlock::cedar
