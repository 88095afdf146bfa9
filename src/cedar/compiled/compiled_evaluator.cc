#include "cedar/compiled/compiled_evaluator.h"

#include <algorithm>
#include <array>

#include "cedar/evaluator/value_operations.h"
#include "cedar/extension/extension.h"

namespace wardlock::cedar {
namespace {

using Op = Instruction::Op;
using Outcome = CompiledEvaluator::Outcome;

Outcome outcome(bool holds) { return holds ? Outcome::kTrue : Outcome::kFalse; }

std::int64_t number(const Value& value) {
  return value.is(Kind::kLong) ? value.as_long() : value.as_scaled();
}

/// Whether `<` and `<=` are defined on the kind.
bool is_ordered(Kind kind) {
  return kind == Kind::kLong || kind == Kind::kDatetime || kind == Kind::kDuration;
}

/// Members are sorted by kind first.
bool are_entities(std::span<const Value> set) {
  return set.empty() || (set.front().is(Kind::kEntity) && set.back().is(Kind::kEntity));
}

}  // namespace

CompiledEvaluator::CompiledEvaluator(const CompiledPolicies& policies, const Request& request,
                                     RequestEntities& entities, Arena& arena, StepBudget& budget)
    : policies_(policies),
      program_(policies.program()),
      request_(request),
      entities_(entities),
      arena_(arena),
      budget_(budget),
      constants_(program_.constants.data()),
      registers_(arena.allocate<Value>(program_.registers).data()) {
  registers_[0] = Value::entity(request.principal);
  registers_[1] = Value::entity(request.action);
  registers_[2] = Value::entity(request.resource);
  registers_[3] = request.context;
}

Outcome CompiledEvaluator::run(std::uint32_t policy) {
  const std::uint32_t entry = policies_.entry(policy);
  if (entry >= kFails) return outcome(entry == kHolds);
  return run_from(entry);
}

Evaluated<bool> CompiledEvaluator::explain_error(std::uint32_t policy) {
  Evaluator evaluator(request_, entities_.view(), arena_, &budget_);
  return evaluator.conditions_hold(policies_.policy(policy));
}

Outcome CompiledEvaluator::run_from(std::uint32_t place) {
  const Instruction* const code = program_.code.data();
  for (;;) {
    if (!budget_.take()) return Outcome::kError;
    const Instruction& instruction = code[place];
    if (instruction.op < Op::kTest) {
      if (!compute(instruction)) return Outcome::kError;
      ++place;
      continue;
    }
    const Outcome answer = ask(instruction);
    if (answer == Outcome::kError) return answer;
    place = answer == Outcome::kTrue ? instruction.if_true : instruction.if_false;
    if (place >= kFails) return outcome(place == kHolds);
  }
}

inline bool CompiledEvaluator::compute(const Instruction& instruction) {
  Value& target = registers_[instruction.target];
  const auto set = [&](const Value* value) {
    if (value != nullptr) target = *value;
    return value != nullptr;
  };
  switch (instruction.op) {
    case Op::kCopy: return set(&at(instruction.left));
    case Op::kAttribute:
      return set(attribute(at(instruction.left), program_.names[instruction.detail]));
    case Op::kVariableAttribute:
      return set(entity_attribute(entities_.find(static_cast<Variable>(instruction.left.place())),
                                  program_.names[instruction.detail]));
    case Op::kGetTag: return set(tag(at(instruction.left), at(instruction.right)));
    case Op::kCall: return call(instruction);
    case Op::kNewSet: target = Value::set(arena_.allocate<Value>(instruction.detail)); return true;
    case Op::kPutMember:
      // NOLINTNEXTLINE: the members are this evaluator's own, from kNewSet.
      const_cast<Value&>(target.as_set()[instruction.detail]) = at(instruction.left);
      return true;
    case Op::kSet: {
      const auto members = target.as_set();
      target = make_set(arena_, {const_cast<Value*>(members.data()), members.size()}, budget_);
      return true;
    }
    case Op::kNewRecord:
      target = Value::record(arena_.allocate<Field>(instruction.detail));
      return true;
    case Op::kPutField: put_field(instruction); return true;
    default: return arithmetic(instruction);
  }
}

inline Outcome CompiledEvaluator::ask(const Instruction& question) {
  const Value& left = at(question.left);
  const Value& right = at(question.right);
  switch (question.op) {
    case Op::kTest: return left.is(Kind::kBool) ? outcome(left.as_bool()) : Outcome::kError;
    case Op::kEqual: return outcome(equal(left, right, budget_));
    case Op::kLess: return less(left, right, false);
    case Op::kLessEqual: return less(left, right, true);
    case Op::kIn: return in(left, right);
    case Op::kContains:
      if (!left.is(Kind::kSet)) return Outcome::kError;
      return outcome(contains(left.as_set(), right, budget_));
    case Op::kContainsAll:
    case Op::kContainsAny: {
      if (!left.is(Kind::kSet) || !right.is(Kind::kSet)) return Outcome::kError;
      const auto holds = question.op == Op::kContainsAll ? contains_all : contains_any;
      return outcome(holds(left.as_set(), right.as_set(), budget_));
    }
    case Op::kIsEmpty:
      return left.is(Kind::kSet) ? outcome(left.as_set().empty()) : Outcome::kError;
    case Op::kHas: return has(left, program_.text_lists[question.detail]);
    case Op::kHasTag: return has_tag(left, right);
    case Op::kLike:
      if (!left.is(Kind::kString)) return Outcome::kError;
      return outcome(is_like(left.as_string(), program_.text_lists[question.detail], budget_));
    case Op::kIs:
      if (!left.is(Kind::kEntity)) return Outcome::kError;
      return outcome(left.as_entity().type == program_.names[question.detail].text);
    case Op::kJump: return Outcome::kTrue;
    default: return Outcome::kError;
  }
}

const Value* CompiledEvaluator::attribute(const Value& target, const Name& name) {
  if (target.is(Kind::kRecord)) return find_field(target.as_record(), name.text);
  if (!target.is(Kind::kEntity)) return nullptr;
  return entity_attribute(entities_.find(target.as_entity()), name);
}

const Value* CompiledEvaluator::entity_attribute(const Entity* entity, const Name& name) {
  return entity == nullptr ? nullptr : find_field(entity->attributes(), name.text);
}

const Value* CompiledEvaluator::tag(const Value& target, const Value& name) {
  if (!target.is(Kind::kEntity) || !name.is(Kind::kString)) return nullptr;
  const Entity* entity = entities_.find(target.as_entity());
  return entity == nullptr ? nullptr : find_field(entity->tags(), name.as_string());
}

bool CompiledEvaluator::arithmetic(const Instruction& instruction) {
  const Value& left = at(instruction.left);
  const Value& right = instruction.op == Op::kNegate ? left : at(instruction.right);
  if (!left.is(Kind::kLong) || !right.is(Kind::kLong)) return false;
  const std::int64_t a = left.as_long(), b = right.as_long();
  std::int64_t result = 0;
  const bool overflows = instruction.op == Op::kAdd        ? __builtin_add_overflow(a, b, &result)
                         : instruction.op == Op::kSubtract ? __builtin_sub_overflow(a, b, &result)
                         : instruction.op == Op::kMultiply ? __builtin_mul_overflow(a, b, &result)
                                                           : __builtin_sub_overflow(0, a, &result);
  registers_[instruction.target] = Value::integer(result);
  return !overflows;
}

bool CompiledEvaluator::call(const Instruction& instruction) {
  const auto function = static_cast<ExtensionFunction>(instruction.detail);
  const std::array<Value, 2> arguments = {at(instruction.left), at(instruction.right)};
  const auto result = call_extension(function, std::span(arguments).first(arity(function)), arena_);
  if (result) registers_[instruction.target] = *result;
  return result.has_value();
}

void CompiledEvaluator::put_field(const Instruction& instruction) {
  const auto fields = registers_[instruction.target].as_record();
  const_cast<Field&>(fields[instruction.detail]) = {program_.names[instruction.if_true].text,
                                                    at(instruction.left)};
}

Outcome CompiledEvaluator::less(const Value& left, const Value& right, bool or_equal) {
  if (left.kind() != right.kind() || !is_ordered(left.kind())) return Outcome::kError;
  const std::int64_t a = number(left), b = number(right);
  return outcome(or_equal ? a <= b : a < b);
}

Outcome CompiledEvaluator::in(const Value& left, const Value& right) {
  if (!left.is(Kind::kEntity)) return Outcome::kError;
  const EntityUid& uid = left.as_entity();
  if (right.is(Kind::kEntity)) {
    const EntityUid& group = right.as_entity();
    return outcome(uid == group || is_in(uid, entities_.find(uid), group));
  }
  if (!right.is(Kind::kSet) || !are_entities(right.as_set())) return Outcome::kError;
  const std::span<const Value> groups = right.as_set();
  if (!budget_.take(groups.size())) return Outcome::kError;
  const Entity* entity = entities_.find(uid);
  return outcome(std::ranges::any_of(
      groups, [&](const Value& group) { return is_in(uid, entity, group.as_entity()); }));
}

Outcome CompiledEvaluator::has(const Value& target, std::span<const std::string_view> path) {
  const Value* value = &target;
  for (const std::string_view name : path) {
    if (value->is(Kind::kRecord)) {
      value = find_field(value->as_record(), name);
    } else if (value->is(Kind::kEntity)) {
      const Entity* entity = entities_.find(value->as_entity());
      value = entity == nullptr ? nullptr : find_field(entity->attributes(), name);
    } else {
      return Outcome::kError;
    }
    if (value == nullptr) return Outcome::kFalse;
  }
  return Outcome::kTrue;
}

Outcome CompiledEvaluator::has_tag(const Value& target, const Value& name) {
  if (!target.is(Kind::kEntity) || !name.is(Kind::kString)) return Outcome::kError;
  const Entity* entity = entities_.find(target.as_entity());
  return outcome(entity != nullptr && find_field(entity->tags(), name.as_string()) != nullptr);
}

}  // namespace wardlock::cedar
