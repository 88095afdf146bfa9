#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <span>
#include <variant>
#include <vector>

#include "base/arena.h"
#include "cedar/authorizer/authorizer.h"
#include "cedar/compiled/compiled_evaluator.h"
#include "cedar/compiled/request_entities.h"
#include "cedar/evaluator/evaluator.h"
#include "cedar/evaluator/step_budget.h"
#include "pdp/partition.h"

namespace wardlock::pdp {

/// The policies whose scope holds for a principal, an action and a resource, by their part in the
/// rule: all that decide a question about them, whatever its context is. Not thread-safe.
class Candidates {
 public:
  struct Candidate {
    /// What is known of its conditions in every context that the rule tries.
    enum class Standing : std::uint8_t { kUnknown, kHolds, kDoesNotHold };

    std::uint32_t place = 0;  ///< in `Partition::set`
    Standing standing = Standing::kUnknown;
  };

  /// Borrows everything; the context is not read. Once the budget is used up the candidates count
  /// for nothing.
  Candidates(const Partition& policies, const cedar::Request& request,
             const cedar::EntityView& entities, Arena& arena, cedar::StepBudget& budget);
  Candidates(const Candidates&) = delete;
  Candidates& operator=(const Candidates&) = delete;

  Mode mode() const { return policies_.mode; }
  const Partition& partition() const { return policies_; }
  /// In the order of the policy set.
  std::span<const Candidate> of(RulePart part) const { return parts_[index(part)]; }
  const cedar::Policy& policy(std::uint32_t place) const { return policies_.set[place]; }
  const PolicyTraits& traits(std::uint32_t place) const { return policies_.traits[place]; }
  Arena& arena() const { return arena_; }
  cedar::StepBudget& budget() const { return budget_; }

 private:
  friend class Judge;

  static std::size_t index(RulePart part) { return static_cast<std::size_t>(part); }
  void find_compiled();
  void find_by_evaluating(const cedar::Request& request, const cedar::EntityView& entities);

  const Partition& policies_;
  cedar::RequestEntities entities_;
  Arena& arena_;
  cedar::StepBudget& budget_;
  std::array<std::span<Candidate>, kRulePartCount> parts_ = {};
};

/// Policies that were satisfied and policies that could not be evaluated. Borrows from an arena.
struct Outcome {
  std::pmr::vector<const cedar::Policy*> matched;
  std::pmr::vector<cedar::PolicyError> errors;

  explicit Outcome(Arena& arena) : matched(arena.resource()), errors(arena.resource()) {}
  void add(const Outcome& other);
  bool is_empty() const { return matched.empty() && errors.empty(); }
};

/// Tells which candidates are satisfied in one context. What it learns of policies that are steady
/// it notes for the next one.
class Judge {
 public:
  /// Borrows both. Requires `request` to be about what the candidates are for, and its context to
  /// differ from those of other judges in `authentication` and `override` only.
  Judge(Candidates& candidates, const cedar::Request& request);

  Outcome judge(RulePart part) {
    return judge(part, [](const cedar::Policy&) { return true; });
  }

  /// Those for which `applies` holds.
  template <typename Applies>
  Outcome judge(RulePart part, Applies applies) {
    Outcome outcome(candidates_.arena());
    const std::span<Candidate> candidates = candidates_.parts_[Candidates::index(part)];
    outcome.matched.reserve(candidates.size());
    for (Candidate& candidate : candidates) {
      if (applies(candidates_.policy(candidate.place))) judge(candidate, outcome);
    }
    return outcome;
  }

 private:
  using Candidate = Candidates::Candidate;

  void judge(Candidate& candidate, Outcome& outcome);
  cedar::Evaluated<bool> evaluate(std::uint32_t place);

  Candidates& candidates_;
  std::variant<std::monostate, cedar::Evaluator, cedar::CompiledEvaluator> engine_;
};

}  // namespace wardlock::pdp
