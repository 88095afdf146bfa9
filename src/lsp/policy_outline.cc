#include "lsp/policy_outline.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "cedar/parser/strings.h"

namespace wardlock::lsp {
namespace {

using cedar::Lexer;
using cedar::Token;
using cedar::TokenKind;

class Outliner {
 public:
  explicit Outliner(std::string_view text) : lexer_(text) {}

  std::vector<PolicyOutline> run() {
    for (Token token = lexer_.next(); token.kind != TokenKind::kEnd; token = lexer_.next()) {
      take(token);
    }
    end_policy();
    return std::move(policies_);
  }

 private:
  void take(const Token& token) {
    const bool is_effect = begins_policy(token);
    const bool has_effect = current_ && current_->effect;
    if (has_effect && (is_effect || token.kind == TokenKind::kAt)) end_policy();
    if (!current_) current_ = PolicyOutline{.span = token.span, .effect = {}, .id = {}};
    current_->span.end = token.span.end;
    if (is_effect) current_->effect = token.span;
    note_id(token);
    if (token.kind == TokenKind::kSemicolon) end_policy();
  }

  /// `permit (`, and within a policy only `permit (principal`: there it could be a misspelt call.
  bool begins_policy(const Token& token) const {
    const bool is_key = last_.back().kind == TokenKind::kAt;
    if (token.kind != TokenKind::kIdentifier || is_key) return false;
    const std::string_view word = lexer_.text(token.span);
    if (word != "permit" && word != "forbid") return false;
    if (!current_ || !current_->effect) return true;
    Lexer ahead = lexer_;
    if (ahead.next().kind != TokenKind::kLeftParen) return false;
    return ahead.text(ahead.next().span) == "principal";
  }

  /// The value in `@id("…")`, told by the four tokens up to it.
  void note_id(const Token& token) {
    std::ranges::rotate(last_, last_.begin() + 1);
    last_.back() = token;
    const bool is_id = last_[0].kind == TokenKind::kAt && last_[1].kind == TokenKind::kIdentifier &&
                       lexer_.text(last_[1].span) == "id" &&
                       last_[2].kind == TokenKind::kLeftParen && token.kind == TokenKind::kString;
    if (is_id && !current_->effect && !current_->id) current_->id = token.span;
  }

  void end_policy() {
    if (current_) policies_.push_back(*current_);
    current_.reset();
    last_ = {};
  }

  Lexer lexer_;
  std::vector<PolicyOutline> policies_;
  std::optional<PolicyOutline> current_;
  std::array<Token, 4> last_ = {};
};

}  // namespace

std::vector<PolicyOutline> outline_policies(std::string_view text) { return Outliner(text).run(); }

std::vector<Token> tokens_of(std::string_view text) {
  Lexer lexer(text);
  std::vector<Token> tokens;
  for (Token token = lexer.next(); token.kind != TokenKind::kEnd; token = lexer.next()) {
    tokens.push_back(token);
  }
  return tokens;
}

const PolicyOutline* policy_at(const std::vector<PolicyOutline>& policies, std::uint32_t offset) {
  const auto after = std::ranges::upper_bound(
      policies, offset, {}, [](const PolicyOutline& policy) { return policy.span.begin; });
  if (after == policies.begin()) return nullptr;
  const PolicyOutline& policy = *std::prev(after);
  return offset <= policy.span.end ? &policy : nullptr;
}

std::string policy_name(std::string_view text, const PolicyOutline& policy, std::size_t number) {
  if (policy.id) {
    const Span inner{policy.id->begin + 1, policy.id->end - 1};
    auto id = cedar::unescape_string(text.substr(inner.begin, inner.end - inner.begin));
    if (id && !id->empty()) return *std::move(id);
  }
  return fmt::format("policy{}", number);
}

}  // namespace wardlock::lsp
