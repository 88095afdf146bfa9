#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

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

  /// The same, without saying what the error is.
  enum class Outcome : std::uint8_t { kFalse, kTrue, kError };
  Outcome run(std::uint32_t policy);

 private:
  Evaluated<bool> explain_error(std::uint32_t policy);

  /// How many attributes are kept once read: as `read_` has bits.
  static constexpr std::size_t kMostKept = 64;
  bool is_read(std::uint32_t number) const {
    return number < kMostKept && (read_ >> number & 1U) != 0;
  }

  /// The operand's value, or null: that is an error.
  const Value* at(Operand operand);
  const Value* read_attribute(std::uint32_t number);
  /// Whether the instruction has a value; it is then in the target.
  bool compute(const Instruction& instruction, const Value& left, const Value& right);
  bool arithmetic(const Instruction& instruction, const Value& left, const Value& right);
  bool call(const Instruction& instruction, const Value& left, const Value& right);
  const Value* attribute(const Value& target, const AttributeName& name);
  const Value* tag(const Value& target, const Value& name);

  Outcome ask(const Instruction& question, const Value& left, const Value& right);
  Outcome in(const Value& left, const Value& right);
  bool is_in(const EntityUid& uid, const EntityUid& group);
  Outcome has(const Value& target, std::span<const std::string_view> path);

  const CompiledPolicies& policies_;
  const Program& program_;
  const Request& request_;
  RequestEntities& entities_;
  Arena& arena_;
  StepBudget& budget_;
  const Instruction* code_;
  const Value* constants_;
  Value* registers_;
  const Value** kept_;      ///< attributes of variables by number, those that are read
  std::uint64_t read_ = 0;  ///< which ones; a bit for each
};

}  // namespace wardlock::cedar
