#include "cedar/authorizer/authorizer.h"

namespace wardlock::cedar {

std::string_view to_string(Decision decision) {
  return decision == Decision::kAllow ? "allow" : "deny";
}

Response authorize(std::span<const Policy> policies, const Request& request,
                   const EntityView& entities, Arena& arena) {
  Evaluator evaluator(request, entities, arena);
  std::vector<const Policy*> permits, forbids;
  Response response;
  for (const Policy& policy : policies) {
    const Evaluated<bool> satisfied = evaluator.is_satisfied(policy);
    if (!satisfied) {
      response.errors.push_back({&policy, satisfied.error()});
    } else if (*satisfied) {
      (policy.body->effect == Effect::kPermit ? permits : forbids).push_back(&policy);
    }
  }
  const bool is_allowed = forbids.empty() && !permits.empty();
  response.decision = is_allowed ? Decision::kAllow : Decision::kDeny;
  response.reasons = std::move(forbids.empty() ? permits : forbids);
  return response;
}

}  // namespace wardlock::cedar
