#include "suite/why.h"

#include <fmt/format.h>

#include <algorithm>

#include "cedar/ast/policy_text.h"
#include "cedar/trace/short_text.h"
#include "cedar/trace/trace.h"
#include "pdp/acting.h"
#include "pdp/resolve.h"
#include "suite/possible_outcomes.h"
#include "suite/run.h"

namespace wardlock::suite {
namespace {

using cedar::Outcome;
using cedar::Part;

std::string policy_line(const cedar::Policy& policy) {
  std::string out = fmt::format("`{}`", policy.id);
  if (!policy.body->source.empty()) out += fmt::format(" ({})", policy.body->source);
  return out;
}

/// What a condition has seen, if it has seen anything.
std::string values(const cedar::PartTrace& traced) {
  std::string out;
  for (const cedar::Seen& seen : traced.seen) {
    const auto text = cedar::to_text(*seen.expr);
    if (!text) continue;
    out += fmt::format("{}`{}` is {}", out.empty() ? "; " : ", ", *text,
                       cedar::to_short_text(seen.value));
  }
  return out;
}

class Inquiry {
 public:
  Inquiry(const Test& test, const pdp::Snapshot& snapshot, cedar::StepBudget* budget)
      : snapshot_(snapshot), budget_(budget) {
    const pdp::Caller caller = pdp::Caller::unrestricted(test.asked.pep);
    auto resolved =
        pdp::resolve(snapshot, to_request(test.asked, caller, arena_), test.asked.at, arena_);
    if (resolved) resolved_.emplace(*std::move(resolved));
    if (resolved_ && resolved_->acting) look_at_denied_part(test);
  }

  /// Why the policy is not satisfied, or nothing where it is.
  std::string failure(const cedar::Policy& policy) {
    const cedar::PolicyTrace traced = trace(policy);
    if (traced.outcome == Outcome::kTrue) return {};
    const auto parts = cedar::parts_of(*policy.body);
    std::string what = "it was not evaluated";
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const cedar::PartTrace& part = traced.parts[i];
      if (part.outcome == Outcome::kNotEvaluated) continue;
      const std::string text = parts[i].kind == Part::Kind::kCondition
                                   ? cedar::to_text(*parts[i].expr).value_or("a condition")
                                   : scope_text(*policy.body, parts[i].kind);
      what = part.error ? fmt::format("`{}` erred: {}", text, part.error->message())
                        : fmt::format("`{}` was {}{}", text, to_string(part.outcome), values(part));
    }
    return fmt::format("{} did not match: {}", policy_line(policy), what);
  }

  /// The permits whose scope admits the question, with what kept them from being satisfied.
  std::vector<std::string> nearest_permits() {
    constexpr std::size_t kFew = 5;
    std::vector<std::string> out;
    for (const cedar::Policy* policy : snapshot_.partition().permits) {
      if (out.size() == kFew || (budget_ != nullptr && budget_->is_used_up())) break;
      if (is_candidate(*policy)) out.push_back(failure(*policy));
    }
    if (out.empty()) out.emplace_back("the scope of no permit admits this question");
    return out;
  }

  bool is_resolved() const { return resolved_.has_value(); }

 private:
  /// Of a question in which somebody acts, what kept it from being allowed is in one of its parts.
  void look_at_denied_part(const Test& test) {
    const cedar::EntityView entities(snapshot_.entities, resolved_->overlay);
    const auto fulfils = pdp::views_of(test.asked.fulfils, arena_);
    const pdp::Question question{.request = resolved_->request,
                                 .entities = entities,
                                 .now = test.asked.at,
                                 .supported_obligations = fulfils,
                                 .grant = nullptr,
                                 .is_override_declared = false};
    cedar::StepBudget usual;
    cedar::StepBudget& budget = budget_ == nullptr ? usual : *budget_;
    const auto acted = pdp::decide_acting(snapshot_, question, *resolved_->acting, arena_, budget);
    if (!acted.denied_part) return;
    const auto denied =
        pdp::request_of(*acted.denied_part, snapshot_, question, *resolved_->acting, arena_);
    if (denied) resolved_->request = *denied;
  }

  cedar::PolicyTrace trace(const cedar::Policy& policy) {
    const cedar::EntityView entities(snapshot_.entities, resolved_->overlay);
    if (budget_ != nullptr) budget_->take(kTraceSteps);
    return cedar::trace(policy, resolved_->request, entities, arena_, cedar::TraceDetail::kValues,
                        budget_);
  }

  bool is_candidate(const cedar::Policy& policy) {
    const cedar::PolicyTrace traced = trace(policy);
    const auto parts = cedar::parts_of(*policy.body);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const bool is_scope = parts[i].kind != Part::Kind::kCondition;
      if (is_scope && traced.parts[i].outcome != Outcome::kTrue) return false;
    }
    return traced.outcome != Outcome::kTrue;
  }

  const pdp::Snapshot& snapshot_;
  cedar::StepBudget* const budget_;
  Arena arena_;
  std::optional<pdp::ResolvedRequest> resolved_;
};

}  // namespace

std::vector<std::string> why_so(const Test& test, const Answer& answer,
                                const pdp::Snapshot& snapshot, cedar::StepBudget* budget) {
  std::vector<std::string> out;
  for (const std::string& id : answer.policies) {
    const cedar::Policy& policy = *snapshot.policies().find_policy(id);
    const auto reason = policy.body->annotation("reason");
    out.push_back(fmt::format("determined by {}{}{}", policy_line(policy), reason ? ": " : "",
                              reason.value_or("")));
  }
  Inquiry inquiry(test, snapshot, budget);
  if (inquiry.is_resolved() && test.expected.policies) {
    for (const Word& word : *test.expected.policies) {
      if (std::ranges::find(answer.policies, word.text) != answer.policies.end()) continue;
      const std::string failure = inquiry.failure(*snapshot.policies().find_policy(word.text));
      if (!failure.empty()) out.push_back(failure);
    }
  } else if (inquiry.is_resolved() && answer.cause == pdp::Cause::kNoPermit) {
    std::ranges::move(inquiry.nearest_permits(), std::back_inserter(out));
  }
  for (const std::string& error : answer.errors) {
    out.push_back("could not be evaluated: " + error);
  }
  for (const std::string& note : answer.notes) out.push_back("note: " + note);
  return out;
}

}  // namespace wardlock::suite
