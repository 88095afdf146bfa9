#include "cedar/compiled/compiled_policies.h"

#include "cedar/compiled/condition_compiler.h"

namespace wardlock::cedar {

CompiledPolicies CompiledPolicies::compile(std::span<const Policy> policies,
                                           const CompileOptions& options) {
  CompiledPolicies compiled;
  compiled.policies_ = policies;
  compiled.scopes_ = ScopeIndex(policies);
  ConditionCompiler compiler(compiled.program_, *compiled.arena_, options.entities);
  compiled.entries_.reserve(policies.size());
  for (const Policy& policy : policies) compiled.entries_.push_back(compiler.add(policy));
  return compiled;
}

}  // namespace wardlock::cedar
