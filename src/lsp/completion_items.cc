#include "lsp/completion_items.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "lsp/expr_type.h"

namespace wardlock::lsp {

void CompletionItems::add(CompletionItem item) { items_.push_back(std::move(item)); }

void CompletionItems::add_words(std::span<const Word> words, CompletionItem::Kind kind) {
  for (const Word& word : words) {
    add({.label = std::string(word.name),
         .kind = kind,
         .documentation = std::string(word.meaning)});
  }
}

void CompletionItems::add_words(std::span<const Word> words,
                                std::span<const std::string_view> names,
                                CompletionItem::Kind kind) {
  for (const std::string_view name : names) {
    add({.label = std::string(name),
         .kind = kind,
         .documentation = std::string(meaning(words, name))});
  }
}

void CompletionItems::add_entity_types(const cedar::Schema& schema, std::string_view suffix) {
  for (const cedar::EntityType& type : schema.entity_types()) {
    add({.label = std::string(type.name),
         .kind = CompletionItem::Kind::kEntityType,
         .detail = type.is_enumerated() ? "enumerated entity type" : "entity type",
         .documentation = doc_of(type.annotations),
         .insert = fmt::format("{}{}", type.name, suffix)});
  }
}

void CompletionItems::add_common_types(const cedar::Schema& schema) {
  for (const cedar::CommonType& common : schema.common_types()) {
    add({.label = std::string(common.name),
         .kind = CompletionItem::Kind::kEntityType,
         .detail = schema_text(*common.type),
         .documentation = doc_of(common.annotations)});
  }
}

void CompletionItems::add_actions(const cedar::Schema& schema) {
  for (const cedar::ActionType& action : schema.actions()) {
    add({.label = cedar::to_text(*action.uid),
         .kind = CompletionItem::Kind::kAction,
         .detail = applies_to_text(action),
         .documentation = doc_of(action.annotations)});
  }
}

std::string doc_of(std::span<const cedar::Annotation> annotations) {
  return std::string(cedar::find_annotation(annotations, "doc").value_or(""));
}

std::string applies_to_text(const cedar::ActionType& action) {
  if (action.principals.empty()) return "group of actions";
  return fmt::format("{} → {}", fmt::join(action.principals, ", "),
                     fmt::join(action.resources, ", "));
}

bool is_in_comment(std::string_view text, std::size_t last_token_end, std::size_t offset) {
  const std::string_view blank = text.substr(last_token_end, offset - last_token_end);
  const std::size_t line = blank.find_last_of("\r\n");
  return blank.substr(line == std::string_view::npos ? 0 : line).contains("//");
}

}  // namespace wardlock::lsp
