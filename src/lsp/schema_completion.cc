#include <algorithm>
#include <array>
#include <optional>

#include "cedar/ast/names.h"
#include "cedar/parser/lexer.h"
#include "lsp/completion.h"
#include "lsp/completion_items.h"
#include "lsp/policy_outline.h"

namespace wardlock::lsp {
namespace {

using cedar::Token;
using cedar::TokenKind;
using ItemKind = CompletionItem::Kind;

class SchemaCompleter {
 public:
  SchemaCompleter(std::string_view text, const cedar::Schema* schema)
      : text_(text), schema_(schema), tokens_(tokens_of(text)), at_(tokens_.size()) {
    const auto end = static_cast<std::uint32_t>(text.size());
    replaced_ = {end, end};
    if (tokens_.empty() || tokens_.back().span.end != end) return;
    if (tokens_.back().kind != TokenKind::kIdentifier) return;
    --at_;
    replaced_ = tokens_.back().span;
  }

  Completions run() {
    const std::size_t last_end = tokens_.empty() ? 0 : tokens_.back().span.end;
    const bool is_in_string = std::ranges::any_of(
        tokens_, [](const Token& token) { return token.kind == TokenKind::kInvalid; });
    if (!is_in_string && !is_in_comment(text_, last_end, text_.size())) complete();
    return {replaced_, items_.take()};
  }

 private:
  bool is(std::size_t index, TokenKind kind) const {
    return index < tokens_.size() && tokens_[index].kind == kind;
  }
  std::string_view word(std::size_t index) const {
    if (index >= tokens_.size()) return "";
    const Span span = tokens_[index].span;
    return text_.substr(span.begin, span.end - span.begin);
  }
  bool follows(TokenKind kind) const { return at_ > 0 && is(at_ - 1, kind); }
  bool follows(std::string_view name) const { return at_ > 0 && word(at_ - 1) == name; }

  /// The index of the bracket that is open before the token, of any kind.
  std::optional<std::size_t> open_bracket() const {
    int depth = 0;
    for (std::size_t i = at_; i-- > 0;) {
      switch (tokens_[i].kind) {
        case TokenKind::kRightBrace:
        case TokenKind::kRightBracket: ++depth; break;
        case TokenKind::kLeftBrace:
        case TokenKind::kLeftBracket:
          if (depth-- == 0) return i;
          break;
        default: break;
      }
    }
    return std::nullopt;
  }

  /// The word that began the declaration: `entity`, `action`, `type` or nothing.
  std::string_view declaration() const {
    for (std::size_t i = at_; i-- > 0;) {
      if (is(i, TokenKind::kSemicolon)) return "";
      const std::string_view name = word(i);
      const bool is_first = i == 0 || is(i - 1, TokenKind::kSemicolon) ||
                            is(i - 1, TokenKind::kLeftBrace) || is(i - 1, TokenKind::kRightBrace) ||
                            is(i - 1, TokenKind::kRightParen) || is(i - 1, TokenKind::kIdentifier);
      if (is_first && !is(i + 1, TokenKind::kColon) && !is(i + 1, TokenKind::kQuestion) &&
          (name == "entity" || name == "action" || name == "type")) {
        return name;
      }
    }
    return "";
  }

  void complete() {
    if (follows(TokenKind::kAt))
      return items_.add_words(schema_annotations(), ItemKind::kAnnotation);
    const std::string_view declared = declaration();
    const auto open = open_bracket();
    if (declared.empty()) return complete_declaration();
    if (follows("in") || (open && is(*open, TokenKind::kLeftBracket) && word(*open - 1) == "in")) {
      return declared == "action" ? add_action_names() : add_entity_types();
    }
    if (open && is(*open, TokenKind::kLeftBracket)) {
      return word(*open - 1) == ":" ? add_entity_types() : void();
    }
    if (follows(TokenKind::kColon)) return complete_behind_colon(open);
    if (follows(TokenKind::kLess) || follows("tags")) return add_types();
    if (follows(TokenKind::kAssign)) return declared == "type" ? add_types() : void();
    if (is_applies_to(open)) return complete_applies_to();
    if (follows(TokenKind::kIdentifier) || follows(TokenKind::kString) ||
        follows(TokenKind::kRightBracket) || follows(TokenKind::kRightBrace)) {
      complete_tail(declared);
    }
  }

  bool is_applies_to(const std::optional<std::size_t>& open) const {
    return open && *open > 0 && is(*open, TokenKind::kLeftBrace) && word(*open - 1) == "appliesTo";
  }

  void complete_declaration() {
    static constexpr std::array<std::string_view, 4> kDeclarations = {"entity", "action", "type",
                                                                      "namespace"};
    items_.add_words(schema_words(), kDeclarations);
  }

  void complete_applies_to() {
    static constexpr std::array<std::string_view, 3> kParts = {"principal", "resource", "context"};
    items_.add_words(schema_words(), kParts);
  }

  void complete_behind_colon(const std::optional<std::size_t>& open) {
    if (!is_applies_to(open)) return add_types();
    if (word(at_ - 2) != "context") return add_entity_types();
    if (schema_ != nullptr) items_.add_common_types(*schema_);
  }

  void complete_tail(std::string_view declared) {
    static constexpr std::array<std::string_view, 4> kTails = {"enum", "tags", "in", "appliesTo"};
    if (declared == "entity") items_.add_words(schema_words(), std::span(kTails).first(3));
    if (declared == "action") items_.add_words(schema_words(), std::span(kTails).last(2));
  }

  void add_entity_types() {
    if (schema_ != nullptr) items_.add_entity_types(*schema_);
  }

  void add_action_names() {
    if (schema_ == nullptr) return;
    for (const cedar::ActionType& action : schema_->actions()) {
      const bool is_word = action.uid->type == "Action" && cedar::is_identifier(action.uid->id);
      items_.add({.label = is_word ? std::string(action.uid->id) : cedar::to_text(*action.uid),
                  .kind = ItemKind::kAction,
                  .documentation = doc_of(action.annotations)});
    }
  }

  void add_types() {
    add_entity_types();
    if (schema_ != nullptr) items_.add_common_types(*schema_);
    items_.add_words(builtin_types(), ItemKind::kEntityType);
  }

  std::string_view text_;
  const cedar::Schema* schema_;
  std::vector<Token> tokens_;
  std::size_t at_;  ///< the token that is being written
  Span replaced_;
  CompletionItems items_;
};

}  // namespace

Completions complete_schema(std::string_view text, std::uint32_t offset,
                            const cedar::Schema* schema) {
  return SchemaCompleter(text.substr(0, offset), schema).run();
}

}  // namespace wardlock::lsp
