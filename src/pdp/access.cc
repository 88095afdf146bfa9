#include "pdp/access.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory_resource>
#include <vector>

#include "pdp/acting.h"
#include "pdp/counted_decision.h"
#include "pdp/delegated.h"
#include "pdp/entity_name.h"
#include "pdp/notes.h"
#include "pdp/request_context.h"
#include "pdp/resolve.h"
#include "pdp/stale.h"
#include "pdp/step_up.h"

namespace wardlock::pdp {
namespace {

/// What most decisions need; more comes from the heap.
constexpr std::size_t kUsualBytes = 8 << 10;

using Texts = AccessDecision::Texts;

Texts ids(const Verdict& verdict, Arena& arena) {
  const auto texts = arena.allocate<std::string_view>(verdict.policies.size());
  std::ranges::transform(verdict.policies, texts.begin(),
                         [](const cedar::Policy* policy) { return std::string_view(policy->id); });
  return texts;
}

/// The reasons of the determining policies, each once.
Texts reasons(const Verdict& verdict, Arena& arena) {
  std::pmr::vector<std::string_view> texts(arena.resource());
  for (const cedar::Policy* policy : verdict.policies) {
    const auto reason = policy->body->annotation("reason");
    if (reason) texts.push_back(*reason);
  }
  return distinct(arena, texts);
}

Texts errors(const Verdict& verdict, Arena& arena) {
  const auto texts = arena.allocate<std::string_view>(verdict.errors.size());
  std::ranges::transform(verdict.errors, texts.begin(), [&](const cedar::PolicyError& error) {
    return arena.copy(
        std::string_view(fmt::format("{}: {}", error.policy->id, error.error.message())));
  });
  return texts;
}

/// That the one whom the record names besides is who acted, and which clients had before.
void add_actor_notes(const UsedActor& actor, Arena& arena,
                     std::pmr::vector<std::string_view>& texts) {
  texts.push_back(join(arena, {"actor: ", actor.type}));
  for (const std::string_view client : actor.before) {
    texts.push_back(join(arena, {"acted before: ", client}));
  }
}

/// What the record notes: `stale: User.onCall` for each, who acted, the approval where the record
/// is of another right besides, and what is noted for who asks.
Texts record_notes(const AccessDecision& decision, Arena& arena) {
  const bool is_beside =
      decision.approval && (decision.grant || decision.delegation || decision.actor);
  if (decision.stale.empty() && !is_beside && !decision.actor) return {};
  std::pmr::vector<std::string_view> texts(arena.resource());
  if (decision.actor) add_actor_notes(*decision.actor, arena, texts);
  if (is_beside) texts.push_back(join(arena, {"approval: ", decision.approval->id}));
  for (const std::string_view name : decision.stale)
    texts.push_back(join(arena, {"stale: ", name}));
  texts.insert(texts.end(), decision.notes.begin(), decision.notes.end());
  return arena.copy(texts);
}

AccessDecision to_decision(const Verdict& verdict, Arena& arena) {
  AccessDecision decision;
  decision.is_allowed = verdict.is_allowed;
  decision.cause = verdict.cause;
  decision.policies = ids(verdict, arena);
  decision.obligations = verdict.obligations;
  decision.terms = verdict.terms;
  decision.is_withheld = std::ranges::any_of(verdict.obligations, &withholds);
  if (verdict.grant != nullptr) {
    decision.grant = verdict.grant->id;
    decision.expires_at = verdict.grant->expires_at;
  }
  decision.is_override_possible = verdict.is_override_possible;
  return decision;
}

AccessDecision to_decision(const DelegatedVerdict& delegated, Arena& arena) {
  AccessDecision decision = to_decision(delegated.verdict, arena);
  decision.delegation = {.id = delegated.delegation->id, .delegator = delegated.delegator};
  decision.expires_at = delegated.expires_at;
  return decision;
}

AccessDecision to_decision(const ActingVerdict& acted, const Acting& acting, Arena& arena) {
  AccessDecision decision = to_decision(acted.verdict, arena);
  decision.actor = acting.name;
  const bool is_principals = acted.denied_part && acted.denied_part != ActingPart::kActor;
  decision.actor->is_denied = !decision.is_allowed && !is_principals;
  return decision;
}

/// The approval that an allow may stand on: policies saw it, and what they made of it they do not
/// say.
std::optional<UsedApproval> used_approval(const Approval* approval) {
  if (approval == nullptr) return std::nullopt;
  const auto approver = named_entity(&approval->approvers.front());
  if (!approver) return std::nullopt;
  return UsedApproval{
      .id = approval->id, .approver = *approver, .expires_at = approval->expires_at};
}

/// Completes the question, and calls with it and its candidates.
template <typename Answer>
auto answer_with(const Snapshot& snapshot, const AccessRequest& access,
                 const ResolvedRequest& resolved, std::int64_t now, Arena& arena, Answer answer) {
  const cedar::EntityView entities(snapshot.entities, resolved.overlay);
  const auto over = emergency_overlay(snapshot, resolved.request, resolved.overlay, arena);
  const cedar::EntityView emergency(snapshot.entities, over);
  const Question question{.request = resolved.request,
                          .entities = entities,
                          .now = now,
                          .supported_obligations = access.supported_obligations,
                          .grant = resolved.acting ? nullptr : find_grant(snapshot, access.grant),
                          .is_override_declared = resolved.is_override_declared,
                          .emergency = over.empty() ? nullptr : &emergency};
  cedar::StepBudget budget(access.max_steps);
  Candidates policies(snapshot.partition(), question.request, entities, arena, budget);
  return answer(policies, question, budget);
}

}  // namespace

bool declares_override(const Snapshot& snapshot, const cedar::EntityUid& action) {
  if (!snapshot.schema()) return true;
  const cedar::ActionType* declared = snapshot.schema()->find_action(action);
  return declared != nullptr && declares_override(*declared);
}

bool declares_delegation(const Snapshot& snapshot, const cedar::EntityUid& action) {
  if (!snapshot.schema()) return true;
  const cedar::ActionType* declared = snapshot.schema()->find_action(action);
  return declared != nullptr && declared->context->find_attribute("delegation") != nullptr;
}

bool declares_override(const cedar::ActionType& action) {
  return action.context->find_attribute("override") != nullptr;
}

const Grant* find_grant(const Snapshot& snapshot, std::string_view id) {
  if (id.empty()) return nullptr;  // none is named
  const auto it = std::ranges::lower_bound(snapshot.grants, id, {}, &Grant::id);
  return it != snapshot.grants.end() && it->id == id ? &*it : nullptr;
}

Authentication authentication_of(const AccessRequest& access) {
  if (access.verified != nullptr) return access.verified->authentication;
  return access.authentication.value_or(Authentication{});
}

namespace {

struct Answered {
  Verdict verdict;
  AccessDecision decision;
};

/// One question on its way to an answer. Borrows everything.
class Answering {
 public:
  Answering(const Snapshot& snapshot, const Question& question, const Authentication& present,
            Arena& arena, cedar::StepBudget& budget)
      : snapshot_(snapshot),
        question_(question),
        present_(present),
        arena_(arena),
        budget_(budget) {}

  /// For a principal who acts by themselves, among the question's candidates.
  Answered by_itself(Candidates& policies) {
    const Verdict own = decide(policies, question_);
    Answered out{.verdict = own, .decision = to_decision(own, arena_)};
    if (out.decision.is_allowed) return out;
    if (const auto delegated = decide_delegated(snapshot_, question_, arena_, budget_)) {
      return {.verdict = delegated->verdict, .decision = to_decision(*delegated, arena_)};
    }
    out.decision.step_up = find_step_up(policies, question_, present_);
    return out;
  }

  /// For one for whom somebody acts.
  Answered by_actor(const Acting& acting) {
    const ActingVerdict acted = decide_acting(snapshot_, question_, acting, arena_, budget_);
    Answered out{.verdict = acted.verdict, .decision = to_decision(acted, acting, arena_)};
    if (acted.denied_part) out.decision.step_up = enough_for(acting, *acted.denied_part);
    return out;
  }

 private:
  Question asked_as(const cedar::Request& request) const {
    return {.request = request,
            .entities = question_.entities,
            .now = question_.now,
            .supported_obligations = question_.supported_obligations,
            .grant = nullptr,
            .is_override_declared = false};
  }

  /// What would be enough for the part that was denied, if it would be for all.
  std::optional<Authentication> enough_for(const Acting& acting, ActingPart denied) {
    const auto request = request_of(denied, snapshot_, question_, acting, arena_);
    if (!request) return std::nullopt;
    Candidates policies(snapshot_.partition(), *request, question_.entities, arena_, budget_);
    const auto enough = find_step_up(policies, asked_as(*request), present_);
    if (!enough) return std::nullopt;
    std::pmr::vector<std::string_view> methods(present_.methods.begin(), present_.methods.end(),
                                               arena_.resource());
    methods.insert(methods.end(), enough->methods.begin(), enough->methods.end());
    cedar::Request signed_in = question_.request;
    signed_in.context = with_authentication(
        signed_in.context, {.level = enough->level, .methods = arena_.copy(methods)}, arena_);
    const auto again = decide_acting(snapshot_, asked_as(signed_in), acting, arena_, budget_);
    return again.verdict.is_allowed ? enough : std::nullopt;
  }

  const Snapshot& snapshot_;
  const Question& question_;
  const Authentication present_;
  Arena& arena_;
  cedar::StepBudget& budget_;
};

/// `use`, with the decision and what is left to decide with.
template <typename Use>
auto decide_and(const Snapshot& snapshot, const AccessRequest& access,
                const ResolvedRequest& resolved, std::int64_t now, Arena& arena, Use use) {
  const auto answer = [&](Candidates& policies, const Question& question,
                          cedar::StepBudget& budget) {
    Answering answering(snapshot, question, authentication_of(access), arena, budget);
    auto [verdict, decision] =
        resolved.acting ? answering.by_actor(*resolved.acting) : answering.by_itself(policies);
    decision.stale = find_stale(snapshot, policies, question.request, question.entities, arena);
    decision.consents = resolved.provisions;
    if (decision.is_allowed) decision.approval = used_approval(resolved.approval);
    if (access.is_recorded) {
      decision.accountable =
          snapshot.rulebook->accountability.find(question.request, question.entities);
    }
    if (access.caller->may_explain) {
      decision.reasons = reasons(verdict, arena);
      decision.errors = errors(verdict, arena);
      decision.notes = resolved.notes;
    }
    if (access.is_recorded) decision.record_notes = record_notes(decision, arena);
    return use(decision, budget);
  };
  return answer_with(snapshot, access, resolved, now, arena, answer);
}

/// What was taken from a budget of so many steps. It tells of a number only whether there are as
/// many, so that deciding keeps no count that nobody reads.
std::uint64_t taken_from(const cedar::StepBudget& budget, std::uint64_t of) {
  std::uint64_t least = 0;
  std::uint64_t most = of;
  while (least < most) {
    const std::uint64_t left = most - (most - least) / 2;
    cedar::StepBudget tried = budget;
    if (tried.take(left)) {
      least = left;
    } else {
      most = left - 1;
    }
  }
  return of - least;
}

}  // namespace

Result<AccessDecision> decide(const Snapshot& snapshot, const AccessRequest& access,
                              std::int64_t now, Arena& arena) {
  const ResolvedRequest resolved = TRY(resolve(snapshot, access, now, arena));
  return decide(snapshot, access, resolved, now, arena);
}

Result<AccessDecision> decide(const Snapshot& snapshot, const AccessRequest& access,
                              const ResolvedRequest& resolved, std::int64_t now, Arena& arena) {
  return decide_and(
      snapshot, access, resolved, now, arena,
      [](const AccessDecision& decision, const cedar::StepBudget&) { return decision; });
}

Result<CountedDecision> decide_counted(const Snapshot& snapshot, const AccessRequest& access,
                                       std::int64_t now, Arena& arena) {
  const ResolvedRequest resolved = TRY(resolve(snapshot, access, now, arena));
  return decide_and(snapshot, access, resolved, now, arena,
                    [&](const AccessDecision& decision, const cedar::StepBudget& budget) {
                      return CountedDecision{.decision = decision,
                                             .steps = taken_from(budget, access.max_steps)};
                    });
}

Result<bool> is_allowed(const Snapshot& snapshot, const AccessRequest& access, std::int64_t now) {
  alignas(std::max_align_t) std::array<std::byte, kUsualBytes> buffer;
  Arena arena(buffer);
  const ResolvedRequest resolved = TRY(resolve(snapshot, access, now, arena));
  const auto answer = [&](Candidates& policies, const Question& question,
                          cedar::StepBudget& budget) {
    if (resolved.acting) {
      return decide_acting(snapshot, question, *resolved.acting, arena, budget).verdict.is_allowed;
    }
    return decide(policies, question).is_allowed ||
           decide_delegated(snapshot, question, arena, budget).has_value();
  };
  return answer_with(snapshot, access, resolved, now, arena, answer);
}

}  // namespace wardlock::pdp
