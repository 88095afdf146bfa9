#include "lsp/subject.h"

#include <fmt/format.h>

#include <algorithm>

#include "cedar/ast/names.h"
#include "cedar/extension/function.h"
#include "cedar/parser/strings.h"
#include "lsp/expr_type.h"
#include "lsp/language.h"

namespace wardlock::lsp {
namespace {

using cedar::Token;
using cedar::TokenKind;

/// A string token's meaning.
std::optional<std::string> string_value(const PolicyContext& policy, std::size_t token) {
  const std::string_view quoted = policy.word(token);
  auto value = cedar::unescape_string(quoted.substr(1, quoted.size() - 2));
  return value ? std::optional(*std::move(value)) : std::nullopt;
}

class SubjectFinder {
 public:
  SubjectFinder(const PolicyContext& policy, std::size_t token)
      : policy_(policy), token_(token), span_(policy.tokens()[token].span) {}

  std::optional<Subject> find() {
    if (policy_.is(token_, TokenKind::kSlot)) return named(Subject::Kind::kWord);
    if (policy_.is(token_, TokenKind::kString)) return find_string();
    if (!policy_.is(token_, TokenKind::kIdentifier)) return std::nullopt;
    if (before(TokenKind::kAt)) return named(Subject::Kind::kAnnotation);
    if (before(TokenKind::kColons) || after(TokenKind::kColons) || behind_is()) return find_path();
    if (const auto owner = policy_.owner_of(token_)) return find_member(*owner);
    return find_word();
  }

 private:
  bool before(TokenKind kind) const { return token_ > 0 && policy_.is(token_ - 1, kind); }
  bool after(TokenKind kind) const { return policy_.is(token_ + 1, kind); }
  bool behind_is() const { return token_ > 0 && policy_.word(token_ - 1) == "is"; }

  Subject named(Subject::Kind kind) const { return make(kind, std::string(policy_.word(token_))); }
  Subject make(Subject::Kind kind, std::string name) const {
    return {.kind = kind, .span = span_, .name = std::move(name), .attributes = {}, .types = {}};
  }

  std::optional<Subject> find_string() {
    const auto value = string_value(policy_, token_);
    if (!value) return std::nullopt;
    if (before(TokenKind::kColons)) return find_path();
    const auto owner = policy_.owner_of(token_);
    if (!owner) return std::nullopt;
    return attribute(*owner, *value);
  }

  std::optional<Subject> find_member(const std::string& owner) {
    if (!after(TokenKind::kLeftParen)) return attribute(owner, std::string(policy_.word(token_)));
    return named(Subject::Kind::kMethod);
  }

  Subject attribute(const std::string& owner, const std::string& name) {
    Subject subject = make(Subject::Kind::kAttribute, name);
    subject.attributes = find_attributes(policy_, owner, name);
    return subject;
  }

  /// `A::B`, alone or before an entity's id; all of it is one subject.
  std::optional<Subject> find_path() {
    std::size_t first = token_;
    while (first >= 2 && policy_.is(first - 1, TokenKind::kColons) &&
           policy_.is(first - 2, TokenKind::kIdentifier)) {
      first -= 2;
    }
    std::size_t last = token_;
    while (policy_.is(last, TokenKind::kIdentifier) && policy_.is(last + 1, TokenKind::kColons) &&
           policy_.is(last + 2, TokenKind::kIdentifier)) {
      last += 2;
    }
    const bool has_id =
        policy_.is(last + 1, TokenKind::kColons) && policy_.is(last + 2, TokenKind::kString);
    const std::size_t end = policy_.is(last, TokenKind::kString) ? last
                            : has_id                             ? last + 2
                                                                 : last + 1;
    std::string type;
    for (std::size_t i = first; i < end && policy_.is(i, TokenKind::kIdentifier); i += 2) {
      type += fmt::format("{}{}", type.empty() ? "" : "::", policy_.word(i));
    }
    const bool is_entity = policy_.is(end, TokenKind::kString);
    span_ = {policy_.tokens()[first].span.begin,
             policy_.tokens()[is_entity ? end : end - 1].span.end};
    if (!cedar::is_action_type(type)) return entity_type(type);
    const auto id = is_entity ? string_value(policy_, end) : std::nullopt;
    return id ? std::optional(action(type, *id)) : std::nullopt;
  }

  Subject entity_type(std::string name) {
    Subject subject = make(Subject::Kind::kEntityType, std::move(name));
    if (policy_.schema() != nullptr) {
      subject.entity_type = policy_.schema()->find_entity_type(subject.name);
    }
    return subject;
  }

  Subject action(std::string_view type, std::string_view id) {
    const cedar::EntityUid uid{type, id, cedar::hash_uid(type, id)};
    Subject subject = make(Subject::Kind::kAction, cedar::to_text(uid));
    if (policy_.schema() != nullptr) subject.action = policy_.schema()->find_action(uid);
    return subject;
  }

  std::optional<Subject> find_word() {
    const std::string_view word = policy_.word(token_);
    if (after(TokenKind::kColon)) return std::nullopt;  // the key of a record
    if (word == "principal" || word == "action" || word == "resource" || word == "context") {
      Subject subject = named(Subject::Kind::kVariable);
      subject.types = policy_.types_of(word);
      return subject;
    }
    if (after(TokenKind::kLeftParen) && !meaning(functions(), word).empty()) {
      return named(Subject::Kind::kFunction);
    }
    if (meaning(policy_words(), word).empty()) return std::nullopt;
    return named(Subject::Kind::kWord);
  }

  const PolicyContext& policy_;
  std::size_t token_;
  Span span_;
};

/// What has the attributes of a type, for people.
std::string owner_name(const cedar::Type& type, std::string_view expression) {
  return std::string(type.kind == cedar::Kind::kEntity ? type.entity_type : expression);
}

}  // namespace

std::vector<AttributeUse> find_attributes(const PolicyContext& policy, std::string_view expression,
                                          std::string_view name) {
  std::vector<AttributeUse> uses;
  for (const cedar::Type* type : policy.types_of(expression)) {
    const cedar::Type* record = attributes_of(*type, *policy.schema());
    const cedar::Attribute* found = record == nullptr ? nullptr : record->find_attribute(name);
    if (found != nullptr) uses.push_back({owner_name(*type, expression), found});
  }
  return uses;
}

std::optional<Subject> subject_of(const PolicyContext& policy, std::size_t token) {
  return SubjectFinder(policy, token).find();
}

std::optional<Subject> find_subject(const PolicyContext& policy, std::uint32_t offset) {
  const std::vector<Token>& tokens = policy.tokens();
  const auto after = std::ranges::upper_bound(tokens, offset, {},
                                              [](const Token& token) { return token.span.begin; });
  const auto behind = static_cast<std::size_t>(after - tokens.begin());
  // Directly behind a word is still at it, unless another one begins there.
  for (std::size_t i = behind; i-- > 0 && i + 2 >= behind;) {
    if (offset > tokens[i].span.end) break;
    if (auto subject = subject_of(policy, i)) return subject;
  }
  return std::nullopt;
}

std::vector<Span> declarations_of(const Subject& subject, const cedar::Schema& schema) {
  std::vector<Span> spans;
  const auto add = [&](Span span) {
    const auto is_it = [&](const Span& other) { return other.begin == span.begin; };
    if (std::ranges::none_of(spans, is_it)) spans.push_back(span);
  };
  if (subject.entity_type != nullptr) add(subject.entity_type->span);
  if (subject.action != nullptr) add(subject.action->span);
  for (const AttributeUse& use : subject.attributes) add(use.attribute->span);
  for (const cedar::Type* type : subject.types) {
    if (type->kind != cedar::Kind::kEntity) continue;
    if (const auto* entity = schema.find_entity_type(type->entity_type)) add(entity->span);
  }
  return spans;
}

}  // namespace wardlock::lsp
