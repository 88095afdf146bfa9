#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "cedar/partial/partial_evaluator.h"

namespace wardlock::plan {

/// What an expression may come to.
enum class Outcome : std::uint8_t { kTrue = 1, kFalse = 2, kError = 4 };

/// A set of outcomes.
class Outcomes {
 public:
  constexpr Outcomes(Outcome outcome) : bits_(static_cast<std::uint8_t>(outcome)) {}  // NOLINT
  constexpr Outcomes(Outcome a, Outcome b)
      : bits_(static_cast<std::uint8_t>(a) | static_cast<std::uint8_t>(b)) {}

  constexpr bool has(Outcome outcome) const {
    return (bits_ & static_cast<std::uint8_t>(outcome)) != 0;
  }
  constexpr Outcomes without(Outcome outcome) const {
    Outcomes out = *this;
    out.bits_ &= static_cast<std::uint8_t>(~static_cast<std::uint8_t>(outcome));
    return out;
  }
  friend constexpr bool operator==(Outcomes, Outcomes) = default;

 private:
  std::uint8_t bits_;
};

/// A condition over what a plan leaves unknown. It never errs: a test asks whether an expression is
/// true, is false or errs, and one of the three is the case.
struct Condition {
  enum class Kind : std::uint8_t { kNever, kAlways, kAll, kAny, kTest };
  Kind kind = Kind::kNever;
  std::vector<Condition> parts = {};        ///< of kAll and kAny: two or more
  const cedar::Policy* policy = nullptr;    ///< of kTest; null: a part of the rule itself
  const cedar::Expr* expression = nullptr;  ///< of kTest
  Outcomes is = Outcome::kTrue;             ///< of kTest: it holds for these
  bool can_err = true;                      ///< of kTest

  static Condition always() { return {.kind = Kind::kAlways}; }
  static Condition never() { return {.kind = Kind::kNever}; }
  /// Whether the residual comes to one of the outcomes.
  static Condition test(const cedar::Residual& residual, Outcomes is);
  /// Each takes parts apart that are of its own kind, and is decided where one of them decides.
  static Condition all(std::vector<Condition> parts);
  static Condition any(std::vector<Condition> parts);

  bool is_always() const { return kind == Kind::kAlways; }
  bool is_never() const { return kind == Kind::kNever; }
};

}  // namespace wardlock::plan
