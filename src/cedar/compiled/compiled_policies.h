#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <variant>
#include <vector>

#include "base/arena.h"
#include "cedar/ast/policy.h"
#include "cedar/compiled/program.h"
#include "cedar/compiled/request_entities.h"
#include "cedar/compiled/scope.h"
#include "cedar/compiled/scope_index.h"
#include "cedar/compiled/scope_masks.h"
#include "cedar/entities/entity_store.h"
#include "cedar/evaluator/step_budget.h"

namespace wardlock::cedar {

struct CompileOptions {
  /// Entities like those that will be decided about. Literals in policies become its uids where it
  /// has them, and attributes are first looked for where its entities have them: that is quicker,
  /// and all it does. Decisions may be about any other entities.
  const EntityStore* entities = nullptr;
};

/// Policies made ready to decide: indexed by scope, their conditions turned into programs. What
/// they answer is what the Evaluator answers. Immutable; may be read by any thread. Borrows the
/// policies, and the entities it was compiled with (of which it needs the uids only), which must
/// outlive it.
class CompiledPolicies {
 public:
  static CompiledPolicies compile(std::span<const Policy> policies,
                                  const CompileOptions& options = {});

  std::size_t size() const { return policies_.size(); }
  const Policy& policy(std::uint32_t index) const { return policies_[index]; }
  /// The policy's effect, without waiting for the policy's memory.
  Effect effect(std::uint32_t index) const { return entries_[index].effect; }

  /// The policies whose whole scope holds, ascending, which is the order of the policy set. What it
  /// costs follows the policies that can match, not `size()`. In `arena`. Once the budget is used
  /// up the list counts for nothing.
  std::span<const std::uint32_t> candidates(RequestEntities& entities, Arena& arena,
                                            StepBudget& budget) const {
    const auto found = std::visit(
        [&](const auto& scopes) { return scopes.find(entities, arena, budget); }, scopes_);
    for (const std::uint32_t index : found) {
      const std::uint32_t begin = entries_[index].begin;
      if (begin < program_.code.size()) __builtin_prefetch(&program_.code[begin]);
    }
    return found;
  }

  /// For CompiledEvaluator: the conditions, and where those of a policy begin.
  const Program& program() const { return program_; }
  std::uint32_t entry(std::uint32_t index) const { return entries_[index].begin; }

 private:
  /// What is read of a policy that is found: in one place of memory.
  struct Entry {
    std::uint32_t begin;  ///< of its conditions
    Effect effect;
  };

  CompiledPolicies(std::span<const Policy> policies, const CompileOptions& options);

  std::span<const Policy> policies_;
  std::shared_ptr<const Lineage> lineage_;  ///< owns uids and names that the rest borrows
  std::unique_ptr<Arena> arena_ = std::make_unique<Arena>();  ///< of the program's constants
  std::variant<ScopeMasks, ScopeIndex> scopes_;
  Program program_;
  std::vector<Entry> entries_;
};

}  // namespace wardlock::cedar
