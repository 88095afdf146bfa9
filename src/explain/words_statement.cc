// How expressions are said in English: as a statement that holds or does not, and as a thing.
#include <fmt/format.h>

#include <array>

#include "cedar/trace/short_text.h"
#include "explain/words.h"

namespace wardlock::explain {

using cedar::BinaryOp;
using cedar::Expr;
using cedar::ExtensionFunction;
using cedar::Kind;

namespace {

constexpr std::size_t kMaxString = 64;
constexpr std::size_t kMaxMembers = 6;
constexpr std::size_t kMaxNoun = 200;  ///< bytes; keeps nested ones short too

bool is_variable(const Expr& expr, cedar::Variable wanted) {
  const auto* variable = std::get_if<cedar::Variable>(&expr.node);
  return variable != nullptr && *variable == wanted;
}
bool is_context(const Expr& expr) { return is_variable(expr, cedar::Variable::kContext); }

const cedar::Value* literal(const Expr& expr) {
  const auto* found = std::get_if<cedar::Literal>(&expr.node);
  return found == nullptr ? nullptr : &found->value;
}
bool is_empty_text(const Expr& expr) {
  const cedar::Value* value = literal(expr);
  return value != nullptr && value->is(Kind::kString) && value->as_string().empty();
}

std::string possessive(const std::string& noun) {
  return noun + (noun.ends_with('s') ? "'" : "'s");
}

/// `in service` → `is in service`, `has psychiatric notes` → `has no psychiatric notes`.
std::string predicate(std::string_view name, bool value) {
  constexpr std::array<std::string_view, 8> kVerbs = {"is",  "are",  "was",   "can",
                                                      "may", "must", "needs", "has"};
  const std::string words = words_of(name);
  const std::size_t space = words.find(' ');
  const std::string_view first = std::string_view(words).substr(0, space);
  for (const std::string_view verb : kVerbs) {
    if (first != verb || space == std::string::npos) continue;
    const std::string_view rest = std::string_view(words).substr(space + 1);
    const std::string_view no = verb == "has" || verb == "needs" ? "no" : "not";
    return value ? words : fmt::format("{} {} {}", verb, no, rest);
  }
  return fmt::format("is {}{}", value ? "" : "not ", words);
}

/// `is less than`, and what is said when it is not so.
std::string_view order_words(BinaryOp op, bool value, bool is_time) {
  const bool is_less = op == BinaryOp::kLess || op == BinaryOp::kLessEqual;
  const bool is_strict = op == BinaryOp::kLess || op == BinaryOp::kGreater;
  // `not (a < b)` is `a >= b`.
  const bool says_less = is_less == value, says_strict = is_strict == value;
  if (is_time) {
    if (says_less) return says_strict ? "is before" : "is at or before";
    return says_strict ? "is after" : "is at or after";
  }
  if (says_less) return says_strict ? "is less than" : "is at most";
  return says_strict ? "is more than" : "is at least";
}

}  // namespace

/// Says that the expression comes to `value`.
struct Words::Sentence {
  const Words& words;
  const Expr& at;
  bool value;

  std::string noun(const Expr& expr) const { return words.noun(expr); }
  std::string_view is() const { return value ? "is" : "is not"; }

  std::string plain() const {
    return fmt::format("{} {}", words.code(at), value ? "holds" : "does not hold");
  }

  std::string operator()(const cedar::Literal& e) const {
    if (!e.value.is(Kind::kBool)) return plain();
    return e.value.as_bool() == value ? "always so" : "never so";
  }

  std::string operator()(const cedar::UnaryExpr& e) const {
    if (e.op != cedar::UnaryOp::kIsEmpty) return plain();
    return fmt::format("{} {} empty", noun(*e.argument), is());
  }

  std::string operator()(const cedar::GetAttr& e) const {
    if (is_context(*e.target)) {
      return fmt::format("the request {}: {}", value ? "says" : "does not say", words_of(e.name));
    }
    return fmt::format("{} {}", noun(*e.target), predicate(e.name, value));
  }

  std::string operator()(const cedar::HasAttr& e) const {
    if (is_context(*e.target)) return has_in_context(e);
    const cedar::Attribute* attribute =
        e.path.size() == 1 ? words.attribute(*e.target, e.path.front()) : nullptr;
    if (attribute != nullptr && attribute->type->kind == Kind::kBool) {
      return fmt::format("it {} recorded whether {} {}", is(), noun(*e.target),
                         predicate(e.path.front(), true));
    }
    return fmt::format("{} has {}", noun(*e.target), thing(e.path));
  }

  std::string has_in_context(const cedar::HasAttr& e) const {
    if (e.path.size() == 1 && e.path.front() == "override") {
      return value ? "an open break-glass grant is named" : "no open break-glass grant is named";
    }
    return fmt::format("{} is given", thing(e.path));
  }

  /// `a ward`, `no ward`.
  std::string thing(std::span<const std::string_view> path) const {
    std::string name;
    for (const std::string_view part : path) name += (name.empty() ? "" : " ") + words_of(part);
    return value ? with_article(name) : "no " + name;
  }

  std::string operator()(const cedar::BinaryExpr& e) const {
    switch (e.op) {
      case BinaryOp::kEqual: return equal(e, value);
      case BinaryOp::kNotEqual: return equal(e, !value);
      case BinaryOp::kLess:
      case BinaryOp::kLessEqual:
      case BinaryOp::kGreater:
      case BinaryOp::kGreaterEqual:
        return fmt::format(
            "{} {} {}", noun(*e.left),
            order_words(e.op, value, words.is_time(*e.left) || words.is_time(*e.right)),
            noun(*e.right));
      case BinaryOp::kIn:
        return fmt::format("{} {} in {}", noun(*e.left), is(), words.list(*e.right, "or"));
      case BinaryOp::kContains: return includes(e, "");
      case BinaryOp::kContainsAll: return includes(e, "all of ");
      case BinaryOp::kContainsAny: return includes(e, "one of ");
      case BinaryOp::kHasTag:
        return fmt::format("{} has {} entry for {}", noun(*e.left), value ? "an" : "no",
                           noun(*e.right));
      case BinaryOp::kGetTag:
      case BinaryOp::kAdd:
      case BinaryOp::kSubtract:
      case BinaryOp::kMultiply: break;
    }
    return plain();
  }

  std::string equal(const cedar::BinaryExpr& e, bool are_equal) const {
    for (const auto& [side, other] : {std::pair(e.left, e.right), std::pair(e.right, e.left)}) {
      const cedar::Value* constant = literal(*other);
      if (constant != nullptr && constant->is(Kind::kBool)) {
        return words.statement(*side, constant->as_bool() == are_equal);
      }
    }
    const std::string_view is = are_equal ? "is" : "is not";
    if (is_empty_text(*e.right)) return fmt::format("{} {} empty", noun(*e.left), is);
    const bool is_literal = literal(*e.left) != nullptr || literal(*e.right) != nullptr;
    return fmt::format("{} {} {}{}", noun(*e.left), is, is_literal ? "" : "the same as ",
                       noun(*e.right));
  }

  std::string includes(const cedar::BinaryExpr& e, std::string_view how) const {
    const std::string set = noun(*e.left);
    const bool is_plural = set.ends_with('s') && !set.ends_with("ss");
    const std::string_view verb = is_plural ? (value ? "include" : "do not include")
                                            : (value ? "includes" : "does not include");
    return fmt::format("{} {} {}{}", set, verb, how,
                       words.list(*e.right, how == "one of " ? "or" : "and"));
  }

  std::string operator()(const cedar::LikeExpr& e) const {
    std::string pattern;
    for (std::size_t i = 0; i < e.segments.size(); ++i) {
      pattern.append(i == 0 ? "" : "*").append(e.segments[i]);
    }
    return fmt::format("{} {} of the form {}", noun(*e.target), is(),
                       cedar::quote(cedar::clip(pattern, kMaxString)));
  }

  std::string operator()(const cedar::IsExpr& e) const {
    const std::string type = words_of(last_component(e.type));
    std::string text = fmt::format("{} {} {}", noun(*e.target), is(), with_article(type));
    if (e.in != nullptr) text += fmt::format(" in {}", words.list(*e.in, "or"));
    return text;
  }

  std::string operator()(const cedar::ExtensionCall& e) const {
    const auto with = [&](std::string_view what) {
      return e.arguments.size() == 2 ? fmt::format("{} {} {} {}", noun(*e.arguments[0]), is(), what,
                                                   noun(*e.arguments[1]))
                                     : plain();
    };
    const auto alone = [&](std::string_view what) {
      return e.arguments.size() == 1 ? fmt::format("{} {} {}", noun(*e.arguments[0]), is(), what)
                                     : plain();
    };
    switch (e.function) {
      case ExtensionFunction::kLessThan: return with("less than");
      case ExtensionFunction::kLessThanOrEqual: return with("less than or equal to");
      case ExtensionFunction::kGreaterThan: return with("more than");
      case ExtensionFunction::kGreaterThanOrEqual: return with("more than or equal to");
      case ExtensionFunction::kIsInRange: return with("in the range");
      case ExtensionFunction::kIsIpv4: return alone("an IPv4 address");
      case ExtensionFunction::kIsIpv6: return alone("an IPv6 address");
      case ExtensionFunction::kIsLoopback: return alone("a loopback address");
      case ExtensionFunction::kIsMulticast: return alone("a multicast address");
      default: return plain();
    }
  }

  template <typename Other>
  std::string operator()(const Other&) const {
    return plain();
  }
};

struct Words::Noun {
  const Words& words;
  const Expr& at;

  std::string operator()(const cedar::Literal& e) const {
    if (e.value.is(Kind::kEntity)) return words.entity(e.value.as_entity());
    return cedar::to_short_text(e.value);
  }

  std::string operator()(cedar::Variable variable) const {
    switch (variable) {
      case cedar::Variable::kPrincipal: return words.principal_;
      case cedar::Variable::kResource: return words.resource_;
      case cedar::Variable::kAction: return "the action";
      case cedar::Variable::kContext: break;
    }
    return "the request's context";
  }

  std::string operator()(const cedar::GetAttr& e) const {
    const std::string name = words_of(e.name);
    if (is_context(*e.target)) return e.name == "now" ? "the time" : "the " + name;
    const std::string owner = words.noun(*e.target);
    if (std::holds_alternative<cedar::BinaryExpr>(e.target->node)) {
      return fmt::format("“{}” of {}", name, owner);
    }
    if (words.is_of_record(*e.target)) return fmt::format("{} {}", owner, name);
    return fmt::format("{} {}", possessive(owner), name);
  }

  std::string operator()(const cedar::UnaryExpr& e) const {
    return e.op == cedar::UnaryOp::kNegate ? "minus " + words.noun(*e.argument) : words.code(at);
  }

  std::string operator()(const cedar::BinaryExpr& e) const {
    const auto joined = [&](std::string_view word) {
      return fmt::format("{} {} {}", words.noun(*e.left), word, words.noun(*e.right));
    };
    switch (e.op) {
      case BinaryOp::kAdd: return joined("plus");
      case BinaryOp::kSubtract: return joined("minus");
      case BinaryOp::kMultiply: return joined("times");
      case BinaryOp::kGetTag:
        return fmt::format("{} entry for {}", possessive(words.noun(*e.left)),
                           words.noun(*e.right));
      default: return words.code(at);
    }
  }

  std::string operator()(const cedar::SetExpr&) const { return words.list(at, "and"); }

  std::string operator()(const cedar::ExtensionCall& e) const {
    const cedar::Value* text = e.arguments.size() == 1 ? literal(*e.arguments[0]) : nullptr;
    if (text != nullptr && text->is(Kind::kString) &&
        call_style(e.function) == cedar::CallStyle::kFunction) {
      return cedar::clip(text->as_string(), kMaxString);
    }
    if (e.arguments.empty() || e.arguments.size() != arity(e.function)) return words.code(at);
    const std::string of = words.noun(*e.arguments[0]);
    switch (e.function) {
      case ExtensionFunction::kToDate: return "the day of " + of;
      case ExtensionFunction::kToTime: return "the time of day of " + of;
      case ExtensionFunction::kOffset:
        return fmt::format("{} after {}", words.noun(*e.arguments[1]), of);
      case ExtensionFunction::kDurationSince:
        return fmt::format("the time from {} to {}", words.noun(*e.arguments[1]), of);
      case ExtensionFunction::kToMilliseconds: return of + " in milliseconds";
      case ExtensionFunction::kToSeconds: return of + " in seconds";
      case ExtensionFunction::kToMinutes: return of + " in minutes";
      case ExtensionFunction::kToHours: return of + " in hours";
      case ExtensionFunction::kToDays: return of + " in days";
      default: return words.code(at);
    }
  }

  template <typename Other>
  std::string operator()(const Other&) const {
    return words.code(at);
  }
};

std::string Words::statement(const Expr& expr, bool value) const {
  return std::visit(Sentence{*this, expr, value}, expr.node);
}

std::string Words::noun(const Expr& expr) const {
  return cedar::clip(std::visit(Noun{*this, expr}, expr.node), kMaxNoun);
}

std::string Words::list(const Expr& expr, std::string_view word) const {
  const auto* set = std::get_if<cedar::SetExpr>(&expr.node);
  if (set == nullptr) return noun(expr);
  if (set->members.empty()) return "nothing";
  std::string text;
  for (std::size_t i = 0; i < set->members.size(); ++i) {
    if (i == kMaxMembers) {
      return text + fmt::format(" {} {} more", word, set->members.size() - i);
    }
    const bool is_last = i > 0 && i + 1 == set->members.size();
    if (i > 0) text += is_last ? fmt::format(" {} ", word) : ", ";
    text += noun(*set->members[i]);
  }
  return text;
}

}  // namespace wardlock::explain
