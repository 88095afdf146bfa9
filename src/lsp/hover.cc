#include "lsp/hover.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <vector>

#include "cedar/ast/names.h"
#include "lsp/completion_items.h"
#include "lsp/expr_type.h"
#include "lsp/language.h"
#include "lsp/policy_outline.h"

namespace wardlock::lsp {
namespace {

std::string code_block(std::string_view text) {
  return fmt::format("```cedarschema\n{}\n```", text);
}

/// The head, and below it what was written for readers.
std::string with_doc(const std::string& head, std::string_view doc) {
  return doc.empty() ? head : fmt::format("{}\n\n{}", head, doc);
}

std::string attribute_text(const cedar::Attribute& attribute) {
  const std::string name = cedar::is_identifier(attribute.name) ? std::string(attribute.name)
                                                                : cedar::quote(attribute.name);
  return fmt::format("{}{}: {}", name, attribute.is_required ? "" : "?",
                     schema_text(*attribute.type));
}

std::string attribute_notes(const cedar::Attribute& attribute) {
  std::string notes = doc_of(attribute.annotations);
  const auto add = [&](std::string_view note) {
    notes += fmt::format("{}{}", notes.empty() ? "" : "\n\n", note);
  };
  if (cedar::find_annotation(attribute.annotations, "source") == "request") {
    add("The application that asks knows the value (`@source(\"request\")`).");
  }
  if (!attribute.is_required) add("It may be absent: test with `has` first.");
  return notes;
}

std::string describe_type(const cedar::EntityType& type) {
  std::string text = fmt::format("entity {}", type.name);
  if (type.is_enumerated()) {
    text += fmt::format(" enum [\"{}\"]", fmt::join(type.enum_ids, "\", \""));
  }
  if (!type.parents.empty()) text += fmt::format(" in [{}]", fmt::join(type.parents, ", "));
  if (!type.shape->attributes.empty()) text += fmt::format(" = {}", schema_text(*type.shape));
  if (type.tags != nullptr) text += fmt::format(" tags {}", schema_text(*type.tags));
  return with_doc(code_block(text), doc_of(type.annotations));
}

std::string describe_action(const cedar::ActionType& action) {
  std::string text = fmt::format("action {}", cedar::quote(action.uid->id));
  if (!action.parents.empty()) {
    std::vector<std::string> groups;
    for (const cedar::EntityUid* group : action.parents) groups.push_back(cedar::quote(group->id));
    text += fmt::format(" in [{}]", fmt::join(groups, ", "));
  }
  if (!action.principals.empty()) {
    text += fmt::format(" appliesTo {{\n  principal: [{}],\n  resource: [{}],\n  context: {},\n}}",
                        fmt::join(action.principals, ", "), fmt::join(action.resources, ", "),
                        schema_text(*action.context));
  }
  return with_doc(code_block(text), doc_of(action.annotations));
}

std::string describe_attribute(const Subject& subject) {
  std::vector<std::string> parts;
  std::set<std::uint32_t> seen;  // one declaration may be many types'
  for (const AttributeUse& use : subject.attributes) {
    if (!seen.insert(use.attribute->span.begin).second) continue;
    parts.push_back(
        with_doc(code_block(fmt::format("{} // of {}", attribute_text(*use.attribute), use.owner)),
                 attribute_notes(*use.attribute)));
  }
  return fmt::format("{}", fmt::join(parts, "\n\n"));
}

std::string describe_variable(const Subject& subject) {
  std::set<std::string> types;
  for (const cedar::Type* type : subject.types) types.insert(schema_text(*type));
  const std::string_view what = meaning(policy_words(), subject.name);
  if (types.empty()) return std::string(what);
  return with_doc(code_block(fmt::format("{}: {}", subject.name, fmt::join(types, " or "))), what);
}

std::string describe_annotation(const Subject& subject) {
  const std::string key = subject.name.starts_with("x_") ? "x_" : subject.name;
  return std::string(meaning(policy_annotations(), key));
}

std::string describe_method(const Subject& subject) {
  const auto it = std::ranges::find(methods(), subject.name,
                                    [](const Method& method) { return method.word.name; });
  if (it == methods().end()) return "";
  return with_doc(code_block(it->signature), it->word.meaning);
}

}  // namespace

std::string describe(const Subject& subject) {
  switch (subject.kind) {
    case Subject::Kind::kAttribute: return describe_attribute(subject);
    case Subject::Kind::kEntityType:
      return subject.entity_type == nullptr ? "" : describe_type(*subject.entity_type);
    case Subject::Kind::kAction:
      return subject.action == nullptr ? "" : describe_action(*subject.action);
    case Subject::Kind::kVariable: return describe_variable(subject);
    case Subject::Kind::kMethod: return describe_method(subject);
    case Subject::Kind::kFunction: return std::string(meaning(functions(), subject.name));
    case Subject::Kind::kAnnotation: return describe_annotation(subject);
    case Subject::Kind::kWord: return std::string(meaning(policy_words(), subject.name));
  }
  return "";
}

std::string describe(const FolderSchema& schema, std::uint32_t declared_at) {
  if (const auto* type = schema.entity_type_at(declared_at)) return describe_type(*type);
  if (const auto* action = schema.action_at(declared_at)) return describe_action(*action);
  if (const auto* common = schema.common_type_at(declared_at)) {
    return with_doc(
        code_block(fmt::format("type {} = {}", common->name, schema_text(*common->type))),
        doc_of(common->annotations));
  }
  if (const auto* attribute = schema.attribute_at(declared_at)) {
    return with_doc(code_block(attribute_text(*attribute)), attribute_notes(*attribute));
  }
  return "";
}

std::string describe_schema_word(std::string_view text, std::uint32_t offset) {
  bool is_key = false;
  for (const cedar::Token& token : tokens_of(text)) {
    if (offset >= token.span.begin && offset <= token.span.end &&
        token.kind == cedar::TokenKind::kIdentifier) {
      const std::string_view word =
          text.substr(token.span.begin, token.span.end - token.span.begin);
      if (is_key) return std::string(meaning(schema_annotations(), word));
      const std::string_view type = meaning(builtin_types(), word);
      return std::string(type.empty() ? meaning(schema_words(), word) : type);
    }
    is_key = token.kind == cedar::TokenKind::kAt;
  }
  return "";
}

}  // namespace wardlock::lsp
