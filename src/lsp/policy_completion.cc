#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "cedar/ast/names.h"
#include "lsp/completion.h"
#include "lsp/completion_items.h"
#include "lsp/expr_type.h"
#include "lsp/policy_context.h"
#include "lsp/policy_outline.h"

namespace wardlock::lsp {
namespace {

using cedar::Kind;
using cedar::TokenKind;
using cedar::Type;
using ItemKind = CompletionItem::Kind;

/// The beginning of the policy that the offset is in; the offset itself where none has begun.
std::uint32_t policy_begin(std::string_view text) {
  const auto policies = outline_policies(text);
  const bool has_begun =
      !policies.empty() && !text.substr(0, policies.back().span.end).ends_with(';');
  if (has_begun) return policies.back().span.begin;
  return policies.empty() ? 0 : policies.back().span.end;
}

class PolicyCompleter {
 public:
  /// `text` is the policy's up to the cursor, `next` the character behind it.
  PolicyCompleter(std::string_view text, char next, const cedar::Schema* schema)
      : text_(text), next_(next), schema_(schema), policy_(text, schema) {
    find_word();
  }

  Completions run() {
    const std::size_t last_end = policy_.tokens().empty() ? 0 : policy_.tokens().back().span.end;
    if (is_in_string_) {
      complete_string();
    } else if (!is_in_comment(text_, last_end, text_.size())) {
      complete();
    }
    return {replaced_, items_.take()};
  }

 private:
  /// What has been written of the word at the cursor.
  void find_word() {
    const auto& tokens = policy_.tokens();
    const auto end = static_cast<std::uint32_t>(text_.size());
    at_ = tokens.size();
    replaced_ = {end, end};
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      if (tokens[i].kind != TokenKind::kInvalid || policy_.word(i) != "\"") continue;
      at_ = i;
      replaced_.begin = tokens[i].span.end;
      is_in_string_ = true;
      return;
    }
    if (tokens.empty() || tokens.back().span.end != end) return;
    const TokenKind kind = tokens.back().kind;
    if (kind == TokenKind::kIdentifier || kind == TokenKind::kSlot ||
        kind == TokenKind::kQuestion) {
      at_ = tokens.size() - 1;
      replaced_ = tokens.back().span;
    }
  }

  bool follows(TokenKind kind) const { return at_ > 0 && policy_.is(at_ - 1, kind); }
  bool follows(std::string_view word) const { return at_ > 0 && policy_.word(at_ - 1) == word; }

  void complete_string() {
    const bool is_old = policy_.slice(replaced_).find_first_of("\r\n") != std::string_view::npos;
    if (is_old) return;  // it began lines ago, and was left open
    if (follows(TokenKind::kColons)) return add_ids(path_before(at_ - 1), true);
    if (const auto owner = policy_.owner_of(at_)) add_attributes(*owner, true);
  }

  void complete() {
    if (follows(TokenKind::kAt))
      return items_.add_words(policy_annotations(), ItemKind::kAnnotation);
    if (follows(TokenKind::kDot)) {
      const auto owner = policy_.owner_of(at_);
      return owner ? add_members(*owner) : void();
    }
    if (follows(TokenKind::kColons)) return complete_path(path_before(at_ - 1));
    if (follows("has")) {
      const auto owner = policy_.owner_of(at_);
      return owner ? add_attributes(*owner, false) : void();
    }
    if (follows("is")) return add_entity_types("");
    if (!policy_.is_behind_effect(at_)) return complete_beginning();
    if (const auto part = policy_.scope_part(at_)) return complete_scope(*part);
    if (!policy_.is_behind_scope(at_)) return;
    if (is_in_condition()) return complete_expression();
    static constexpr std::array<std::string_view, 2> kClauses = {"when", "unless"};
    items_.add_words(policy_words(), kClauses);
  }

  void complete_beginning() {
    if (at_ > 0 && !policy_.ends_operand(at_) && !follows(TokenKind::kRightParen)) return;
    static constexpr std::array<std::string_view, 2> kEffects = {"permit", "forbid"};
    items_.add_words(policy_words(), kEffects);
  }

  void complete_scope(PolicyContext::ScopePart part) {
    static constexpr std::array<std::string_view, 3> kVariables = {"principal", "action",
                                                                   "resource"};
    const auto number = static_cast<std::size_t>(part);
    const std::string_view variable = kVariables.at(number);
    const bool is_action = part == PolicyContext::ScopePart::kAction;
    const bool is_first = !policy_.scope_part(at_ - 1) || policy_.scope_part(at_ - 1) != part;
    if (is_first) return items_.add_words(policy_words(), std::span(kVariables).subspan(number, 1));
    if (follows(variable) || policy_.ends_operand(at_)) {
      static constexpr std::array<std::string_view, 2> kOperators = {"in", "is"};
      return items_.add_words(policy_words(), std::span(kOperators).first(is_action ? 1 : 2));
    }
    if (is_action) return add_actions();
    static constexpr std::array<std::string_view, 2> kSlots = {"?principal", "?resource"};
    items_.add_words(policy_words(), std::span(kSlots).subspan(number / 2, 1), ItemKind::kVariable);
    add_entity_types("::");
  }

  bool is_in_condition() const {
    int depth = 0;
    for (std::size_t i = 0; i < at_; ++i) {
      if (!policy_.is_behind_scope(i)) continue;
      depth += policy_.is(i, TokenKind::kLeftBrace) ? 1 : 0;
      depth -= policy_.is(i, TokenKind::kRightBrace) ? 1 : 0;
    }
    return depth > 0;
  }

  void complete_expression() {
    if (policy_.ends_operand(at_)) {
      static constexpr std::array<std::string_view, 6> kInfix = {"has",  "in",   "is",
                                                                 "like", "then", "else"};
      return items_.add_words(policy_words(), kInfix);
    }
    add_compared_entities();
    static constexpr std::array<std::string_view, 7> kFirst = {
        "principal", "action", "resource", "context", "if", "true", "false"};
    items_.add_words(policy_words(), std::span(kFirst).first(4), ItemKind::kVariable);
    items_.add_words(policy_words(), std::span(kFirst).subspan(4));
    items_.add_words(functions(), ItemKind::kFunction);
    add_entity_types("::");
  }

  /// Behind `action ==`, `action in [`: actions; behind an enumerated type's value: its entities.
  void add_compared_entities() {
    if (schema_ == nullptr) return;
    std::size_t at = at_;
    while (at > 0 && !policy_.is(at - 1, TokenKind::kEqual) &&
           !policy_.is(at - 1, TokenKind::kNotEqual) && policy_.word(at - 1) != "in") {
      const bool is_list =
          policy_.is(at - 1, TokenKind::kLeftBracket) || policy_.is(at - 1, TokenKind::kComma) ||
          policy_.is(at - 1, TokenKind::kString) || policy_.is(at - 1, TokenKind::kColons) ||
          policy_.is(at - 1, TokenKind::kIdentifier);
      if (!is_list) return;
      --at;
    }
    if (at == 0) return;
    const auto start = policy_.operand_before(at - 1);
    if (!start) return;
    const Span left{policy_.tokens()[*start].span.begin, policy_.tokens()[at - 2].span.end};
    for (const Type* type : policy_.types_of(policy_.slice(left))) {
      if (type->kind != Kind::kEntity) continue;
      if (cedar::is_action_type(type->entity_type)) return add_actions();
      const cedar::EntityType* entity = schema_->find_entity_type(type->entity_type);
      if (entity != nullptr) add_enumerated(*entity);
    }
  }

  void add_enumerated(const cedar::EntityType& type) {
    for (const std::string_view id : type.enum_ids) {
      items_.add(
          {.label = fmt::format("{}::{}", type.name, cedar::quote(id)), .kind = ItemKind::kEntity});
    }
  }

  void add_actions() {
    if (schema_ != nullptr) items_.add_actions(*schema_);
  }

  void add_entity_types(std::string_view suffix) {
    if (schema_ != nullptr) items_.add_entity_types(*schema_, suffix);
  }

  /// `A::B` before the `::` at `colons`.
  std::string path_before(std::size_t colons) const {
    std::string path;
    while (colons > 0 && policy_.is(colons, TokenKind::kColons) &&
           policy_.is(colons - 1, TokenKind::kIdentifier)) {
      path = fmt::format("{}{}{}", policy_.word(colons - 1), path.empty() ? "" : "::", path);
      if (colons < 2) break;
      colons -= 2;
    }
    return path;
  }

  void complete_path(const std::string& path) {
    add_ids(path, false);
    if (schema_ == nullptr) return;
    const std::string prefix = path + "::";
    std::set<std::string_view> rest;
    for (const cedar::EntityType& type : schema_->entity_types()) {
      if (type.name.starts_with(prefix)) rest.insert(type.name.substr(prefix.size()));
    }
    for (const cedar::ActionType& action : schema_->actions()) {
      if (action.uid->type.starts_with(prefix)) rest.insert(action.uid->type.substr(prefix.size()));
    }
    for (const std::string_view name : rest) {
      items_.add({.label = std::string(name), .kind = ItemKind::kEntityType});
    }
  }

  /// The ids that entities of the type have, where the schema knows them.
  void add_ids(const std::string& type, bool is_quoted) {
    if (schema_ == nullptr) return;
    const auto add = [&](std::string_view id, ItemKind kind, std::string detail, std::string doc) {
      items_.add({.label = std::string(id),
                  .kind = kind,
                  .detail = std::move(detail),
                  .documentation = std::move(doc),
                  .insert = is_quoted ? in_quotes(id) : cedar::quote(id)});
    };
    for (const cedar::ActionType& action : schema_->actions()) {
      if (action.uid->type != type) continue;
      add(action.uid->id, ItemKind::kAction, applies_to_text(action), doc_of(action.annotations));
    }
    const cedar::EntityType* entity = schema_->find_entity_type(type);
    if (entity == nullptr) return;
    for (const std::string_view id : entity->enum_ids) add(id, ItemKind::kEntity, type, "");
  }

  /// The text inside quotes of which the first has been written.
  std::string in_quotes(std::string_view text) const {
    const std::string quoted = cedar::quote(text);
    return quoted.substr(1, quoted.size() - (next_ == '"' ? 2 : 1));
  }

  void add_members(const std::string& owner) {
    add_attributes(owner, false);
    std::set<Kind> kinds;
    for (const Type* type : policy_.types_of(owner)) kinds.insert(type->kind);
    for (const Method& method : methods()) {
      if (schema_ != nullptr && !kinds.contains(method.receiver)) continue;
      items_.add({.label = std::string(method.word.name),
                  .kind = ItemKind::kMethod,
                  .detail = std::string(method.signature),
                  .documentation = std::string(method.word.meaning)});
    }
  }

  void add_attributes(const std::string& owner, bool is_quoted) {
    struct Found {
      std::set<std::string> types;
      std::set<std::string_view> owners;
      bool is_required = true;
      std::string doc;
    };
    std::map<std::string_view, Found> attributes;
    for (const Type* type : policy_.types_of(owner)) {
      const Type* record = attributes_of(*type, *schema_);
      if (record == nullptr) continue;
      for (const cedar::Attribute& attribute : record->attributes) {
        Found& found = attributes[attribute.name];
        found.types.insert(schema_text(*attribute.type));
        found.is_required = found.is_required && attribute.is_required;
        if (type->kind == Kind::kEntity) found.owners.insert(type->entity_type);
        if (found.doc.empty()) found.doc = doc_of(attribute.annotations);
      }
    }
    for (const auto& [name, found] : attributes) {
      const bool is_word = cedar::is_identifier(name);
      if (!is_quoted && !is_word && follows(TokenKind::kDot)) continue;
      std::string detail = fmt::format("{}{}", fmt::join(found.types, " or "),
                                       found.is_required ? "" : " (optional)");
      if (!found.owners.empty()) detail += fmt::format(", of {}", fmt::join(found.owners, ", "));
      items_.add({.label = std::string(name),
                  .kind = ItemKind::kAttribute,
                  .detail = std::move(detail),
                  .documentation = found.doc,
                  .insert = is_quoted ? in_quotes(name)
                            : is_word ? ""
                                      : cedar::quote(name)});
    }
  }

  std::string_view text_;
  char next_;
  const cedar::Schema* schema_;
  PolicyContext policy_;
  std::size_t at_ = 0;  ///< the token that is being written
  Span replaced_;
  bool is_in_string_ = false;
  CompletionItems items_;
};

}  // namespace

Completions complete_policy(std::string_view text, std::uint32_t offset,
                            const cedar::Schema* schema) {
  const std::string_view before = text.substr(0, offset);
  const std::uint32_t begin = policy_begin(before);
  const char next = offset < text.size() ? text[offset] : '\0';
  Completions completions = PolicyCompleter(before.substr(begin), next, schema).run();
  completions.replaced.begin += begin;
  completions.replaced.end += begin;
  return completions;
}

}  // namespace wardlock::lsp
