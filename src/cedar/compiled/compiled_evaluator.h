#pragma once

#include <cstdint>
#include <span>

#include "base/arena.h"
#include "cedar/compiled/compiled_policies.h"
#include "cedar/compiled/program.h"
#include "cedar/compiled/request_entities.h"
#include "cedar/evaluator/evaluator.h"
#include "cedar/evaluator/step_budget.h"

namespace wardlock::cedar {

/// Evaluates the conditions of compiled policies for one request. Borrows everything it is given;
/// errors live as long as the arena, the policies, the request and the entities. Not thread-safe;
/// make one per request, or per context of a request.
class CompiledEvaluator {
 public:
  /// Requires `entities` to be of the request's principal, action and resource.
  CompiledEvaluator(const CompiledPolicies& policies, const Request& request,
                    RequestEntities& entities, Arena& arena, StepBudget& budget);

  /// Whether the conditions of a policy hold; its scope is `candidates`' part. Errors are the
  /// Evaluator's, word for word. Once the budget is used up the answer counts for nothing.
  Evaluated<bool> conditions_hold(std::uint32_t policy) {
    const Outcome outcome = run(policy);
    if (outcome == Outcome::kError) [[unlikely]]
      return explain_error(policy);
    return outcome == Outcome::kTrue;
  }

  /// The same without saying what the error was.
  enum class Outcome : std::uint8_t { kFalse, kTrue, kError };
  Outcome run(std::uint32_t policy);

 private:
  Evaluated<bool> explain_error(std::uint32_t policy);

  const Value& at(Operand operand) const {
    return (operand.is_constant() ? constants_ : registers_)[operand.place()];
  }
  Outcome run_from(std::uint32_t place);
  /// Whether the instruction has a value; it is then in the target.
  bool compute(const Instruction& instruction);
  Outcome ask(const Instruction& question);

  /// Null where there is none, which is an error.
  const Value* attribute(const Value& target, const Name& name);
  const Value* entity_attribute(const Entity* entity, const Name& name);
  const Value* tag(const Value& target, const Value& name);
  bool arithmetic(const Instruction& instruction);
  bool call(const Instruction& instruction);
  void put_field(const Instruction& instruction);

  Outcome less(const Value& left, const Value& right, bool or_equal);
  Outcome in(const Value& left, const Value& right);
  bool is_in(const EntityUid& uid, const Entity* entity, const EntityUid& group) const {
    return uid == group || (entity != nullptr && entities_.has_ancestor(*entity, group));
  }
  Outcome has(const Value& target, std::span<const std::string_view> path);
  Outcome has_tag(const Value& target, const Value& name);

  const CompiledPolicies& policies_;
  const Program& program_;
  const Request& request_;
  RequestEntities& entities_;
  Arena& arena_;
  StepBudget& budget_;
  const Value* constants_;
  Value* registers_;
};

}  // namespace wardlock::cedar
