#include "lsp/symbols.h"

#include <algorithm>
#include <utility>

#include "cedar/schema/schema.h"
#include "lsp/policy_outline.h"

namespace wardlock::lsp {
namespace {

std::string_view slice(std::string_view text, Span span) {
  return text.substr(span.begin, span.end - span.begin);
}

class SchemaOutliner {
 public:
  explicit SchemaOutliner(std::string_view text) : text_(text) {
    for (const cedar::Token& token : tokens_of(text)) {
      if (token.kind == cedar::TokenKind::kSemicolon) ends_.push_back(token.span.end);
    }
  }

  void add(const cedar::NamespaceSyntax& space, std::vector<Symbol>& symbols) const {
    std::vector<Symbol> inner;
    for (const cedar::EntitySyntax& entity : space.entities) {
      for (const cedar::NameSyntax& name : entity.names) {
        inner.push_back(declaration(name, "entity", Symbol::Kind::kEntityType));
        if (entity.shape) inner.back().children = attributes(*entity.shape);
      }
    }
    for (const cedar::ActionSyntax& action : space.actions) {
      for (const cedar::NameSyntax& name : action.ids) {
        inner.push_back(declaration(name, "action", Symbol::Kind::kAction));
      }
    }
    for (const cedar::CommonTypeSyntax& common : space.common_types) {
      inner.push_back(declaration(common.name, "type", Symbol::Kind::kCommonType));
      inner.back().children = attributes(common.type);
    }
    std::ranges::sort(inner, {}, [](const Symbol& symbol) { return symbol.whole.begin; });
    if (space.name.text.empty()) {
      std::ranges::move(inner, std::back_inserter(symbols));
      return;
    }
    Span whole = space.name.span;
    if (!inner.empty()) whole.end = std::max(whole.end, inner.back().whole.end);
    symbols.push_back({space.name.text, "namespace", Symbol::Kind::kNamespace, whole,
                       space.name.span, std::move(inner)});
  }

 private:
  /// From the name to the `;` that ends the declaration.
  Symbol declaration(const cedar::NameSyntax& name, std::string_view detail,
                     Symbol::Kind kind) const {
    const auto end = std::ranges::lower_bound(ends_, name.span.end);
    const Span whole{name.span.begin, end == ends_.end() ? name.span.end : *end};
    return {name.text, std::string(detail), kind, whole, name.span};
  }

  std::vector<Symbol> attributes(const cedar::TypeSyntax& type) const {
    std::vector<Symbol> symbols;
    for (const cedar::AttributeSyntax& attribute : type.attributes) {
      symbols.push_back({attribute.name,
                         std::string(slice(text_, attribute.type.span)),
                         Symbol::Kind::kAttribute,
                         {attribute.span.begin, attribute.type.span.end},
                         attribute.span});
      if (symbols.back().detail.size() > 80) symbols.back().detail = "";
    }
    return symbols;
  }

  std::string_view text_;
  std::vector<std::uint32_t> ends_;  ///< of declarations
};

}  // namespace

std::vector<Symbol> policy_symbols(std::string_view text) {
  std::vector<Symbol> symbols;
  const auto policies = outline_policies(text);
  for (std::size_t i = 0; i < policies.size(); ++i) {
    const PolicyOutline& policy = policies[i];
    if (!policy.effect) continue;
    const Span word = policy.id.value_or(*policy.effect);
    symbols.push_back({policy_name(text, policy, i), std::string(slice(text, *policy.effect)),
                       Symbol::Kind::kPolicy, policy.span, word});
  }
  return symbols;
}

std::vector<Symbol> schema_symbols(std::string_view text) {
  std::vector<Symbol> symbols;
  const auto syntax = cedar::parse_schema_syntax(text);
  if (!syntax) return symbols;
  const SchemaOutliner outliner(text);
  for (const cedar::NamespaceSyntax& space : syntax->namespaces) outliner.add(space, symbols);
  return symbols;
}

}  // namespace wardlock::lsp
