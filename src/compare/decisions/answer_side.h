#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "pdp/access.h"

namespace wardlock::compare {

/// How an answer differs from another to the same question. The first that applies counts; they are
/// in the order of what they mean to people.
enum class DecisionChange : std::uint8_t {
  kLoses,
  kGains,
  kCannotBeAsked,  ///< it was decided before, and is refused afterwards
  kCanBeAsked,
  kObligations,  ///< allowed by both, with other obligations
  kRemedy,       ///< denied by both; whether breaking the glass or signing in again helps differs
  kCause,
  kPolicies,  ///< only the determining policies differ
};
inline constexpr std::size_t kDecisionChanges = 8;

/// Its name in documents, what it means, and what the opposite comparison finds.
struct DecisionChangeWord {
  DecisionChange value;
  std::string_view name;
  std::string_view about;
  DecisionChange mirrored;
};
std::span<const DecisionChangeWord, kDecisionChanges> all_decision_changes();
const DecisionChangeWord& word_of(DecisionChange change);

/// Whether what people may do differs, and not only why.
bool changes_access(DecisionChange change);

/// An answer as comparisons show it, with texts of its own; lists are sorted.
struct AnswerSide {
  bool is_answered = true;  ///< false: the question was refused
  bool is_allowed = false;
  std::string cause = {};  ///< of a refusal: its error's code
  std::vector<std::string> policies = {};
  std::vector<std::string> obligations = {};  ///< each with its terms: `obligation_text`
  bool is_override_possible = false;
  std::string step_up = {};  ///< how one would have to sign in, e.g. `2 otp`; empty: does not help

  bool operator==(const AnswerSide&) const = default;

  /// `allow`, `deny` or `refused`.
  std::string_view decision() const;
};

using DecidedAnswer = Result<pdp::AccessDecision>;

AnswerSide side_of(const DecidedAnswer& answer);

/// An obligation with its terms, as AnswerSide::obligations has it: `mask-fields (fields: address,
/// phone; within: 300 s)`. `terms`: its members of a reply's `obligation_terms`, in any order.
std::string obligation_text(std::string_view name, const boost::json::object& terms);

/// What differs; nothing: they say the same. Takes no memory where they do.
std::optional<DecisionChange> find_change(const DecidedAnswer& before, const DecidedAnswer& after);
/// The same of what was kept of answers.
std::optional<DecisionChange> find_change(const AnswerSide& before, const AnswerSide& after);

}  // namespace wardlock::compare
