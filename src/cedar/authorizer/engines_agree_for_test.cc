#include "cedar/authorizer/engines_agree_for_test.h"

#include <fmt/format.h>

#include <vector>

#include "cedar/authorizer/authorizer.h"
#include "cedar/compiled/compiled_evaluator.h"

namespace wardlock::cedar {
namespace {

std::string describe(const Response& response) {
  std::string out(to_string(response.decision));
  for (const Policy* policy : response.reasons) out += " " + policy->id;
  for (const PolicyError& error : response.errors) {
    out += fmt::format("; {} at {}: {} {}", error.policy->id, error.error.span.begin,
                       to_string(error.error.kind), error.error.message());
  }
  return out;
}

std::string difference(std::string_view what, std::string_view interpreted,
                       std::string_view compiled) {
  if (interpreted == compiled) return {};
  return fmt::format("{}: interpreted {}, compiled {}", what, interpreted, compiled);
}

std::string by_scope(const RandomDecision& decision, Arena& arena) {
  const Evaluator evaluator(decision.request(), decision.view(), arena);
  std::string out;
  for (const Policy& policy : decision.policies()) {
    if (evaluator.matches_principal(policy) && evaluator.matches_action(policy) &&
        evaluator.matches_resource(policy)) {
      out += policy.id + " ";
    }
  }
  return out;
}

/// The programs alone, which must not leave more to the Evaluator than to say what an error is.
std::string difference_of_outcomes(const CompiledPolicies& compiled, const Request& request,
                                   RequestEntities& entities,
                                   std::span<const std::uint32_t> candidates, Arena& arena) {
  StepBudget budget(UINT64_MAX);
  CompiledEvaluator own(compiled, request, entities, arena, budget);
  Evaluator evaluator(request, entities.view(), arena);
  for (const std::uint32_t index : candidates) {
    const Policy& policy = compiled.policy(index);
    const auto wanted = evaluator.conditions_hold(policy);
    const auto got = own.run(index);
    using enum CompiledEvaluator::Outcome;
    if (got != (!wanted ? kError : *wanted ? kTrue : kFalse)) {
      return fmt::format("the outcome of `{}` is {}, interpreted {}", policy.id,
                         static_cast<int>(got), wanted ? (*wanted ? "true" : "false") : "an error");
    }
  }
  return {};
}

std::string difference(const CompiledPolicies& compiled, RandomDecision& decision) {
  Arena arena;
  const EntityView view = decision.view();
  StepBudget budget(UINT64_MAX);
  RequestEntities entities(decision.request(), view);
  const auto candidates = compiled.candidates(entities, arena, budget);
  std::string found;
  for (const std::uint32_t index : candidates) found += compiled.policy(index).id + " ";
  std::string out = difference("candidates", by_scope(decision, arena), found);
  for (const Request* request : {&decision.request(), &decision.other_request()}) {
    if (!out.empty()) return out;
    out = difference_of_outcomes(compiled, *request, entities, candidates, arena);
    if (!out.empty()) return out;
    const std::string wanted = describe(authorize(decision.policies(), *request, view, arena));
    out = difference("decision", wanted,
                     describe(authorize(compiled, *request, view, arena, budget)));
    StepBudget few(decision.choices().below(200));
    const std::string hurried = describe(authorize(compiled, *request, view, arena, few));
    if (out.empty())
      out = difference("with few steps", few.is_used_up() ? "deny" : wanted, hurried);
  }
  return out;
}

}  // namespace

std::string difference_of_engines(RandomDecision& decision) {
  for (const EntityStore* store : {&decision.entities(), &decision.other_entities(),
                                   static_cast<const EntityStore*>(nullptr)}) {
    const auto compiled = CompiledPolicies::compile(decision.policies(), {.entities = store});
    const std::string found = difference(compiled, decision);
    if (!found.empty()) return found;
  }
  return {};
}

}  // namespace wardlock::cedar
