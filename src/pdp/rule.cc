#include "pdp/rule.h"

#include <algorithm>
#include <memory_resource>
#include <utility>
#include <vector>

#include "pdp/notes.h"
#include "pdp/obligation_terms.h"
#include "pdp/override.h"

namespace wardlock::pdp {
namespace {

using cedar::Policy;
using Errors = std::span<const cedar::PolicyError>;

Errors joined(Errors first, Errors second, Arena& arena) {
  if (second.empty()) return first;
  std::pmr::vector<cedar::PolicyError> all(first.begin(), first.end(), arena.resource());
  all.insert(all.end(), second.begin(), second.end());
  return arena.copy(all);
}

bool supports(const Question& question, const Policy& policy) {
  const auto obligation = policy.body->annotation("obligation");
  return std::ranges::find(question.supported_obligations, obligation) !=
         question.supported_obligations.end();
}

/// Rule 1, for what was found out about S: deny if a forbid matched or errored; else allow if a
/// permit is satisfied; else deny.
Verdict strict(const Outcome& forbids, const Outcome& permits, Arena& arena) {
  Verdict verdict;
  verdict.is_allowed = forbids.is_empty() && !permits.matched.empty();
  verdict.cause = !forbids.matched.empty()  ? Cause::kForbid
                  : !forbids.errors.empty() ? Cause::kForbidError
                  : verdict.is_allowed      ? Cause::kPermit
                                            : Cause::kNoPermit;
  if (verdict.cause == Cause::kForbidError) {
    const auto erring = arena.allocate<const Policy*>(forbids.errors.size());
    std::ranges::transform(forbids.errors, erring.begin(), &cedar::PolicyError::policy);
    verdict.policies = erring;
  } else {
    verdict.policies = arena.copy(forbids.matched.empty() ? permits.matched : forbids.matched);
  }
  verdict.errors = joined(arena.copy(forbids.errors), permits.errors, arena);
  return verdict;
}

/// Adds the obligations of every supported B that matched or errored: those the caller must fulfil.
void add_obligations(Judge& judge, const Question& question, Arena& arena, Verdict& verdict) {
  const Outcome owed = judge.judge(
      RulePart::kObligation, [&](const Policy& policy) { return supports(question, policy); });
  if (owed.is_empty()) return;
  std::pmr::vector<const Policy*> policies(owed.matched.begin(), owed.matched.end(),
                                           arena.resource());
  for (const auto& error : owed.errors) policies.push_back(error.policy);
  std::pmr::vector<std::string_view> names(arena.resource());
  for (const Policy* policy : policies) names.push_back(*policy->body->annotation("obligation"));
  verdict.obligations = distinct(arena, names);
  verdict.terms = merge_terms(policies, arena);
  verdict.errors = joined(verdict.errors, owed.errors, arena);
}

/// Whether the grant waives every W that matched or errored.
bool waives_all(const Grant& grant, const Outcome& waivables) {
  const auto is_waived = [&](const Policy* policy) {
    return contains(grant.waives, cedar::Value::string(policy->id));
  };
  return std::ranges::all_of(waivables.matched, is_waived) &&
         std::ranges::all_of(waivables.errors, is_waived, &cedar::PolicyError::policy);
}

Outcome unsupported_obligations(Judge& judge, const Question& question) {
  return judge.judge(RulePart::kObligation,
                     [&](const Policy& policy) { return !supports(question, policy); });
}

/// Rule 4, but for what is waived: strict(O ∪ F ∪ unsupported B) with `context.override`.
Verdict under_override(Candidates& policies, const Question& question, const Grant& grant) {
  Arena& arena = policies.arena();
  if (policies.of(RulePart::kOverride).empty()) return {};
  const auto* request = arena.make<cedar::Request>(with_override(question.request, grant, arena));
  Judge judge(policies, *request);
  const Outcome permits = judge.judge(RulePart::kOverride);
  if (permits.matched.empty()) return {};
  Outcome forbids = judge.judge(RulePart::kForbid);
  forbids.add(unsupported_obligations(judge, question));
  Verdict verdict = strict(forbids, permits, arena);
  if (!verdict.is_allowed) return verdict;
  verdict.cause = Cause::kOverride;
  verdict.grant = &grant;
  add_obligations(judge, question, arena, verdict);
  return verdict;
}

/// Rules 3 to 5, for what was denied. `waivables`: every W that matched or errored.
Verdict override_or_deny(Candidates& policies, const Question& question, const Outcome& waivables,
                         Verdict denied) {
  const Grant* grant = question.grant;
  if (grant != nullptr && covers(*grant, question) && waives_all(*grant, waivables)) {
    Verdict overridden = under_override(policies, question, *grant);
    if (overridden.is_allowed) return overridden;
  }
  const Grant hypothetical = hypothetical_grant(question, policies.arena());
  denied.is_override_possible = under_override(policies, question, hypothetical).is_allowed;
  return denied;
}

/// The same where an override sees other entities.
Verdict override_in_emergency(Candidates& policies, const Question& question,
                              const Verdict& denied) {
  Candidates others(policies.partition(), question.request, *question.emergency, policies.arena(),
                    policies.budget());
  const Question emergency{.request = question.request,
                           .entities = *question.emergency,
                           .now = question.now,
                           .supported_obligations = question.supported_obligations,
                           .grant = question.grant};
  Judge judge(others, question.request);
  return override_or_deny(others, emergency, judge.judge(RulePart::kWaivable), denied);
}

/// Rules 2 to 5.
Verdict decide_strict(Candidates& policies, const Question& question) {
  Arena& arena = policies.arena();
  Judge judge(policies, question.request);
  Outcome forbids = judge.judge(RulePart::kForbid);
  const Outcome waivables = judge.judge(RulePart::kWaivable);
  forbids.add(unsupported_obligations(judge, question));
  forbids.add(waivables);
  Verdict verdict = strict(forbids, judge.judge(RulePart::kPermit), arena);
  if (verdict.is_allowed) {
    add_obligations(judge, question, arena, verdict);
    return verdict;
  }

  if (!question.is_override_declared) return verdict;
  if (question.emergency != nullptr) return override_in_emergency(policies, question, verdict);
  return override_or_deny(policies, question, waivables, verdict);
}

/// Cedar's rule: it skips what errors, forbids too.
Verdict decide_cedar(Candidates& policies, const Question& question) {
  Judge judge(policies, question.request);
  Outcome forbids = judge.judge(RulePart::kForbid);
  const auto skipped = std::exchange(forbids.errors, {});
  Verdict verdict = strict(forbids, judge.judge(RulePart::kPermit), policies.arena());
  verdict.errors = joined(policies.arena().copy(skipped), verdict.errors, policies.arena());
  return verdict;
}

}  // namespace

std::string_view to_string(Cause cause) {
  switch (cause) {
    case Cause::kPermit: return "permit";
    case Cause::kOverride: return "override";
    case Cause::kForbid: return "forbid";
    case Cause::kForbidError: return "forbid_error";
    case Cause::kNoPermit: return "no_permit";
    case Cause::kStepLimit: return "step_limit";
    case Cause::kActorUnknown: return "actor_unknown";
    case Cause::kActorNotApplicable: return "actor_not_applicable";
  }
  return "unknown";
}

Verdict decide(Candidates& policies, const Question& question) {
  const Verdict verdict = policies.mode() == Mode::kCedar ? decide_cedar(policies, question)
                                                          : decide_strict(policies, question);
  // What was found out before it was used up counts for nothing.
  if (policies.budget().is_used_up()) return {.cause = Cause::kStepLimit};
  return verdict;
}

Verdict decide(const Partition& policies, const Question& question, Arena& arena,
               cedar::StepBudget& budget) {
  Candidates candidates(policies, question.request, question.entities, arena, budget);
  return decide(candidates, question);
}

}  // namespace wardlock::pdp
