#include "lsp/policy_context.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "cedar/ast/names.h"
#include "cedar/parser/parser.h"
#include "lsp/environments.h"
#include "lsp/expr_type.h"
#include "lsp/policy_outline.h"

namespace wardlock::lsp {
namespace {

using cedar::RequestEnvironment;
using cedar::TokenKind;
using cedar::Type;

constexpr std::size_t kMaxEnvironments = 5000;

std::vector<RequestEnvironment> find_environments(std::string_view scope,
                                                  const cedar::Schema& schema) {
  const auto policy = cedar::parse_policy(scope, "scope");
  return policy ? first_environments(**policy, schema, kMaxEnvironments)
                : first_environments({}, schema, kMaxEnvironments);
}

bool is_same(const Type& a, const Type& b) {
  if (&a == &b) return true;
  if (a.kind != b.kind) return false;
  switch (a.kind) {
    case cedar::Kind::kEntity: return a.entity_type == b.entity_type;
    case cedar::Kind::kSet: return is_same(*a.element, *b.element);
    case cedar::Kind::kRecord: return false;
    default: return true;
  }
}

}  // namespace

PolicyContext::PolicyContext(std::string_view text, const cedar::Schema* schema)
    : text_(text), schema_(schema), tokens_(tokens_of(text)) {
  find_scope();
  if (schema != nullptr) environments_ = find_environments(scope_text(), *schema);
}

std::string_view PolicyContext::word(std::size_t index) const {
  return index < tokens_.size() ? slice(tokens_[index].span) : std::string_view();
}

void PolicyContext::find_scope() {
  std::size_t i = 0;
  const auto is_effect = [&] {
    return (word(i) == "permit" || word(i) == "forbid") && !(i > 0 && is(i - 1, TokenKind::kAt));
  };
  while (i < tokens_.size() && !is_effect()) ++i;
  if (i == tokens_.size()) return;
  effect_ = i++;
  if (!is(i, TokenKind::kLeftParen)) return;
  scope_marks_.push_back(i);
  std::size_t depth = 1;
  for (++i; i < tokens_.size() && scope_marks_.size() < 4; ++i) {
    const TokenKind kind = tokens_[i].kind;
    if (kind == TokenKind::kLeftParen || kind == TokenKind::kLeftBracket) ++depth;
    if (kind == TokenKind::kRightParen || kind == TokenKind::kRightBracket) --depth;
    const bool is_third = scope_marks_.size() == 3;
    if (depth == 0 || (depth == 1 && kind == TokenKind::kComma && !is_third)) {
      // A closed scope has four marks, whatever is missing in it.
      scope_marks_.resize(depth == 0 ? 3 : scope_marks_.size(), i);
      scope_marks_.push_back(i);
    }
  }
}

std::optional<PolicyContext::ScopePart> PolicyContext::scope_part(std::size_t index) const {
  const auto before =
      std::ranges::count_if(scope_marks_, [&](std::size_t mark) { return mark < index; });
  if (before == 0 || before > 3) return std::nullopt;
  return static_cast<ScopePart>(before - 1);
}

bool PolicyContext::is_behind_scope(std::size_t index) const {
  return scope_marks_.size() == 4 && scope_marks_.back() < index;
}

/// The parts of the scope that are finished; for the others, everything.
std::string PolicyContext::scope_text() const {
  constexpr std::array<std::string_view, 3> kAnything = {"principal", "action", "resource"};
  std::string scope = "permit (";
  for (std::size_t part = 0; part < kAnything.size(); ++part) {
    const bool is_whole =
        part + 1 < scope_marks_.size() && scope_marks_[part] < scope_marks_[part + 1];
    const auto written = [&] {
      return slice(
          {tokens_[scope_marks_[part]].span.end, tokens_[scope_marks_[part + 1]].span.begin});
    };
    scope += is_whole ? written() : kAnything[part];
    scope += part < 2 ? "," : ");";
  }
  return scope;
}

std::optional<std::size_t> PolicyContext::open_of(std::size_t close) const {
  std::size_t depth = 0;
  for (std::size_t i = close + 1; i-- > 0;) {
    switch (tokens_[i].kind) {
      case TokenKind::kRightParen:
      case TokenKind::kRightBracket:
      case TokenKind::kRightBrace: ++depth; break;
      case TokenKind::kLeftParen:
      case TokenKind::kLeftBracket:
      case TokenKind::kLeftBrace:
        if (--depth == 0) return i;
        break;
      case TokenKind::kSemicolon: return std::nullopt;
      default: break;
    }
  }
  return std::nullopt;
}

/// The first token of the path `A::B` that ends with the token.
std::size_t PolicyContext::path_start(std::size_t last) const {
  while (last >= 2 && is(last - 1, TokenKind::kColons) && is(last - 2, TokenKind::kIdentifier)) {
    last -= 2;
  }
  return last;
}

bool PolicyContext::ends_operand(std::size_t end) const {
  if (end == 0) return false;
  switch (tokens_[end - 1].kind) {
    case TokenKind::kRightParen:
    case TokenKind::kRightBracket:
    case TokenKind::kRightBrace:
    case TokenKind::kNumber:
    case TokenKind::kString: return true;
    case TokenKind::kIdentifier: {
      const std::string_view name = word(end - 1);
      return name == "true" || name == "false" || !cedar::why_reserved(name);
    }
    default: return false;
  }
}

std::optional<std::size_t> PolicyContext::operand_before(std::size_t end) const {
  while (ends_operand(end)) {
    std::size_t start = end - 1;
    bool is_suffix = false;  // of an expression that stands before it
    switch (tokens_[start].kind) {
      case TokenKind::kRightParen:
      case TokenKind::kRightBracket:
      case TokenKind::kRightBrace: {
        const bool is_index = is(start, TokenKind::kRightBracket);
        const bool is_paren = is(start, TokenKind::kRightParen);
        const auto open = open_of(start);
        if (!open) return std::nullopt;
        start = *open;
        is_suffix = is_index && ends_operand(start);
        const bool is_call = is_paren && start > 0 && is(start - 1, TokenKind::kIdentifier) &&
                             !cedar::why_reserved(word(start - 1));
        if (is_call) start = path_start(start - 1);
        break;
      }
      default: start = path_start(start); break;
    }
    if (!is_suffix) {
      if (start == 0 || !is(start - 1, TokenKind::kDot)) return start;
      --start;
    }
    end = start;
  }
  return std::nullopt;
}

std::optional<std::string> PolicyContext::owner_of(std::size_t index) const {
  if (index == 0) return std::nullopt;
  const auto operand = [&](std::size_t end) -> std::optional<std::string> {
    const auto start = operand_before(end);
    if (!start) return std::nullopt;
    return std::string(slice({tokens_[*start].span.begin, tokens_[end - 1].span.end}));
  };
  if (is(index - 1, TokenKind::kLeftBracket)) return operand(index - 1);
  // Back over `b.` of `a has b.c`.
  std::size_t first = index;
  while (first >= 2 && is(first - 1, TokenKind::kDot) && is(first - 2, TokenKind::kIdentifier)) {
    first -= 2;
  }
  if (first > 0 && word(first - 1) == "has") {
    auto owner = operand(first - 1);
    for (; owner && first + 1 < index; first += 2) *owner += fmt::format(".{}", word(first));
    return owner;
  }
  if (!is(index - 1, TokenKind::kDot)) return std::nullopt;
  return operand(index - 1);
}

std::vector<const Type*> PolicyContext::types_of(std::string_view expression) const {
  std::vector<const Type*> types;
  if (schema_ == nullptr) return types;
  const auto expr = cedar::parse_expression(expression, arena_);
  if (!expr) return types;
  for (const RequestEnvironment& environment : environments_) {
    const Type* type = expr_type(**expr, *schema_, environment, arena_);
    if (type == nullptr) continue;
    if (std::ranges::none_of(types, [&](const Type* other) { return is_same(*type, *other); })) {
      types.push_back(type);
    }
  }
  return types;
}

}  // namespace wardlock::lsp
