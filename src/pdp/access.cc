#include "pdp/access.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>

#include "pdp/resolve.h"
#include "pdp/step_up.h"

namespace wardlock::pdp {
namespace {

/// What most decisions need; more comes from the heap.
constexpr std::size_t kUsualBytes = 8 << 10;

/// The reasons of the determining policies, each once.
std::vector<std::string> reasons(const Verdict& verdict) {
  std::vector<std::string> texts;
  for (const cedar::Policy* policy : verdict.policies) {
    const auto reason = policy->body->annotation("reason");
    if (reason && std::ranges::find(texts, *reason) == texts.end()) texts.emplace_back(*reason);
  }
  return texts;
}

AccessDecision to_decision(const Verdict& verdict) {
  AccessDecision decision;
  decision.is_allowed = verdict.is_allowed;
  decision.cause = verdict.cause;
  for (const cedar::Policy* policy : verdict.policies) decision.policies.push_back(policy->id);
  decision.reasons = reasons(verdict);
  for (const cedar::PolicyError& error : verdict.errors) {
    decision.errors.push_back(fmt::format("{}: {}", error.policy->id, error.error.message()));
  }
  decision.obligations.assign(verdict.obligations.begin(), verdict.obligations.end());
  decision.is_withheld = std::ranges::any_of(verdict.obligations, &withholds);
  if (verdict.grant != nullptr) {
    decision.grant = verdict.grant->id;
    decision.expires_at = verdict.grant->expires_at;
  }
  decision.is_override_possible = verdict.is_override_possible;
  return decision;
}

/// Completes the question and has it answered by the policies that decide it.
template <typename T, typename Answer>
Result<T> answer_with(const Snapshot& snapshot, const AccessRequest& access, std::int64_t now,
                      Answer answer) {
  alignas(std::max_align_t) std::array<std::byte, kUsualBytes> buffer;
  Arena arena(buffer);
  ResolvedRequest resolved = TRY(resolve(snapshot, access, now, arena));
  const cedar::EntityView entities(snapshot.entities, resolved.overlay);
  const Question question{
      .request = resolved.request,
      .entities = entities,
      .now = now,
      .supported_obligations = access.supported_obligations,
      .grant = find_grant(snapshot, access.grant),
      .is_override_declared = declares_override(snapshot, *resolved.request.action)};
  return answer(snapshot.policies_for(*resolved.request.action), question, resolved, arena);
}

}  // namespace

bool declares_override(const Snapshot& snapshot, const cedar::EntityUid& action) {
  if (!snapshot.schema) return true;
  const cedar::ActionType* declared = snapshot.schema->find_action(action);
  return declared != nullptr && declared->context->find_attribute("override") != nullptr;
}

const Grant* find_grant(const Snapshot& snapshot, std::string_view id) {
  const auto it = std::ranges::lower_bound(snapshot.grants, id, {}, &Grant::id);
  return it != snapshot.grants.end() && it->id == id ? &*it : nullptr;
}

Result<AccessDecision> decide(const Snapshot& snapshot, const AccessRequest& access,
                              std::int64_t now) {
  const auto answer = [&](const Partition& policies, const Question& question,
                          ResolvedRequest& resolved, Arena& arena) {
    AccessDecision decision = to_decision(decide(policies, question, arena));
    if (!decision.is_allowed) {
      decision.step_up =
          find_step_up(policies, question, access.authentication.value_or(Authentication{}), arena);
    }
    if (access.caller->may_explain) {
      decision.notes = std::move(resolved.notes);
    } else {
      decision.reasons.clear();
      decision.errors.clear();
    }
    return decision;
  };
  return answer_with<AccessDecision>(snapshot, access, now, answer);
}

Result<bool> is_allowed(const Snapshot& snapshot, const AccessRequest& access, std::int64_t now) {
  return answer_with<bool>(
      snapshot, access, now,
      [](const Partition& policies, const Question& question, ResolvedRequest&, Arena& arena) {
        return decide(policies, question, arena).is_allowed;
      });
}

}  // namespace wardlock::pdp
