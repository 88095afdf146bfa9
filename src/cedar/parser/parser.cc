#include "cedar/parser/parser.h"

#include <fmt/format.h>

#include <unordered_set>

#include "base/utf8.h"
#include "cedar/ast/names.h"
#include "cedar/parser/expr_parser.h"
#include "crypto/seeded_hash.h"

namespace wardlock::cedar {
namespace {

/// Reads one policy at a time. As in ExprParser, false means a syntax error has been reported.
class PolicyParser {
 public:
  PolicyParser(TokenStream& tokens, const ParseLimits& limits) : tokens_(tokens), limits_(limits) {}

  /// The policy, or null after an error. An error other than of syntax lets parsing go on, so the
  /// stream must also be asked for its diagnostics.
  std::unique_ptr<Template> parse(std::string id) {
    auto made = std::make_unique<Template>();
    made->id = std::move(id);
    policy_ = made.get();
    ExprParser exprs(tokens_, *made->arena, limits_);
    exprs_ = &exprs;
    const std::uint32_t begin = tokens_.peek().span.begin;
    const bool is_whole = parse_annotations() && parse_effect() && parse_scope() &&
                          parse_conditions() && tokens_.expect(TokenKind::kSemicolon, "`;`");
    made->span = tokens_.span_from(begin);
    if (!is_whole) return nullptr;
    return made;
  }

 private:
  Arena& arena() { return *policy_->arena; }

  bool parse_annotations() {
    std::vector<Annotation> annotations;
    std::unordered_set<std::string_view, crypto::SeededHash> names;
    while (tokens_.accept(TokenKind::kAt)) {
      const auto name = tokens_.expect(TokenKind::kIdentifier, "an annotation's name after `@`");
      if (!name) return false;
      Annotation annotation{arena().copy(tokens_.text(name->span)), std::nullopt};
      if (tokens_.accept(TokenKind::kLeftParen)) {
        const auto value = tokens_.expect(TokenKind::kString, "the annotation's value in quotes");
        if (!value || !tokens_.expect(TokenKind::kRightParen, "`)`")) return false;
        annotation.value = exprs_->string_value(*value);
      }
      if (!names.insert(annotation.name).second) {
        tokens_.report(name->span,
                       fmt::format("the annotation `@{}` occurs twice", annotation.name));
      }
      annotations.push_back(annotation);
    }
    policy_->annotations = arena().copy(annotations);
    return true;
  }

  bool parse_effect() {
    if (tokens_.accept_word("permit")) return policy_->effect = Effect::kPermit, true;
    if (tokens_.accept_word("forbid")) return policy_->effect = Effect::kForbid, true;
    tokens_.unexpected("`permit` or `forbid`");
    return false;
  }

  bool parse_scope() {
    const bool is_whole = tokens_.expect(TokenKind::kLeftParen, "`(`") &&
                          parse_entity_scope("principal", policy_->principal) &&
                          tokens_.expect(TokenKind::kComma, "`,` and the `action` scope") &&
                          parse_action_scope() &&
                          tokens_.expect(TokenKind::kComma, "`,` and the `resource` scope") &&
                          parse_entity_scope("resource", policy_->resource);
    if (!is_whole) return false;
    tokens_.accept(TokenKind::kComma);
    return tokens_.expect(TokenKind::kRightParen, "`)`; a scope is principal, action, resource")
        .has_value();
  }

  bool parse_entity_scope(std::string_view name, ScopeConstraint& scope) {
    const std::uint32_t begin = tokens_.peek().span.begin;
    if (!parse_entity_constraint(name, scope)) return false;
    scope.span = tokens_.span_from(begin);
    return true;
  }

  bool parse_entity_constraint(std::string_view name, ScopeConstraint& scope) {
    if (!tokens_.expect_word(name)) return false;
    if (tokens_.accept(TokenKind::kEqual)) {
      scope.op = ScopeConstraint::Op::kEqual;
      return parse_scope_entity(name, scope);
    }
    if (tokens_.accept_word("is")) {
      const auto type = exprs_->parse_name("an entity type after `is`");
      if (!type) return false;
      scope.type = arena().copy(std::string_view(type->text));
      scope.op = ScopeConstraint::Op::kIs;
      if (!tokens_.accept_word("in")) return true;
      scope.op = ScopeConstraint::Op::kIsIn;
      return parse_scope_entity(name, scope);
    }
    if (tokens_.accept_word("in")) {
      scope.op = ScopeConstraint::Op::kIn;
      return parse_scope_entity(name, scope);
    }
    return expect_scope_end("`==`, `in`, `is`");
  }

  /// Anything but the end of this part of the scope is an operator that cannot stand here.
  bool expect_scope_end(std::string_view operators) {
    if (tokens_.at(TokenKind::kComma) || tokens_.at(TokenKind::kRightParen)) return true;
    tokens_.unexpected(fmt::format("{}, `,` or `)`", operators));
    return false;
  }

  /// An entity or this variable's slot, in any number of parentheses.
  bool parse_scope_entity(std::string_view name, ScopeConstraint& scope) {
    const auto parentheses = open_parentheses();
    if (!parentheses) return false;
    if (tokens_.at(TokenKind::kSlot)) {
      const Token slot = tokens_.advance();
      if (tokens_.text(slot.span).substr(1) != name) {
        tokens_.report(slot.span, fmt::format("`{}` cannot stand here", tokens_.text(slot.span)),
                       fmt::format("expected an entity or `?{}`", name));
      }
    } else {
      scope.entity = exprs_->parse_entity();
      if (scope.entity == nullptr) return false;
    }
    return close(*parentheses);
  }

  std::optional<std::size_t> open_parentheses() {
    std::size_t count = 0;
    for (; tokens_.at(TokenKind::kLeftParen); ++count) {
      if (count == limits_.max_depth) {
        tokens_.report(tokens_.peek().span,
                       fmt::format("nested more than {} levels deep", limits_.max_depth),
                       "remove the parentheses");
        return std::nullopt;
      }
      tokens_.advance();
    }
    return count;
  }

  bool close(std::size_t parentheses) {
    for (; parentheses > 0; --parentheses) {
      if (!tokens_.expect(TokenKind::kRightParen, "`)`")) return false;
    }
    return true;
  }

  bool parse_action_scope() {
    const std::uint32_t begin = tokens_.peek().span.begin;
    if (!parse_action_constraint(policy_->action)) return false;
    policy_->action.span = tokens_.span_from(begin);
    return true;
  }

  bool parse_action_constraint(ActionConstraint& scope) {
    if (!tokens_.expect_word("action")) return false;
    std::vector<const EntityUid*> actions;
    if (tokens_.accept(TokenKind::kEqual)) {
      scope.op = ActionConstraint::Op::kEqual;
      if (!parse_action(actions)) return false;
    } else if (tokens_.accept_word("in")) {
      scope.op = ActionConstraint::Op::kIn;
      if (!parse_action_or_list(actions)) return false;
    } else {
      return expect_scope_end("`==`, `in`");
    }
    scope.actions = arena().copy(actions);
    return true;
  }

  bool parse_action_or_list(std::vector<const EntityUid*>& actions) {
    const auto parentheses = open_parentheses();
    if (!parentheses) return false;
    if (!tokens_.accept(TokenKind::kLeftBracket)) {
      return parse_action(actions) && close(*parentheses);
    }
    policy_->action.is_list = true;
    while (!tokens_.at(TokenKind::kRightBracket)) {
      if (!parse_action(actions)) return false;
      if (!tokens_.accept(TokenKind::kComma)) break;
    }
    if (!tokens_.expect(TokenKind::kRightBracket, "`,` or `]`")) return false;
    if (actions.size() > limits_.max_members) {
      tokens_.report(tokens_.peek().span,
                     fmt::format("more than {} actions in one scope", limits_.max_members));
      return false;
    }
    return close(*parentheses);
  }

  bool parse_action(std::vector<const EntityUid*>& actions) {
    const auto parentheses = open_parentheses();
    if (!parentheses) return false;
    const std::uint32_t begin = tokens_.peek().span.begin;
    if (tokens_.at(TokenKind::kSlot)) {
      tokens_.report(tokens_.peek().span, "an action scope cannot have a slot",
                     "only `?principal` and `?resource` exist");
      return false;
    }
    const EntityUid* action = exprs_->parse_entity();
    if (action == nullptr) return false;
    if (!is_action_type(action->type)) {
      tokens_.report(tokens_.span_from(begin),
                     fmt::format("`{}` is not an action", to_text(*action)),
                     "an action's type is `Action`, or ends in `::Action`");
    }
    actions.push_back(action);
    return close(*parentheses);
  }

  bool parse_conditions() {
    std::vector<Condition> conditions;
    while (tokens_.at_word("when") || tokens_.at_word("unless")) {
      const Token keyword = tokens_.advance();
      if (!tokens_.expect(TokenKind::kLeftBrace, "`{`")) return false;
      if (tokens_.at(TokenKind::kRightBrace)) {
        tokens_.report(keyword.span, "a condition cannot be empty",
                       "leave the clause out, or write what must hold");
        return false;
      }
      const Expr* body = exprs_->parse_expr();
      if (body == nullptr || !tokens_.expect(TokenKind::kRightBrace, "an operator or `}`")) {
        return false;
      }
      conditions.push_back({tokens_.text(keyword.span) == "unless", body});
    }
    policy_->conditions = arena().copy(conditions);
    if (!tokens_.at(TokenKind::kIdentifier)) return true;
    tokens_.unexpected("`when`, `unless` or `;`");
    return false;
  }

  TokenStream& tokens_;
  const ParseLimits& limits_;
  Template* policy_ = nullptr;
  ExprParser* exprs_ = nullptr;
};

/// What is wrong with the text before any token is read.
Diagnostics check_text(std::string_view text, const ParseLimits& limits) {
  if (text.size() > limits.max_bytes) {
    return {{Severity::kError,
             fmt::format("the text has {} bytes; at most {} are accepted", text.size(),
                         limits.max_bytes),
             {},
             "split it into several files"}};
  }
  if (const auto offset = find_invalid_utf8(text)) {
    const auto place = static_cast<std::uint32_t>(*offset);
    return {{Severity::kError, "the text is not valid UTF-8 here", {place, place + 1}, ""}};
  }
  return {};
}

/// Goes on behind the `;` that ends a policy with an error.
void skip_policy(TokenStream& tokens) {
  while (!tokens.at_end() && !tokens.at(TokenKind::kSemicolon)) tokens.advance();
  tokens.accept(TokenKind::kSemicolon);
}

}  // namespace

Parsed<PolicySet> parse_policies(std::string_view text, const PolicyNaming& naming,
                                 const ParseLimits& limits) {
  if (Diagnostics found = check_text(text, limits); !found.empty()) return std::unexpected(found);
  TokenStream tokens(text, limits.max_diagnostics);
  PolicyParser parser(tokens, limits);
  PolicySet policies;
  for (std::size_t count = 0; !tokens.at_end() && !tokens.is_full(); ++count) {
    auto policy = parser.parse(fmt::format("{}policy{}", naming.prefix, count));
    if (policy == nullptr) {
      skip_policy(tokens);
      continue;
    }
    policy->source = naming.source;
    if (naming.by_annotation) {
      const auto id = policy->annotation("id").value_or("");
      if (!id.empty()) policy->id = id;
    }
    const Span span = policy->span;
    if (auto added = policies.add(std::move(policy)); !added) {
      tokens.report({span.begin, span.begin + 1}, std::move(added).error().message);
    }
  }
  if (!tokens.diagnostics().empty()) return std::unexpected(tokens.take_diagnostics());
  return policies;
}

Parsed<std::unique_ptr<Template>> parse_policy(std::string_view text, std::string_view id,
                                               const ParseLimits& limits) {
  if (Diagnostics found = check_text(text, limits); !found.empty()) return std::unexpected(found);
  TokenStream tokens(text, limits.max_diagnostics);
  auto policy = PolicyParser(tokens, limits).parse(std::string(id));
  if (policy != nullptr && !tokens.at_end()) tokens.unexpected("only one policy");
  if (!tokens.diagnostics().empty()) return std::unexpected(tokens.take_diagnostics());
  return policy;
}

Parsed<const Expr*> parse_expression(std::string_view text, Arena& arena,
                                     const ParseLimits& limits) {
  if (Diagnostics found = check_text(text, limits); !found.empty()) return std::unexpected(found);
  TokenStream tokens(text, limits.max_diagnostics);
  const Expr* expr = ExprParser(tokens, arena, limits).parse_expr();
  if (expr != nullptr && !tokens.at_end()) tokens.unexpected("an operator or the end");
  if (!tokens.diagnostics().empty()) return std::unexpected(tokens.take_diagnostics());
  return expr;
}

Result<const EntityUid*> parse_entity_uid(std::string_view text, Arena& arena) {
  const ParseLimits limits{.max_bytes = 64 << 10, .max_diagnostics = 1};
  const auto error = [&](const Diagnostics& diagnostics) {
    return invalid(fmt::format("`{}` is not an entity: {}; write `Type::\"id\"`", text,
                               diagnostics.front().message));
  };
  if (const Diagnostics found = check_text(text, limits); !found.empty()) return error(found);
  TokenStream tokens(text, limits.max_diagnostics);
  const EntityUid* uid = ExprParser(tokens, arena, limits).parse_entity();
  if (uid != nullptr && !tokens.at_end()) tokens.unexpected("the end");
  if (!tokens.diagnostics().empty()) return error(tokens.diagnostics());
  return uid;
}

}  // namespace wardlock::cedar
