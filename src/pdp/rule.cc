#include "pdp/rule.h"

#include <algorithm>
#include <array>
#include <memory_resource>
#include <utility>
#include <vector>

namespace wardlock::pdp {
namespace {

using cedar::Evaluator;
using cedar::Policy;

using Policies = Partition::Policies;

bool supports(const Question& question, const Policy& policy) {
  const auto obligation = policy.body->annotation("obligation");
  return std::ranges::find(question.supported_obligations, obligation) !=
         question.supported_obligations.end();
}

/// Policies that were satisfied and policies that could not be evaluated.
struct Outcome {
  explicit Outcome(Arena& arena) : matched(arena.resource()), errors(arena.resource()) {}

  std::pmr::vector<const Policy*> matched;
  std::pmr::vector<cedar::PolicyError> errors;

  void add(const Outcome& other) {
    matched.insert(matched.end(), other.matched.begin(), other.matched.end());
    errors.insert(errors.end(), other.errors.begin(), other.errors.end());
  }
  bool is_empty() const { return matched.empty() && errors.empty(); }
};

template <typename Applies>
void collect(Evaluator& evaluator, const Policies& policies, Outcome& outcome, Applies applies) {
  for (const Policy* policy : policies) {
    if (!applies(*policy)) continue;
    const auto satisfied = evaluator.is_satisfied(*policy);
    if (!satisfied) {
      outcome.errors.push_back({policy, satisfied.error()});
    } else if (*satisfied) {
      outcome.matched.push_back(policy);
    }
  }
}

void collect(Evaluator& evaluator, const Policies& policies, Outcome& outcome) {
  collect(evaluator, policies, outcome, [](const Policy&) { return true; });
}

std::span<const cedar::PolicyError> joined(std::span<const cedar::PolicyError> first,
                                           std::span<const cedar::PolicyError> second,
                                           Arena& arena) {
  if (first.empty() && second.empty()) return {};
  std::pmr::vector<cedar::PolicyError> all(first.begin(), first.end(), arena.resource());
  all.insert(all.end(), second.begin(), second.end());
  return arena.copy(all);
}

/// Rule 1, for outcomes already collected: deny if a forbid matched or errored; else allow if a
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
  verdict.errors = joined(forbids.errors, permits.errors, arena);
  return verdict;
}

/// Adds the obligations of every supported B that matched or errored: those the caller must fulfil.
void add_obligations(Evaluator& evaluator, const Partition& policies, const Question& question,
                     Arena& arena, Verdict& verdict) {
  Outcome owed(arena);
  collect(evaluator, policies.obligations, owed,
          [&](const Policy& policy) { return supports(question, policy); });
  if (owed.is_empty()) return;
  std::pmr::vector<std::string_view> names(arena.resource());
  const auto add = [&](const Policy* policy) {
    const std::string_view name = *policy->body->annotation("obligation");
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  };
  for (const Policy* policy : owed.matched) add(policy);
  for (const auto& error : owed.errors) add(error.policy);
  verdict.obligations = arena.copy(names);
  verdict.errors = joined(verdict.errors, owed.errors, arena);
}

/// Whether the grant is open and covers principal, target, action and time.
bool covers(const Grant& grant, const Question& question) {
  const cedar::Request& request = question.request;
  const auto is_in = [&](const cedar::EntityUid& uid, const cedar::EntityUid& group) {
    if (uid == group) return true;
    const cedar::Entity* entity = question.entities.find(uid);
    return entity != nullptr && question.entities.has_ancestor(*entity, group);
  };
  return *grant.principal == *request.principal && is_in(*request.resource, *grant.target) &&
         std::ranges::any_of(grant.actions,
                             [&](const cedar::Value& action) {
                               return is_in(*request.action, action.as_entity());
                             }) &&
         grant.opens_at <= question.now && question.now < grant.expires_at;
}

/// strict(O ∪ F ∪ unsupported B) with `context.override`.
Verdict under_override(const Partition& policies, const Question& question, const Grant& grant,
                       Arena& arena) {
  const cedar::Request* request =
      arena.make<cedar::Request>(with_override(question.request, grant, arena));
  Evaluator evaluator(*request, question.entities, arena);
  Outcome forbids(arena), permits(arena);
  collect(evaluator, policies.overrides, permits);
  if (permits.matched.empty()) return {};
  collect(evaluator, policies.forbids, forbids);
  collect(evaluator, policies.obligations, forbids,
          [&](const Policy& policy) { return !supports(question, policy); });
  Verdict verdict = strict(forbids, permits, arena);
  if (!verdict.is_allowed) return verdict;
  verdict.cause = Cause::kOverride;
  verdict.grant = &grant;
  add_obligations(evaluator, policies, question, arena, verdict);
  return verdict;
}

/// Whether the grant waives every W that matched or errored.
bool waives_all(const Grant& grant, const Outcome& waivables) {
  const auto is_waived = [&](const Policy* policy) {
    return contains(grant.waives, cedar::Value::string(policy->id));
  };
  return std::ranges::all_of(waivables.matched, is_waived) &&
         std::ranges::all_of(waivables.errors, is_waived, &cedar::PolicyError::policy);
}

Verdict decide_cedar(const Partition& policies, const Question& question, Arena& arena) {
  Evaluator evaluator(question.request, question.entities, arena);
  Outcome forbids(arena), permits(arena);
  collect(evaluator, policies.forbids, forbids);
  collect(evaluator, policies.permits, permits);
  // Cedar skips what errors, forbids too.
  const auto skipped = std::exchange(forbids.errors, {});
  Verdict verdict = strict(forbids, permits, arena);
  verdict.errors = joined(skipped, verdict.errors, arena);
  return verdict;
}

Verdict decide_strict(const Partition& policies, const Question& question, Arena& arena) {
  Evaluator evaluator(question.request, question.entities, arena);
  Outcome forbids(arena), waivables(arena), permits(arena);
  collect(evaluator, policies.forbids, forbids);
  collect(evaluator, policies.waivables, waivables);
  collect(evaluator, policies.obligations, forbids,
          [&](const Policy& policy) { return !supports(question, policy); });
  collect(evaluator, policies.permits, permits);

  forbids.add(waivables);
  Verdict verdict = strict(forbids, permits, arena);
  if (verdict.is_allowed) {
    add_obligations(evaluator, policies, question, arena, verdict);
    return verdict;
  }

  if (!question.is_override_declared || policies.overrides.empty()) return verdict;
  const Grant* grant = question.grant;
  if (grant != nullptr && covers(*grant, question) && waives_all(*grant, waivables)) {
    Verdict overridden = under_override(policies, question, *grant, arena);
    if (overridden.is_allowed) return overridden;
  }
  const Grant hypothetical = hypothetical_grant(question, arena);
  verdict.is_override_possible = under_override(policies, question, hypothetical, arena).is_allowed;
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
  }
  return "unknown";
}

cedar::Value with_override(const cedar::Value& context, const Grant& grant, Arena& arena) {
  std::array<cedar::Field, 3> override_fields = {{
      {"expiresAt", cedar::Value::datetime(grant.expires_at)},
      {"id", cedar::Value::string(grant.id)},
      {"reason", cedar::Value::string(grant.reason)},
  }};
  const auto present = context.as_record();
  std::vector<cedar::Field> fields(present.begin(), present.end());
  fields.push_back({"override", cedar::make_record(arena, override_fields)});
  return cedar::make_record(arena, fields);
}

cedar::Request with_override(const cedar::Request& request, const Grant& grant, Arena& arena) {
  cedar::Request out = request;
  out.context = with_override(request.context, grant, arena);
  return out;
}

Grant hypothetical_grant(const Question& question, Arena& arena) {
  constexpr std::int64_t kHour = 3'600'000;
  Grant grant;
  grant.principal = question.request.principal;
  grant.target = question.request.resource;
  const std::array actions = {cedar::Value::entity(question.request.action)};
  grant.actions = arena.copy(actions);
  grant.opens_at = question.now;
  grant.expires_at = question.now + kHour;
  return grant;
}

Verdict decide(const Partition& policies, const Question& question, Arena& arena,
               cedar::StepBudget& budget) {
  const Verdict verdict = policies.mode == Mode::kCedar ? decide_cedar(policies, question, arena)
                                                        : decide_strict(policies, question, arena);
  // What was found out before it was used up counts for nothing.
  if (budget.is_used_up()) return {.cause = Cause::kStepLimit};
  return verdict;
}

}  // namespace wardlock::pdp
