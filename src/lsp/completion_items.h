#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cedar/schema/schema.h"
#include "lsp/completion.h"
#include "lsp/language.h"

namespace wardlock::lsp {

/// Collects what can be completed, each label once.
class CompletionItems {
 public:
  void add(CompletionItem item);
  void add_words(std::span<const Word> words, CompletionItem::Kind kind);
  /// Only those of the names.
  void add_words(std::span<const Word> words, std::span<const std::string_view> names,
                 CompletionItem::Kind kind = CompletionItem::Kind::kKeyword);
  /// `suffix` is inserted behind the name.
  void add_entity_types(const cedar::Schema& schema, std::string_view suffix = "");
  void add_common_types(const cedar::Schema& schema);
  /// As `Action::"view"`.
  void add_actions(const cedar::Schema& schema);

  std::vector<CompletionItem> take() { return std::move(items_); }

 private:
  std::vector<CompletionItem> items_;
};

/// The text of `@doc`, or an empty one.
std::string doc_of(std::span<const cedar::Annotation> annotations);

/// `User, Service → Patient`: who can ask for the action, on what.
std::string applies_to_text(const cedar::ActionType& action);

/// Whether the offset, behind the last token's end, is in a comment.
bool is_in_comment(std::string_view text, std::size_t last_token_end, std::size_t offset);

}  // namespace wardlock::lsp
