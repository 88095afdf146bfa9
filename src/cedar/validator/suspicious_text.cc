#include "cedar/validator/suspicious_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.h"
#include "cedar/validator/expr_walk.h"
#include "cedar/validator/unicode_tables.h"

namespace wardlock::cedar {
namespace {

/// Calls `visit` for each character until it returns false. Requires valid UTF-8.
template <typename Visit>
void for_each_character(std::string_view text, Visit visit) {
  std::size_t i = 0;
  while (i < text.size()) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    char32_t character = length == 1 ? lead : lead & (0xFFU >> (length + 1));
    for (std::size_t k = 1; k < length && i + k < text.size(); ++k) {
      character = (character << 6) | (static_cast<unsigned char>(text[i + k]) & 0x3FU);
    }
    i += length;
    if (!visit(character)) return;
  }
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// The range that has the character, or null.
template <typename Range>
const Range* find_range(std::span<const Range> ranges, char32_t character) {
  const auto it = std::ranges::lower_bound(ranges, character, {}, &Range::last);
  return it != ranges.end() && it->first <= character ? &*it : nullptr;
}

std::string in_hex(char32_t character) {
  return fmt::format("\\u{{{:x}}}", static_cast<std::uint32_t>(character));
}

class TextChecker {
 public:
  explicit TextChecker(Findings& findings) : findings_(findings) {}

  void check_string(std::string_view text, Span span, const void* place) {
    if (is_ascii(text)) return;
    check_order_and_scripts("string", text, span, place);
  }

  void check_identifier(std::string_view text, Span span, const void* place) {
    if (!has_bidirectional_control(text)) {
      if (const char32_t character = find_restricted_character(text)) {
        findings_.warning(span, place, ValidationCode::kConfusableIdentifier,
                          fmt::format("the identifier `{}` contains {}, which may be taken for "
                                      "something else, or not be seen at all",
                                      shown(text), in_hex(character)),
                          "use letters, digits and printable ASCII in identifiers");
        return;
      }
    }
    if (!is_ascii(text)) check_order_and_scripts("identifier", text, span, place);
  }

  void check_uid(const EntityUid& uid, Span span, const void* place) {
    check_name(uid.type, span, place);
    check_identifier(uid.id, span, place);
  }

  /// Types are ASCII by the grammar, but policy JSON is read here too.
  void check_name(std::string_view name, Span span, const void* place) {
    if (!is_ascii(name)) check_identifier(name, span, place);
  }

  void check(const Expr& expr) {
    if (const auto* literal = std::get_if<Literal>(&expr.node)) {
      if (literal->value.is(Kind::kString)) {
        check_string(literal->value.as_string(), expr.span, &expr);
      } else if (literal->value.is(Kind::kEntity)) {
        check_uid(literal->value.as_entity(), expr.span, &expr);
      }
    } else if (const auto* get = std::get_if<GetAttr>(&expr.node)) {
      check_identifier(get->name, expr.span, &expr);
    } else if (const auto* has = std::get_if<HasAttr>(&expr.node)) {
      for (const std::string_view name : has->path) check_identifier(name, expr.span, &expr);
    } else if (const auto* like = std::get_if<LikeExpr>(&expr.node)) {
      check_string(fmt::format("{}", fmt::join(like->segments, "*")), expr.span, &expr);
    } else if (const auto* record = std::get_if<RecordExpr>(&expr.node)) {
      for (const RecordEntry& entry : record->entries) {
        check_identifier(entry.name, expr.span, &expr);
      }
    }
  }

 private:
  static std::string shown(std::string_view text) {
    constexpr std::size_t kMaxShown = 80;
    return text.size() <= kMaxShown ? printable(text) : printable(text.substr(0, kMaxShown)) + "…";
  }

  void check_order_and_scripts(std::string_view what, std::string_view text, Span span,
                               const void* place) {
    if (has_bidirectional_control(text)) {
      findings_.warning(span, place, ValidationCode::kBidirectionalText,
                        fmt::format("the {} `{}` contains characters that change the order in "
                                    "which it is shown",
                                    what, shown(text)),
                        "remove them, or write them as `\\u{…}`");
    } else if (has_mixed_scripts(text)) {
      findings_.warning(span, place, ValidationCode::kMixedScripts,
                        fmt::format("the {} `{}` mixes scripts, so that letters may not be what "
                                    "they look like",
                                    what, shown(text)),
                        "write it in one script");
    }
  }

  Findings& findings_;
};

}  // namespace

bool has_bidirectional_control(std::string_view text) {
  bool has = false;
  for_each_character(text, [&](char32_t c) {
    has = (c >= U'\u202A' && c <= U'\u202E') || (c >= U'\u2066' && c <= U'\u2069');
    return !has;
  });
  return has;
}

char32_t find_restricted_character(std::string_view text) {
  char32_t found = 0;
  for_each_character(text, [&](char32_t c) {
    if (c >= U' ' && c <= U'~') return true;
    if (c >= 0x80 && find_range(allowed_in_identifiers(), c) != nullptr) return true;
    found = c == 0 ? U'\uFFFD' : c;
    return false;
  });
  return found;
}

bool has_mixed_scripts(std::string_view text) {
  ScriptSet common;
  common.fill(~std::uint64_t{0});
  bool is_mixed = false;
  for_each_character(text, [&](char32_t c) {
    const ScriptRange* range = find_range(script_ranges(), c);
    std::uint64_t any = 0;
    if (range != nullptr) {
      const ScriptSet& scripts = script_sets()[range->set];
      for (std::size_t i = 0; i < common.size(); ++i) any |= common[i] &= scripts[i];
    }
    is_mixed = any == 0;
    return !is_mixed;
  });
  return is_mixed;
}

void check_text(const Template& policy, Findings& findings) {
  TextChecker checker(findings);
  for (const ScopeConstraint* scope : {&policy.principal, &policy.resource}) {
    if (scope->entity != nullptr) checker.check_uid(*scope->entity, scope->span, scope);
  }
  for (const EntityUid* action : policy.action.actions) {
    checker.check_uid(*action, policy.action.span, &policy.action);
  }
  for_each_expr(policy, [&](const Expr& expr) { checker.check(expr); });
}

}  // namespace wardlock::cedar
