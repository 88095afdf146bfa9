#include "lsp/schema_mentions.h"

#include <algorithm>
#include <optional>
#include <string>
#include <unordered_map>

#include "cedar/schema/declared_names.h"
#include "crypto/seeded_hash.h"

namespace wardlock::lsp {
namespace {

using cedar::TypeSyntax;

class MentionFinder {
 public:
  MentionFinder(const cedar::SchemaSyntax& syntax, const cedar::Schema& schema)
      : names_(syntax, ignored_), schema_(schema) {
    for (const cedar::CommonType& common : schema.common_types()) {
      commons_.emplace(common.name, common.span);
    }
    for (const cedar::NamespaceSyntax& space : syntax.namespaces) visit(space);
    std::ranges::sort(mentions_, {}, [](const Mention& mention) { return mention.span.begin; });
  }

  std::vector<Mention> take() { return std::move(mentions_); }

 private:
  void visit(const cedar::NamespaceSyntax& space) {
    space_ = space.name.text;
    for (const cedar::CommonTypeSyntax& common : space.common_types) {
      declare(common.name.span);
      visit(common.type);
    }
    for (const cedar::EntitySyntax& entity : space.entities) visit(entity);
    for (const cedar::ActionSyntax& action : space.actions) visit(action);
  }

  void visit(const cedar::EntitySyntax& entity) {
    for (const cedar::NameSyntax& name : entity.names) declare(name.span);
    mention_entities(entity.member_of);
    if (entity.shape) visit(*entity.shape);
    if (entity.tags) visit(*entity.tags);
  }

  void visit(const cedar::ActionSyntax& action) {
    for (const cedar::NameSyntax& id : action.ids) declare(id.span);
    for (const cedar::ActionReferenceSyntax& group : action.member_of) mention_action(group);
    if (!action.applies_to) return;
    mention_entities(action.applies_to->principals);
    mention_entities(action.applies_to->resources);
    if (action.applies_to->context) visit(*action.applies_to->context);
  }

  void visit(const TypeSyntax& type) {
    for (const TypeSyntax& element : type.element) visit(element);
    for (const cedar::AttributeSyntax& attribute : type.attributes) {
      declare(attribute.span);
      visit(attribute.type);
    }
    switch (type.form) {
      case TypeSyntax::Form::kName:
        if (const auto found = names_.find_type(space_, type.name)) {
          if (found->is_common) {
            mention_common(type.span, found->full_name);
          } else {
            mention_entity(type.span, found->full_name);
          }
        }
        break;
      case TypeSyntax::Form::kCommonName:
        if (const auto found = names_.find_common(space_, type.name)) {
          mention_common(type.span, *found);
        }
        break;
      case TypeSyntax::Form::kEntityName:
        if (const auto found = names_.find_entity(space_, type.name)) {
          mention_entity(type.span, *found);
        }
        break;
      default: break;
    }
  }

  void mention_entities(const std::vector<cedar::NameSyntax>& names) {
    for (const cedar::NameSyntax& name : names) {
      if (const auto found = names_.find_entity(space_, name.text)) {
        mention_entity(name.span, *found);
      }
    }
  }

  void mention_entity(Span span, std::string_view full_name) {
    if (const auto* type = schema_.find_entity_type(full_name)) add(span, type->span);
  }

  void mention_common(Span span, const std::string& full_name) {
    if (const auto it = commons_.find(full_name); it != commons_.end()) add(span, it->second);
  }

  void mention_action(const cedar::ActionReferenceSyntax& reference) {
    const auto type = names_.find_action(space_, reference.type, reference.id);
    if (!type) return;
    const cedar::EntityUid uid{*type, reference.id, cedar::hash_uid(*type, reference.id)};
    if (const auto* action = schema_.find_action(uid)) add(reference.span, action->span);
  }

  void declare(Span span) { add(span, span); }
  void add(Span span, Span declaration) { mentions_.push_back({span, declaration.begin}); }

  Diagnostics ignored_;
  cedar::DeclaredNames names_;
  const cedar::Schema& schema_;
  std::string space_;
  std::unordered_map<std::string_view, Span, crypto::SeededHash> commons_;
  std::vector<Mention> mentions_;
};

}  // namespace

std::vector<Mention> find_mentions(const cedar::SchemaSyntax& syntax, const cedar::Schema& schema) {
  return MentionFinder(syntax, schema).take();
}

}  // namespace wardlock::lsp
