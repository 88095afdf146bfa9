#include "lsp/navigation.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <set>
#include <utility>

#include "cedar/parser/strings.h"
#include "lsp/policy_outline.h"

namespace wardlock::lsp {
namespace {

using cedar::Token;
using cedar::TokenKind;

std::string_view slice(std::string_view text, Span span) {
  return text.substr(span.begin, span.end - span.begin);
}

/// The last part of `A::B`, which is what a token can be.
std::string_view last_part(std::string_view name) {
  const std::size_t separator = name.rfind("::");
  return separator == std::string_view::npos ? name : name.substr(separator + 2);
}

/// What a token says: a word, or a string's meaning.
std::string meaning_of(std::string_view text, const Token& token) {
  const std::string_view word = slice(text, token.span);
  if (token.kind != TokenKind::kString) return std::string(word);
  return cedar::unescape_string(word.substr(1, word.size() - 2)).value_or("");
}

/// Finds the references in one policy, which is looked at closely only if it has a word in
/// question.
class ReferenceFinder {
 public:
  ReferenceFinder(const FolderSchema& schema, const std::vector<std::uint32_t>& declared_at)
      : schema_(schema), declared_at_(declared_at) {
    for (const std::uint32_t place : declared_at) {
      names_.insert(std::string(last_part(declared_name(schema, place))));
    }
  }

  void find(std::string_view text, std::uint32_t begin, std::vector<Span>& found) const {
    std::unique_ptr<PolicyContext> policy;
    const auto tokens = tokens_of(text);
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      const bool is_word =
          tokens[i].kind == TokenKind::kIdentifier || tokens[i].kind == TokenKind::kString;
      if (!is_word || !names_.contains(meaning_of(text, tokens[i]))) continue;
      if (policy == nullptr) policy = std::make_unique<PolicyContext>(text, schema_.schema());
      const auto subject = subject_of(*policy, i);
      if (subject && is_wanted(*subject)) {
        found.push_back({begin + subject->span.begin, begin + subject->span.end});
      }
    }
  }

 private:
  bool is_wanted(const Subject& subject) const {
    if (subject.kind == Subject::Kind::kVariable) return false;
    return std::ranges::any_of(declarations_of(subject, *schema_.schema()), [&](const Span& span) {
      return std::ranges::find(declared_at_, span.begin) != declared_at_.end();
    });
  }

  const FolderSchema& schema_;
  const std::vector<std::uint32_t>& declared_at_;
  std::set<std::string> names_;
};

/// The declaration that a word at the offset names, in a text that the schema was not made of.
std::optional<std::uint32_t> find_by_name(const FolderSchema& schema, std::string_view text,
                                          std::uint32_t offset) {
  for (const Token& token : tokens_of(text)) {
    if (offset < token.span.begin || offset > token.span.end) continue;
    if (token.kind != TokenKind::kIdentifier && token.kind != TokenKind::kString) continue;
    const std::string name = meaning_of(text, token);
    for (const Mention& mention : schema.mentions()) {
      const bool is_attribute = schema.attribute_at(mention.declared_at) != nullptr;
      if (is_attribute || mention.declared_at != mention.span.begin) continue;
      if (last_part(declared_name(schema, mention.declared_at)) == name) return mention.declared_at;
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<FoundSubject> subject_at(std::string_view text, std::uint32_t offset,
                                       const cedar::Schema* schema) {
  const auto policies = outline_policies(text);
  const PolicyOutline* policy = policy_at(policies, offset);
  if (policy == nullptr) return std::nullopt;
  const std::uint32_t begin = policy->span.begin;
  auto context = std::make_unique<PolicyContext>(slice(text, policy->span), schema);
  auto subject = find_subject(*context, offset - begin);
  if (!subject) return std::nullopt;
  const Span span{subject->span.begin + begin, subject->span.end + begin};
  return FoundSubject{std::move(context), *std::move(subject), span};
}

std::optional<std::uint32_t> declaration_at(const FolderSchema& schema, const SchemaFile& file,
                                            std::string_view text, std::uint32_t offset) {
  if (file.document.text() != text) return find_by_name(schema, text, offset);
  const Mention* mention = schema.mention_at(schema.offset_in_whole(file, offset));
  return mention == nullptr ? std::nullopt : std::optional(mention->declared_at);
}

std::vector<Span> references_in(std::string_view text, const FolderSchema& schema,
                                const std::vector<std::uint32_t>& declared_at) {
  std::vector<Span> found;
  const ReferenceFinder finder(schema, declared_at);
  for (const PolicyOutline& policy : outline_policies(text)) {
    finder.find(slice(text, policy.span), policy.span.begin, found);
  }
  // `A::B` has two tokens of which each may be a candidate.
  const auto same = [](const Span& a, const Span& b) { return a.begin == b.begin; };
  found.erase(std::ranges::unique(found, same).begin(), found.end());
  return found;
}

std::string_view declared_name(const FolderSchema& schema, std::uint32_t declared_at) {
  if (const auto* type = schema.entity_type_at(declared_at)) return type->name;
  if (const auto* action = schema.action_at(declared_at)) return action->uid->id;
  if (const auto* common = schema.common_type_at(declared_at)) return common->name;
  if (const auto* attribute = schema.attribute_at(declared_at)) return attribute->name;
  return "";
}

Span declaration_span(const FolderSchema& schema, std::uint32_t declared_at) {
  const Mention* mention = schema.mention_at(declared_at);
  return mention == nullptr ? Span{declared_at, declared_at} : mention->span;
}

}  // namespace wardlock::lsp
