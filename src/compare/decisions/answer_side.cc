#include "compare/decisions/answer_side.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>

namespace wardlock::compare {
namespace {

using Texts = pdp::AccessDecision::Texts;
using enum DecisionChange;

constexpr std::array<DecisionChangeWord, kDecisionChanges> kWords = {{
    {kLoses, "loses", "allowed before, denied after", kGains},
    {kGains, "gains", "denied before, allowed after", kLoses},
    {kCannotBeAsked, "cannot_be_asked", "decided before, refused as a question after", kCanBeAsked},
    {kCanBeAsked, "can_be_asked", "refused as a question before, decided after", kCannotBeAsked},
    {kObligations, "obligations", "allowed by both, with other obligations", kObligations},
    {kRemedy, "remedy", "denied by both; breaking the glass or signing in again helps differently",
     kRemedy},
    {kCause, "cause", "decided alike, for another cause", kCause},
    {kPolicies, "policies", "decided alike, by other policies", kPolicies},
}};

std::vector<std::string> sorted(Texts texts) {
  std::vector<std::string> out(texts.begin(), texts.end());
  std::ranges::sort(out);
  return out;
}

/// In whatever order they come.
bool are_same(Texts a, Texts b) {
  if (std::ranges::equal(a, b)) return true;
  return a.size() == b.size() && sorted(a) == sorted(b);
}

/// In whatever order they come.
bool are_same(std::span<const pdp::ObligationTerm> a, std::span<const pdp::ObligationTerm> b) {
  const auto is_same = [](const pdp::ObligationTerm& one, const pdp::ObligationTerm& other) {
    return one.obligation == other.obligation && one.name == other.name &&
           std::ranges::equal(one.words, other.words) && one.within_ms == other.within_ms;
  };
  return std::ranges::is_permutation(a, b, is_same);
}

/// As a reply tells them.
boost::json::object terms_of(std::string_view obligation,
                             std::span<const pdp::ObligationTerm> terms) {
  boost::json::object out;
  for (const pdp::ObligationTerm& term : terms) {
    if (term.obligation != obligation) continue;
    if (term.is_time()) {
      out[term.name] = term.within_ms / 1000;
    } else {
      out[term.name] = boost::json::array(term.words.begin(), term.words.end());
    }
  }
  return out;
}

std::vector<std::string> obligations_of(const pdp::AccessDecision& decision) {
  std::vector<std::string> out;
  for (const std::string_view name : decision.obligations) {
    out.push_back(obligation_text(name, terms_of(name, decision.terms)));
  }
  std::ranges::sort(out);
  return out;
}

std::string text_of(const boost::json::value& term) {
  if (term.is_int64()) return fmt::format("{} s", term.get_int64());
  if (!term.is_array()) return boost::json::serialize(term);
  std::vector<std::string> words;
  for (const boost::json::value& word : term.get_array()) {
    words.push_back(word.is_string() ? std::string(std::string_view(word.get_string()))
                                     : boost::json::serialize(word));
  }
  std::ranges::sort(words);
  return fmt::format("{}", fmt::join(words, ", "));
}

std::string text_of(const std::optional<pdp::Authentication>& authentication) {
  if (!authentication) return {};
  std::string out = fmt::to_string(authentication->level);
  for (const std::string& method : sorted(authentication->methods)) out += " " + method;
  return out;
}

bool are_same(const std::optional<pdp::Authentication>& a,
              const std::optional<pdp::Authentication>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  return a->level == b->level && are_same(a->methods, b->methods);
}

}  // namespace

std::span<const DecisionChangeWord, kDecisionChanges> all_decision_changes() { return kWords; }

const DecisionChangeWord& word_of(DecisionChange change) {
  return kWords[static_cast<std::size_t>(change)];
}

bool changes_access(DecisionChange change) { return change <= kObligations; }

std::string_view AnswerSide::decision() const {
  if (!is_answered) return "refused";
  return is_allowed ? "allow" : "deny";
}

std::string obligation_text(std::string_view name, const boost::json::object& terms) {
  if (terms.empty()) return std::string(name);
  std::vector<std::string> texts;
  for (const auto& [term, value] : terms) {
    texts.push_back(fmt::format("{}: {}", std::string_view(term), text_of(value)));
  }
  std::ranges::sort(texts);
  return fmt::format("{} ({})", name, fmt::join(texts, "; "));
}

AnswerSide side_of(const DecidedAnswer& answer) {
  AnswerSide side;
  if (!answer) {
    side.is_answered = false;
    side.cause = to_string(answer.error().code);
    return side;
  }
  side.is_allowed = answer->is_allowed;
  side.cause = to_string(answer->cause);
  side.policies = sorted(answer->policies);
  side.obligations = obligations_of(*answer);
  side.is_override_possible = answer->is_override_possible;
  side.step_up = text_of(answer->step_up);
  return side;
}

std::optional<DecisionChange> find_change(const DecidedAnswer& before, const DecidedAnswer& after) {
  if (!before && !after) return std::nullopt;
  if (!before) return kCanBeAsked;
  if (!after) return kCannotBeAsked;
  if (before->is_allowed != after->is_allowed) return after->is_allowed ? kGains : kLoses;
  if (!are_same(before->obligations, after->obligations) ||
      !are_same(before->terms, after->terms)) {
    return kObligations;
  }
  if (before->is_override_possible != after->is_override_possible ||
      !are_same(before->step_up, after->step_up)) {
    return kRemedy;
  }
  if (before->cause != after->cause) return kCause;
  if (!are_same(before->policies, after->policies)) return kPolicies;
  return std::nullopt;
}

std::optional<DecisionChange> find_change(const AnswerSide& before, const AnswerSide& after) {
  if (!before.is_answered && !after.is_answered) return std::nullopt;
  if (!before.is_answered) return kCanBeAsked;
  if (!after.is_answered) return kCannotBeAsked;
  if (before.is_allowed != after.is_allowed) return after.is_allowed ? kGains : kLoses;
  if (before.obligations != after.obligations) return kObligations;
  if (before.is_override_possible != after.is_override_possible ||
      before.step_up != after.step_up) {
    return kRemedy;
  }
  if (before.cause != after.cause) return kCause;
  if (before.policies != after.policies) return kPolicies;
  return std::nullopt;
}

}  // namespace wardlock::compare
