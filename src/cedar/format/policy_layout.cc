#include "cedar/format/policy_layout.h"

#include <algorithm>
#include <array>
#include <utility>

#include "cedar/format/layout.h"

namespace wardlock::cedar {
namespace {

using Part = Layout::Part;
using Parts = std::vector<Part>;

/// Reads the tokens by recursive descent, one function per level of the grammar, and lays out what
/// it reads. The depth is bounded by the parser's limit, which the text has passed.
class PolicyLayout {
 public:
  PolicyLayout(std::vector<CommentedToken> tokens, const FormatOptions& options)
      : tokens_(std::move(tokens)), options_(options) {}

  std::string run() { return layout_.render(policy(), options_.line_width); }

 private:
  // Tokens and their comments.

  const CommentedToken& peek() const { return tokens_[next_]; }
  bool at(TokenKind kind) const { return peek().kind == kind; }
  bool at_word(std::string_view word) const {
    return at(TokenKind::kIdentifier) && peek().text == word;
  }
  const CommentedToken& take() { return tokens_[next_++]; }

  /// The comments above the next token, which are then no longer with it.
  Part take_above() { return above(std::exchange(tokens_[next_].above, {})); }

  Part above(const std::vector<std::string_view>& comments) {
    if (comments.empty()) return layout_.nothing();
    Parts parts{layout_.hard_line()};
    for (const std::string_view comment : comments) {
      parts.insert(parts.end(), {layout_.text(comment), layout_.hard_line()});
    }
    return layout_.concat(parts);
  }

  /// The comment behind a token and the end of its line; where there is none, `otherwise`.
  Part after(const CommentedToken& token, Part otherwise) {
    if (token.after.empty()) return otherwise;
    return layout_.concat({layout_.space(), layout_.text(token.after), layout_.hard_line()});
  }

  Part token(Part otherwise) {
    const CommentedToken& token = take();
    const Part comments = above(token.above);
    return layout_.concat({comments, layout_.text(spelling(token)), after(token, otherwise)});
  }
  Part token() { return token(layout_.nothing()); }

  // Policies.

  Part policy() {
    Parts parts;
    while (at(TokenKind::kAt)) parts.push_back(annotation());
    parts.push_back(take_above());
    const Part effect = token();
    parts.push_back(layout_.group(layout_.concat({effect, layout_.line(), token()})));
    parts.push_back(scope());
    const bool is_unconditional = tokens_[next_ + 1].kind == TokenKind::kSemicolon;
    parts.push_back(token(is_unconditional ? layout_.nothing() : layout_.hard_line()));
    while (!at(TokenKind::kSemicolon)) {
      parts.push_back(condition());
      if (!at(TokenKind::kSemicolon)) parts.push_back(layout_.hard_line());
    }
    parts.push_back(token());
    return layout_.concat(parts);
  }

  Part annotation() {
    Parts parts{token(), token()};
    if (at(TokenKind::kLeftParen)) {
      parts.insert(parts.end(), {token(), token(), token(layout_.hard_line())});
    } else {
      parts.push_back(layout_.hard_line());
    }
    return layout_.concat(parts);
  }

  /// Principal, action and resource: on one line where none of them is constrained, else each on
  /// its own.
  Part scope() {
    const bool is_open = is_comma(1) && is_comma(3) && tokens_[next_ + 5].text == ")";
    const Part between = is_open ? layout_.space() : layout_.hard_line();
    Parts parts{scope_element()};
    for (int i = 0; i < 2; ++i) parts.insert(parts.end(), {token(between), scope_element()});
    const Part all = layout_.concat(parts);
    if (is_open) return layout_.group(indented(all));
    return layout_.concat(
        {indented(layout_.concat({layout_.hard_line(), all})), layout_.hard_line()});
  }

  bool is_comma(std::size_t ahead) const {
    return tokens_[next_ + ahead].kind == TokenKind::kComma;
  }

  Part scope_element() {
    const CommentedToken& variable = take();
    const Part comments = above(variable.above);
    Parts parts{layout_.text(variable.text), after(variable, layout_.nothing())};
    if (at_word("is")) parts.push_back(scope_type());
    if (at(TokenKind::kEqual) || at_word("in")) {
      parts.insert(parts.end(), {layout_.line(), token()});
      const Part left = layout_.group(layout_.concat(parts));
      const Part right = indented(layout_.concat({layout_.line(), expression()}));
      parts = {layout_.group(layout_.concat({left, right}))};
    }
    parts.insert(parts.begin(), comments);
    return layout_.concat(parts);
  }

  Part scope_type() {
    const Part is = layout_.group(layout_.concat({layout_.line(), token()}));
    return layout_.group(indented(layout_.concat({is, layout_.line(), sum()})));
  }

  Part condition() {
    const Part comments = take_above();
    const CommentedToken& keyword = take();
    const Part head = layout_.concat({layout_.text(keyword.text), after(keyword, layout_.line())});
    const Part above_brace = take_above();
    const CommentedToken& brace = take();
    const Part left = layout_.text(brace.text);
    const Part behind_brace = after(brace, layout_.line());
    const Part above_expression = take_above();
    const Part inner =
        indented(layout_.concat({behind_brace, above_expression, layout_.group(expression())}));
    const Part body = layout_.group(layout_.concat({inner, layout_.line(), token()}));
    return layout_.concat(
        {comments, layout_.group(layout_.concat({head, above_brace, left, body}))});
  }

  Part indented(Part part) { return layout_.indent(options_.indent_width, part); }

  // Expressions.

  Part expression() {
    if (!at_word("if")) return chain(TokenKind::kOr, &PolicyLayout::conjunction);
    const Part condition = branch();
    const Part then_line = layout_.line();
    const Part then_branch = branch();
    const Part else_line = layout_.line();
    const Part else_branch = branch();
    return layout_.group(
        layout_.concat({condition, then_line, then_branch, else_line, else_branch}));
  }

  /// A keyword and its expression.
  Part branch() {
    const Part keyword = token();
    return layout_.concat({keyword, indented(layout_.concat({layout_.line(), expression()}))});
  }

  Part conjunction() { return chain(TokenKind::kAnd, &PolicyLayout::relation); }

  /// Operands with the operator at the end of the line.
  Part chain(TokenKind separator, Part (PolicyLayout::*operand)()) {
    Parts parts{(this->*operand)()};
    while (at(separator)) {
      parts.insert(parts.end(), {layout_.space(), token(layout_.line())});
      parts.push_back((this->*operand)());
    }
    return layout_.concat(parts);
  }

  Part relation() {
    const Part left = sum();
    if (at_word("has") || at_word("like")) {
      const Part name = token();
      return layout_.group(
          layout_.concat({left, layout_.line(), name, layout_.line(), indented(sum())}));
    }
    if (at_word("is")) return type_test(left);
    if (!is_comparison()) return left;
    const Part comparison = token();
    return layout_.concat({left, layout_.space(), comparison, layout_.space(), sum()});
  }

  bool is_comparison() const {
    static constexpr std::array kComparisons = {TokenKind::kEqual,   TokenKind::kNotEqual,
                                                TokenKind::kLess,    TokenKind::kLessEqual,
                                                TokenKind::kGreater, TokenKind::kGreaterEqual};
    return at_word("in") || std::ranges::find(kComparisons, peek().kind) != kComparisons.end();
  }

  Part type_test(Part left) {
    Parts parts{left, layout_.space(), token(), layout_.space(), indented(sum())};
    if (at_word("in")) {
      parts.insert(parts.end(), {layout_.line(), token(), layout_.space()});
      parts.push_back(indented(sum()));
    }
    return layout_.group(layout_.concat(parts));
  }

  Part sum() {
    Parts parts{product()};
    while (at(TokenKind::kPlus) || at(TokenKind::kMinus)) {
      parts.insert(parts.end(), {layout_.space(), token(), layout_.line()});
      parts.push_back(product());
    }
    return layout_.group(layout_.concat(parts));
  }

  Part product() {
    Parts parts{unary()};
    while (at(TokenKind::kStar)) {
      parts.insert(parts.end(), {layout_.space(), token(), layout_.line()});
      parts.push_back(unary());
    }
    return layout_.group(layout_.concat(parts));
  }

  Part unary() {
    Parts parts;
    while (at(TokenKind::kBang) || at(TokenKind::kMinus)) parts.push_back(token());
    parts.push_back(member());
    return layout_.concat(parts);
  }

  Part member() {
    const Part target = primary();
    Parts accesses;
    while (at(TokenKind::kDot) || at(TokenKind::kLeftParen) || at(TokenKind::kLeftBracket)) {
      if (!accesses.empty()) accesses.push_back(layout_.line_or_nothing());
      accesses.push_back(access());
    }
    return layout_.group(layout_.concat({target, indented(layout_.concat(accesses))}));
  }

  Part access() {
    if (at(TokenKind::kLeftParen)) return arguments();
    const bool is_index = at(TokenKind::kLeftBracket);
    Parts parts{token()};
    parts.push_back(is_index ? expression() : token());
    if (is_index) parts.push_back(token());
    return layout_.concat(parts);
  }

  Part arguments() {
    Parts parts{token()};
    if (!at(TokenKind::kRightParen)) {
      const Part list = elements(TokenKind::kRightParen, &PolicyLayout::expression);
      parts.push_back(indented(layout_.concat({layout_.line_or_nothing(), list})));
      parts.push_back(layout_.line_or_nothing());
    }
    parts.push_back(token());
    return layout_.concat(parts);
  }

  Part elements(TokenKind close, Part (PolicyLayout::*element)()) {
    Parts parts;
    while (!at(close)) {
      if (!parts.empty()) parts.insert(parts.end(), {token(), layout_.line()});
      parts.push_back((this->*element)());
    }
    return layout_.concat(parts);
  }

  Part primary() {
    switch (peek().kind) {
      case TokenKind::kIdentifier: return name();
      case TokenKind::kLeftParen: return parenthesized();
      case TokenKind::kLeftBracket: return set();
      case TokenKind::kLeftBrace: return record();
      default: return token();
    }
  }

  /// A name, or the entity that one begins.
  Part name() {
    Parts parts{token()};
    while (at(TokenKind::kColons)) parts.insert(parts.end(), {token(), token()});
    return layout_.concat(parts);
  }

  /// What is inside is aligned with its beginning.
  Part parenthesized() {
    const Part left = token();
    const Part inner = layout_.indent(1, expression());
    return layout_.group(layout_.concat({left, inner, token()}));
  }

  Part set() {
    const Part left = token();
    const Part inner =
        layout_.indent(1, elements(TokenKind::kRightBracket, &PolicyLayout::expression));
    return layout_.concat({left, inner, token()});
  }

  Part record() {
    const Part left = token();
    if (at(TokenKind::kRightBrace)) return layout_.concat({left, token()});
    const Part entries = elements(TokenKind::kRightBrace, &PolicyLayout::entry);
    const Part inner = layout_.group(layout_.concat({layout_.line(), entries, layout_.line()}));
    return layout_.concat({left, indented(inner), token()});
  }

  Part entry() {
    const Part key = expression();
    const Part colon = token();
    return layout_.concat({key, colon, layout_.space(), expression()});
  }

  std::vector<CommentedToken> tokens_;
  const FormatOptions& options_;
  std::size_t next_ = 0;
  Layout layout_;
};

}  // namespace

std::string lay_out_policy(std::vector<CommentedToken> tokens, const FormatOptions& options) {
  return PolicyLayout(std::move(tokens), options).run();
}

}  // namespace wardlock::cedar
