#include "cedar/compiled/compiled_evaluator.h"

#include <algorithm>

#include "cedar/evaluator/value_operations.h"
#include "cedar/extension/extension.h"

namespace wardlock::cedar {
namespace {

using Op = Instruction::Op;
using Outcome = CompiledEvaluator::Outcome;

Outcome outcome(bool holds) { return holds ? Outcome::kTrue : Outcome::kFalse; }

Outcome truth(const Value& value) {
  return value.is(Kind::kBool) ? outcome(value.as_bool()) : Outcome::kError;
}

/// `left < right`, or `left <= right`.
Outcome less(const Value& left, const Value& right, bool or_equal) {
  if (left.kind() != right.kind()) return Outcome::kError;
  switch (left.kind()) {
    case Kind::kLong:
      return outcome(or_equal ? left.as_long() <= right.as_long()
                              : left.as_long() < right.as_long());
    case Kind::kDatetime:
    case Kind::kDuration:
      return outcome(or_equal ? left.as_scaled() <= right.as_scaled()
                              : left.as_scaled() < right.as_scaled());
    default: return Outcome::kError;
  }
}

/// Members are sorted by kind first.
bool are_entities(std::span<const Value> set) {
  return set.empty() || (set.front().is(Kind::kEntity) && set.back().is(Kind::kEntity));
}

// Sets and records in the making are the evaluator's own memory until they are made.
std::span<Value> open_members(const Value& set) {
  return {const_cast<Value*>(set.as_set().data()), set.as_set().size()};
}
std::span<Field> open_fields(const Value& record) {
  return {const_cast<Field*>(record.as_record().data()), record.as_record().size()};
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
      code_(program_.code.data()),
      constants_(program_.constants.data()),
      registers_(arena.allocate<Value>(program_.registers).data()),
      kept_(arena.allocate<const Value*>(std::min(program_.attributes.size(), kMostKept)).data()) {
  registers_[0] = Value::entity(request.principal);
  registers_[1] = Value::entity(request.action);
  registers_[2] = Value::entity(request.resource);
  registers_[3] = request.context;
}

Evaluated<bool> CompiledEvaluator::explain_error(std::uint32_t policy) {
  Evaluator evaluator(request_, entities_.view(), arena_, &budget_);
  return evaluator.conditions_hold(policies_.policy(policy));
}

Outcome CompiledEvaluator::run(std::uint32_t policy) {
  std::uint32_t place = policies_.entry(policy);
  while (place < kConditionsFail) {
    if (!budget_.take()) return Outcome::kError;
    const Instruction& instruction = code_[place];
    const Value* left = at(instruction.left);
    const Value* right = at(instruction.right);
    if (instruction.op > Op::kJump) {
      if (left == nullptr || right == nullptr) return Outcome::kError;
      if (!compute(instruction, *left, *right)) return Outcome::kError;
      ++place;
      continue;
    }
    Outcome answer = Outcome::kError;
    if (instruction.op == Op::kPresent) {
      answer = outcome(left != nullptr);
    } else if (left != nullptr && right != nullptr) {
      answer = ask(instruction, *left, *right);
    }
    if (answer == Outcome::kError) return answer;
    place = answer == Outcome::kTrue ? instruction.if_true : instruction.if_false;
  }
  return outcome(place == kConditionsHold);
}

inline const Value* CompiledEvaluator::at(Operand operand) {
  const std::uint32_t number = operand.number();
  if (operand.is(Operand::Place::kAttribute)) {
    return is_read(number) ? kept_[number] : read_attribute(number);
  }
  return (operand.is(Operand::Place::kConstant) ? constants_ : registers_) + number;
}

const Value* CompiledEvaluator::read_attribute(std::uint32_t number) {
  const VariableAttribute& attribute = program_.attributes[number];
  const Value* value = nullptr;
  if (attribute.variable == Variable::kContext) {
    value = find_field(request_.context.as_record(), attribute.name.text());
  } else if (const Entity* entity = entities_.find(attribute.variable)) {
    value = attribute.name.find_in(entity->attributes());
  }
  if (number < kMostKept) {
    kept_[number] = value;
    read_ |= std::uint64_t{1} << number;
  }
  return value;
}

inline Outcome CompiledEvaluator::ask(const Instruction& question, const Value& left,
                                      const Value& right) {
  switch (question.op) {
    case Op::kTest: return truth(left);
    case Op::kEqual: return outcome(equal(left, right, budget_));
    case Op::kLess: return less(left, right, false);
    case Op::kLessEqual: return less(left, right, true);
    case Op::kIn: return in(left, right);
    case Op::kContains:
      if (!left.is(Kind::kSet)) return Outcome::kError;
      return outcome(contains(left.as_set(), right, budget_));
    case Op::kContainsAll:
      if (!left.is(Kind::kSet) || !right.is(Kind::kSet)) return Outcome::kError;
      return outcome(contains_all(left.as_set(), right.as_set(), budget_));
    case Op::kContainsAny:
      if (!left.is(Kind::kSet) || !right.is(Kind::kSet)) return Outcome::kError;
      return outcome(contains_any(left.as_set(), right.as_set(), budget_));
    case Op::kIsEmpty:
      return left.is(Kind::kSet) ? outcome(left.as_set().empty()) : Outcome::kError;
    case Op::kHas: return has(left, program_.text_lists[question.detail]);
    case Op::kHasTag:
      if (!left.is(Kind::kEntity) || !right.is(Kind::kString)) return Outcome::kError;
      return outcome(tag(left, right) != nullptr);
    case Op::kLike:
      if (!left.is(Kind::kString)) return Outcome::kError;
      return outcome(is_like(left.as_string(), program_.text_lists[question.detail], budget_));
    case Op::kIs:
      if (!left.is(Kind::kEntity)) return Outcome::kError;
      return outcome(left.as_entity().type == program_.names[question.detail].text());
    case Op::kDecimalLess:
    case Op::kDecimalLessEqual:
      if (!left.is(Kind::kDecimal) || !right.is(Kind::kDecimal)) return Outcome::kError;
      return outcome(question.op == Op::kDecimalLess ? left.as_scaled() < right.as_scaled()
                                                     : left.as_scaled() <= right.as_scaled());
    case Op::kInRange:
      if (!left.is(Kind::kIp) || !right.is(Kind::kIp)) return Outcome::kError;
      return outcome(is_in_range(left.as_ip(), right.as_ip()));
    case Op::kJump: return Outcome::kTrue;
    default: return Outcome::kError;
  }
}

bool CompiledEvaluator::compute(const Instruction& instruction, const Value& left,
                                const Value& right) {
  Value& target = registers_[instruction.target];
  const auto set = [&](const Value* value) {
    if (value != nullptr) target = *value;
    return value != nullptr;
  };
  switch (instruction.op) {
    case Op::kCopy: return set(&left);
    case Op::kAttribute: return set(attribute(left, program_.names[instruction.detail]));
    case Op::kGetTag: return set(tag(left, right));
    case Op::kCall: return call(instruction, left, right);
    case Op::kNewSet: target = Value::set(arena_.allocate<Value>(instruction.detail)); return true;
    case Op::kPutMember: open_members(target)[instruction.detail] = left; return true;
    case Op::kSet: target = make_set(arena_, open_members(target), budget_); return true;
    case Op::kNewRecord:
      target = Value::record(arena_.allocate<Field>(instruction.detail));
      return true;
    case Op::kPutField:
      open_fields(target)[instruction.detail] = {program_.names[instruction.if_true].text(), left};
      return true;
    case Op::kError: return false;
    default: return arithmetic(instruction, left, right);
  }
}

bool CompiledEvaluator::arithmetic(const Instruction& instruction, const Value& left,
                                   const Value& right) {
  const bool is_unary = instruction.op == Op::kNegate;
  if (!left.is(Kind::kLong) || (!is_unary && !right.is(Kind::kLong))) return false;
  const std::int64_t a = is_unary ? 0 : left.as_long();
  const std::int64_t b = is_unary ? left.as_long() : right.as_long();
  std::int64_t result = 0;
  const bool overflows = instruction.op == Op::kAdd        ? __builtin_add_overflow(a, b, &result)
                         : instruction.op == Op::kMultiply ? __builtin_mul_overflow(a, b, &result)
                                                           : __builtin_sub_overflow(a, b, &result);
  registers_[instruction.target] = Value::integer(result);
  return !overflows;
}

bool CompiledEvaluator::call(const Instruction& instruction, const Value& left,
                             const Value& right) {
  const auto function = static_cast<ExtensionFunction>(instruction.detail);
  const std::array<Value, 2> arguments = {left, right};
  const auto result = call_extension(function, std::span(arguments).first(arity(function)), arena_);
  if (result) registers_[instruction.target] = *result;
  return result.has_value();
}

const Value* CompiledEvaluator::attribute(const Value& target, const AttributeName& name) {
  if (target.is(Kind::kRecord)) return find_field(target.as_record(), name.text());
  if (!target.is(Kind::kEntity)) return nullptr;
  const Entity* entity = entities_.find(target.as_entity());
  return entity == nullptr ? nullptr : name.find_in(entity->attributes());
}

const Value* CompiledEvaluator::tag(const Value& target, const Value& name) {
  if (!target.is(Kind::kEntity) || !name.is(Kind::kString)) return nullptr;
  const Entity* entity = entities_.find(target.as_entity());
  return entity == nullptr ? nullptr : find_field(entity->tags(), name.as_string());
}

bool CompiledEvaluator::is_in(const EntityUid& uid, const EntityUid& group) {
  if (uid == group) return true;
  const Entity* entity = entities_.find(uid);
  return entity != nullptr && entities_.has_ancestor(*entity, group);
}

Outcome CompiledEvaluator::in(const Value& left, const Value& right) {
  if (!left.is(Kind::kEntity)) return Outcome::kError;
  const EntityUid& uid = left.as_entity();
  if (right.is(Kind::kEntity)) return outcome(is_in(uid, right.as_entity()));
  if (!right.is(Kind::kSet) || !are_entities(right.as_set())) return Outcome::kError;
  const std::span<const Value> groups = right.as_set();
  if (!budget_.take(groups.size())) return Outcome::kError;
  return outcome(std::ranges::any_of(
      groups, [&](const Value& group) { return is_in(uid, group.as_entity()); }));
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

}  // namespace wardlock::cedar
