#include "cedar/compiled/compiled_policies.h"

#include <utility>

#include "cedar/compiled/condition_compiler.h"

namespace wardlock::cedar {
namespace {

std::variant<ScopeMasks, ScopeIndex> arrange(Scopes scopes) {
  if (scopes.all.size() <= ScopeMasks::kMostPolicies) return ScopeMasks(std::move(scopes));
  return ScopeIndex(std::move(scopes));
}

}  // namespace

CompiledPolicies CompiledPolicies::compile(std::span<const Policy> policies,
                                           const CompileOptions& options) {
  return CompiledPolicies(policies, options);
}

CompiledPolicies::CompiledPolicies(std::span<const Policy> policies, const CompileOptions& options)
    : policies_(policies),
      lineage_(options.entities == nullptr ? nullptr : options.entities->lineage()),
      scopes_(arrange(scopes_of(policies, options.entities))) {
  ConditionCompiler compiler(program_, *arena_, options.entities);
  entries_.reserve(policies.size());
  for (const Policy& policy : policies) {
    entries_.push_back({.begin = compiler.add(policy), .effect = policy.body->effect});
  }
}

}  // namespace wardlock::cedar
