#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "cedar/ast/names.h"
#include "cedar/parser/strings.h"
#include "cedar/parser/token_stream.h"
#include "cedar/schema/schema.h"

namespace wardlock::cedar {
namespace {

/// A diagnostic has been written; the declaration cannot be continued.
struct Stopped {};
template <typename T>
using Step = std::expected<T, Stopped>;

std::string_view describe(TokenKind kind) {
  switch (kind) {
    case TokenKind::kAt: return "`@`";
    case TokenKind::kComma: return "`,`";
    case TokenKind::kSemicolon: return "`;`";
    case TokenKind::kColon: return "`:`";
    case TokenKind::kLeftParen: return "`(`";
    case TokenKind::kRightParen: return "`)`";
    case TokenKind::kLeftBrace: return "`{`";
    case TokenKind::kRightBrace: return "`}`";
    case TokenKind::kLeftBracket: return "`[`";
    case TokenKind::kRightBracket: return "`]`";
    case TokenKind::kLess: return "`<`";
    case TokenKind::kGreater: return "`>`";
    case TokenKind::kAssign: return "`=`";
    case TokenKind::kString: return "a string";
    default: return "an identifier";
  }
}

class SchemaTextParser {
 public:
  SchemaTextParser(std::string_view text, const SchemaLimits& limits)
      : tokens_(text, limits.max_diagnostics), limits_(limits) {}

  Parsed<SchemaSyntax> run() {
    schema_.namespaces.emplace_back();  // what stands outside all namespaces
    while (!at(TokenKind::kEnd) && !tokens_.is_full()) {
      if (!parse_top_level()) recover(0);
    }
    NamespaceSyntax& outside = schema_.namespaces.front();
    if (outside.entities.empty() && outside.actions.empty() && outside.common_types.empty()) {
      schema_.namespaces.erase(schema_.namespaces.begin());
    }
    if (!tokens_.diagnostics().empty()) return std::unexpected(tokens_.take_diagnostics());
    return std::move(schema_);
  }

 private:
  // Tokens.

  bool at(TokenKind kind) const { return tokens_.at(kind); }
  bool at_word(std::string_view word) const { return tokens_.at_word(word); }
  Span here() const { return tokens_.peek().span; }

  Token take() {
    if (at(TokenKind::kLeftBrace)) ++braces_;
    if (at(TokenKind::kRightBrace) && braces_ > 0) --braces_;
    return tokens_.advance();
  }
  bool take_if(TokenKind kind) { return at(kind) && (take(), true); }
  bool take_word(std::string_view word) { return at_word(word) && (take(), true); }

  std::unexpected<Stopped> stop(std::string message, Span place, std::string help = "") {
    tokens_.report(place, std::move(message), std::move(help));
    return std::unexpected(Stopped{});
  }

  std::unexpected<Stopped> stop_at_token(std::string_view expected) {
    tokens_.unexpected(expected);
    return std::unexpected(Stopped{});
  }

  Step<Token> expect(TokenKind kind) {
    if (!at(kind)) return stop_at_token(describe(kind));
    return take();
  }

  /// Goes to the end of the declaration in which parsing stopped.
  void recover(std::size_t outer_braces) {
    while (!at(TokenKind::kEnd)) {
      if (at(TokenKind::kRightBrace) && braces_ <= outer_braces) {
        if (outer_braces == 0) take();
        return;
      }
      if (take().kind == TokenKind::kSemicolon) {
        braces_ = outer_braces;
        return;
      }
    }
  }

  // Declarations.

  Step<void> parse_top_level() {
    auto annotations = TRY(parse_annotations());
    if (at_word("namespace")) return parse_namespace(std::move(annotations));
    return parse_declaration(schema_.namespaces.front(), std::move(annotations));
  }

  Step<void> parse_namespace(std::vector<AnnotationSyntax> annotations) {
    take();
    NamespaceSyntax space;
    space.name = TRY(parse_path());
    space.annotations = std::move(annotations);
    if (std::ranges::any_of(schema_.namespaces, [&](const NamespaceSyntax& other) {
          return other.name.text == space.name.text;
        })) {
      return stop(fmt::format("the namespace `{}` occurs twice", space.name.text), space.name.span,
                  "put all its declarations in one block");
    }
    TRY_VOID(expect(TokenKind::kLeftBrace));
    while (!at(TokenKind::kRightBrace) && !at(TokenKind::kEnd) && !tokens_.is_full()) {
      if (!parse_inner_declaration(space)) recover(1);
    }
    TRY_VOID(expect(TokenKind::kRightBrace));
    schema_.namespaces.push_back(std::move(space));
    if (at(TokenKind::kSemicolon)) {
      return stop("no `;` follows a namespace", take().span, "remove it");
    }
    return {};
  }

  Step<void> parse_inner_declaration(NamespaceSyntax& space) {
    auto annotations = TRY(parse_annotations());
    return parse_declaration(space, std::move(annotations));
  }

  Step<void> parse_declaration(NamespaceSyntax& space, std::vector<AnnotationSyntax> annotations) {
    if (take_word("entity")) return parse_entity(space, std::move(annotations));
    if (take_word("action")) return parse_action(space, std::move(annotations));
    if (take_word("type")) return parse_common_type(space, std::move(annotations));
    return stop_at_token(&space == &schema_.namespaces.front()
                             ? "`entity`, `action`, `type` or `namespace`"
                             : "`entity`, `action` or `type`");
  }

  Step<void> parse_entity(NamespaceSyntax& space, std::vector<AnnotationSyntax> annotations) {
    EntitySyntax entity;
    entity.annotations = std::move(annotations);
    do entity.names.push_back(TRY(parse_identifier()));
    while (take_if(TokenKind::kComma));
    if (take_word("enum")) {
      TRY_VOID(parse_enum_ids(entity));
    } else {
      if (take_word("in")) entity.member_of = TRY(parse_entity_types());
      if (take_if(TokenKind::kAssign) || at(TokenKind::kLeftBrace)) {
        entity.shape = TRY(parse_record());
      }
      if (take_word("tags")) entity.tags = TRY(parse_type(1));
    }
    TRY_VOID(expect(TokenKind::kSemicolon));
    space.entities.push_back(std::move(entity));
    return {};
  }

  Step<void> parse_enum_ids(EntitySyntax& entity) {
    TRY_VOID(expect(TokenKind::kLeftBracket));
    do entity.enum_ids.push_back(TRY(parse_string()).text);
    while (take_if(TokenKind::kComma));
    TRY_VOID(expect(TokenKind::kRightBracket));
    return {};
  }

  Step<void> parse_action(NamespaceSyntax& space, std::vector<AnnotationSyntax> annotations) {
    ActionSyntax action;
    action.annotations = std::move(annotations);
    do action.ids.push_back(TRY(parse_name()));
    while (take_if(TokenKind::kComma));
    if (take_word("in")) action.member_of = TRY(parse_action_references());
    if (take_word("appliesTo")) {
      action.applies_to = TRY(parse_applies_to(action.ids.front()));
    } else if (at(TokenKind::kLeftBrace)) {
      return stop("an action has no attributes", here(),
                  "write `appliesTo` before `{`, or remove it");
    }
    if (take_word("attributes")) {  // an old form, kept as far as it says nothing
      TRY_VOID(expect(TokenKind::kLeftBrace));
      TRY_VOID(expect(TokenKind::kRightBrace));
    }
    TRY_VOID(expect(TokenKind::kSemicolon));
    space.actions.push_back(std::move(action));
    return {};
  }

  Step<AppliesToSyntax> parse_applies_to(const NameSyntax& action) {
    TRY_VOID(expect(TokenKind::kLeftBrace));
    AppliesToSyntax applies_to;
    do TRY_VOID(parse_applies_to_entry(applies_to, action));
    while (take_if(TokenKind::kComma) && !at(TokenKind::kRightBrace));
    TRY_VOID(expect(TokenKind::kRightBrace));
    for (const auto& [types, place] : {std::pair(&applies_to.principals, "principal"),
                                       std::pair(&applies_to.resources, "resource")}) {
      if (!types->empty()) continue;
      return stop(fmt::format("the `appliesTo` of action `{}` has no `{}`", action.text, place),
                  action.span, "name at least one entity type");
    }
    return applies_to;
  }

  Step<void> parse_applies_to_entry(AppliesToSyntax& applies_to, const NameSyntax& action) {
    const Span key = here();
    const std::string place(tokens_.text(key));
    if (place != "principal" && place != "resource" && place != "context") {
      return stop_at_token("`principal`, `resource` or `context`");
    }
    take();
    TRY_VOID(expect(TokenKind::kColon));
    auto& types = place == "principal" ? applies_to.principals : applies_to.resources;
    if (place == "context" ? applies_to.context.has_value() : !types.empty()) {
      return stop(fmt::format("`{}` occurs twice in the action `{}`", place, action.text), key);
    }
    if (place == "context") {
      applies_to.context = TRY(parse_context());
      return {};
    }
    const Span list = here();
    types = TRY(parse_entity_types());
    if (types.empty()) {
      return stop(fmt::format("`{}` of action `{}` is empty", place, action.text), list,
                  "name at least one entity type, or leave out `appliesTo`");
    }
    return {};
  }

  Step<TypeSyntax> parse_context() {
    if (at(TokenKind::kLeftBrace)) return parse_record();
    TypeSyntax type;
    type.form = TypeSyntax::Form::kCommonName;
    const NameSyntax name = TRY(parse_path());
    type.name = name.text;
    type.span = name.span;
    return type;
  }

  Step<void> parse_common_type(NamespaceSyntax& space, std::vector<AnnotationSyntax> annotations) {
    CommonTypeSyntax common;
    common.annotations = std::move(annotations);
    common.name = TRY(parse_identifier());
    TRY_VOID(expect(TokenKind::kAssign));
    common.type = TRY(parse_type(1));
    TRY_VOID(expect(TokenKind::kSemicolon));
    space.common_types.push_back(std::move(common));
    return {};
  }

  // Their parts.

  Step<std::vector<AnnotationSyntax>> parse_annotations() {
    std::vector<AnnotationSyntax> annotations;
    while (take_if(TokenKind::kAt)) {
      const Token name = TRY(expect(TokenKind::kIdentifier));
      AnnotationSyntax annotation{std::string(tokens_.text(name.span)), std::nullopt};
      if (take_if(TokenKind::kLeftParen)) {
        annotation.value = TRY(parse_string()).text;
        TRY_VOID(expect(TokenKind::kRightParen));
      }
      if (std::ranges::find(annotations, annotation.name, &AnnotationSyntax::name) !=
          annotations.end()) {
        return stop(fmt::format("the annotation `@{}` occurs twice", annotation.name), name.span);
      }
      annotations.push_back(std::move(annotation));
    }
    return annotations;
  }

  Step<NameSyntax> parse_identifier() {
    const Token token = TRY(expect(TokenKind::kIdentifier));
    std::string text(tokens_.text(token.span));
    // `__cedar` may be written: the built-in types live there. It cannot be declared.
    if (auto reason = text == "__cedar" ? std::nullopt : why_reserved(text)) {
      return stop(std::move(*reason), token.span, "choose another name");
    }
    return NameSyntax{std::move(text), token.span};
  }

  Step<NameSyntax> parse_string() {
    const Token token = TRY(expect(TokenKind::kString));
    auto text = unescape_string(tokens_.inner(token));
    if (!text) return stop(std::move(text.error().message), token.span);
    return NameSyntax{std::move(*text), token.span};
  }

  /// An identifier or a string: what actions and attributes are called.
  Step<NameSyntax> parse_name() {
    if (at(TokenKind::kString)) return parse_string();
    return parse_identifier();
  }

  Step<NameSyntax> parse_path() {
    NameSyntax path = TRY(parse_identifier());
    while (take_if(TokenKind::kColons)) {
      const NameSyntax part = TRY(parse_identifier());
      path.text += "::" + part.text;
      path.span.end = part.span.end;
    }
    return path;
  }

  Step<std::vector<NameSyntax>> parse_entity_types() {
    std::vector<NameSyntax> types;
    if (!take_if(TokenKind::kLeftBracket)) {
      types.push_back(TRY(parse_path()));
      return types;
    }
    if (take_if(TokenKind::kRightBracket)) return types;
    do types.push_back(TRY(parse_path()));
    while (take_if(TokenKind::kComma));
    TRY_VOID(expect(TokenKind::kRightBracket));
    return types;
  }

  Step<std::vector<ActionReferenceSyntax>> parse_action_references() {
    std::vector<ActionReferenceSyntax> references;
    if (!take_if(TokenKind::kLeftBracket)) {
      references.push_back(TRY(parse_action_reference()));
      return references;
    }
    do references.push_back(TRY(parse_action_reference()));
    while (take_if(TokenKind::kComma));
    TRY_VOID(expect(TokenKind::kRightBracket));
    return references;
  }

  /// `name`, `"any text"` or `Path::Action::"any text"`.
  Step<ActionReferenceSyntax> parse_action_reference() {
    NameSyntax name = TRY(parse_name());
    ActionReferenceSyntax reference{"", name.text, name.span};
    if (tokens_.text(name.span).starts_with('"')) return reference;
    while (take_if(TokenKind::kColons)) {
      reference.type += reference.type.empty() ? reference.id : "::" + reference.id;
      const bool is_last = at(TokenKind::kString);
      const NameSyntax part = TRY(parse_name());
      reference.id = part.text;
      reference.span.end = part.span.end;
      if (is_last) return reference;
      if (!at(TokenKind::kColons)) return stop_at_token("`::` and an action's name in quotes");
    }
    return reference;
  }

  Step<TypeSyntax> parse_type(std::size_t depth) {
    if (at(TokenKind::kLeftBrace)) return parse_record(depth);
    TypeSyntax type;
    const NameSyntax name = TRY(parse_path());
    type.span = name.span;
    if (name.text != "Set" || !at(TokenKind::kLess)) {
      type.form = TypeSyntax::Form::kName;
      type.name = name.text;
      return type;
    }
    TRY_VOID(check_depth(depth));
    take();
    type.form = TypeSyntax::Form::kSet;
    type.element.push_back(TRY(parse_type(depth + 1)));
    type.span.end = TRY(expect(TokenKind::kGreater)).span.end;
    return type;
  }

  Step<TypeSyntax> parse_record(std::size_t depth = 1) {
    TRY_VOID(check_depth(depth));
    TypeSyntax type;
    type.form = TypeSyntax::Form::kRecord;
    type.span = TRY(expect(TokenKind::kLeftBrace)).span;
    while (!at(TokenKind::kRightBrace)) {
      type.attributes.push_back(TRY(parse_attribute(depth)));
      if (!take_if(TokenKind::kComma)) break;
    }
    if (!at(TokenKind::kRightBrace)) return stop_at_token("`,` or `}`");
    type.span.end = take().span.end;
    return type;
  }

  Step<AttributeSyntax> parse_attribute(std::size_t depth) {
    AttributeSyntax attribute;
    attribute.annotations = TRY(parse_annotations());
    const NameSyntax name = TRY(parse_name());
    attribute.name = name.text;
    attribute.span = name.span;
    attribute.is_required = !take_if(TokenKind::kQuestion);
    TRY_VOID(expect(TokenKind::kColon));
    attribute.type = TRY(parse_type(depth + 1));
    return attribute;
  }

  Step<void> check_depth(std::size_t depth) {
    if (depth <= limits_.max_depth) return {};
    return stop(fmt::format("types are nested more than {} deep", limits_.max_depth), here());
  }

  TokenStream tokens_;
  const SchemaLimits& limits_;
  std::size_t braces_ = 0;  ///< open around the current token
  SchemaSyntax schema_;
};

}  // namespace

Parsed<SchemaSyntax> parse_schema_syntax(std::string_view text, const SchemaLimits& limits) {
  if (text.size() > limits.max_bytes) {
    return std::unexpected(
        Diagnostics{{Severity::kError,
                     fmt::format("the schema has {} bytes; at most {} are accepted", text.size(),
                                 limits.max_bytes),
                     {},
                     ""}});
  }
  return SchemaTextParser(text, limits).run();
}

}  // namespace wardlock::cedar
