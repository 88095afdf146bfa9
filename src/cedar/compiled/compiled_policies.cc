#include "cedar/compiled/compiled_policies.h"

#include <utility>

#include "cedar/compiled/condition_compiler.h"

namespace wardlock::cedar {

CompiledPolicies CompiledPolicies::compile(std::span<const Policy> policies,
                                           const CompileOptions& options) {
  return CompiledPolicies(policies, options);
}

CompiledPolicies::CompiledPolicies(std::span<const Policy> policies, const CompileOptions& options)
    : policies_(policies),
      lineage_(options.entities == nullptr ? nullptr : options.entities->lineage()),
      scopes_(make_scopes(policies, types_)) {
  ConditionCompiler compiler(program_, *arena_, options.entities);
  entries_.reserve(policies.size());
  for (const Policy& policy : policies) entries_.push_back(compiler.add(policy));
}

CompiledPolicies::Scopes CompiledPolicies::make_scopes(std::span<const Policy> policies,
                                                       TypeNumbers& types) {
  std::vector<Scope> scopes;
  scopes.reserve(policies.size());
  for (const Policy& policy : policies) scopes.push_back(scope_of(policy, types));
  if (scopes.size() <= ScopeMasks::kMostPolicies) return ScopeMasks(scopes, types);
  return ScopeIndex(std::move(scopes), types);
}

}  // namespace wardlock::cedar
