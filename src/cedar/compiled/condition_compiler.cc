#include "cedar/compiled/condition_compiler.h"

#include <algorithm>
#include <array>
#include <limits>
#include <variant>

#include "base/check.h"

namespace wardlock::cedar {
namespace {

using Op = Instruction::Op;

constexpr std::uint32_t kFalsePlace = 0, kTruePlace = 1;  // among the constants

Operand in_register(Register number) { return {Operand::Place::kRegister, number}; }
Operand in_constant(std::uint32_t number) { return {Operand::Place::kConstant, number}; }

/// The first register that is free while the operand is still needed.
Register after(Operand operand, Register free) {
  CHECK(free < std::numeric_limits<Register>::max() - 1);
  return operand == in_register(free) ? free + 1 : free;
}

bool is_arithmetic(BinaryOp op) {
  return op == BinaryOp::kAdd || op == BinaryOp::kSubtract || op == BinaryOp::kMultiply;
}

Op arithmetic_op(BinaryOp op) {
  return op == BinaryOp::kAdd        ? Op::kAdd
         : op == BinaryOp::kSubtract ? Op::kSubtract
                                     : Op::kMultiply;
}

bool is_jump(Op op) { return op <= Op::kJump; }

bool is_variable(Operand operand) {
  return operand.is(Operand::Place::kRegister) && operand.number() < kFirstFreeRegister;
}

bool is_constant(Operand operand) { return operand.is(Operand::Place::kConstant); }

}  // namespace

/// One overload per kind of node that is a question; others are values to be tested.
struct ConditionCompiler::ConditionVisitor {
  ConditionCompiler& self;
  const Expr& at;
  Targets targets;
  Register free;

  template <typename Node>
  void operator()(const Node&) const {
    test_value(at);
  }

  void test_value(const Expr& expr) const {
    const Operand operand = self.value(expr, free);
    if (!is_constant(operand)) return self.emit_test({.op = Op::kTest, .left = operand}, targets);
    const Value& value = self.program_.constants[operand.number()];
    if (!value.is(Kind::kBool)) {
      self.emit({.op = Op::kError});
    } else {
      self.emit_jump(value.as_bool() ? targets.if_true : targets.if_false);
    }
  }

  void operator()(const UnaryExpr& e) const {
    if (e.op == UnaryOp::kNot) return self.condition(*e.argument, targets.swapped(), free);
    if (e.op == UnaryOp::kNegate) return test_value(at);
    const Operand operand = self.value(*e.argument, free);
    self.emit_test({.op = Op::kIsEmpty, .left = operand}, targets);
  }

  void operator()(const BinaryExpr& e) const {
    if (is_arithmetic(e.op) || e.op == BinaryOp::kGetTag) return test_value(at);
    self.comparison(e, targets, free);
  }

  /// The frequent ones that ask; others are values to be tested, as are errors in their number.
  void operator()(const ExtensionCall& e) const {
    using enum ExtensionFunction;
    const bool is_swapped = e.function == kGreaterThan || e.function == kGreaterThanOrEqual;
    const bool is_strict = e.function == kLessThan || e.function == kGreaterThan;
    const bool compares = is_strict || is_swapped || e.function == kLessThanOrEqual;
    if ((!compares && e.function != kIsInRange) || e.arguments.size() != 2) return test_value(at);
    const Operand left = self.value(*e.arguments[0], free);
    const Operand right = self.value(*e.arguments[1], after(left, free));
    self.emit_test({.op = !compares   ? Op::kInRange
                          : is_strict ? Op::kDecimalLess
                                      : Op::kDecimalLessEqual,
                    .left = is_swapped ? right : left,
                    .right = is_swapped ? left : right},
                   targets);
  }

  void operator()(const AndExpr& e) const {
    for (const Expr* operand : e.operands.first(e.operands.size() - 1)) {
      const Label next = self.new_label();
      self.condition(*operand, {next, targets.if_false}, free);
      self.bind(next);
    }
    self.condition(*e.operands.back(), targets, free);
  }

  void operator()(const OrExpr& e) const {
    for (const Expr* operand : e.operands.first(e.operands.size() - 1)) {
      const Label next = self.new_label();
      self.condition(*operand, {targets.if_true, next}, free);
      self.bind(next);
    }
    self.condition(*e.operands.back(), targets, free);
  }

  void operator()(const IfExpr& e) const {
    const Targets branches{self.new_label(), self.new_label()};
    self.condition(*e.condition, branches, free);
    self.bind(branches.if_true);
    self.condition(*e.then_branch, targets, free);
    self.bind(branches.if_false);
    self.condition(*e.else_branch, targets, free);
  }

  void operator()(const HasAttr& e) const {
    const Operand target = self.value(*e.target, free);
    if (e.path.size() == 1 && is_variable(target)) {
      const Operand attribute = self.attribute_of(target, e.path.front());
      return self.emit_test({.op = Op::kPresent, .left = attribute}, targets);
    }
    self.emit_test({.op = Op::kHas, .left = target, .detail = self.text_list(e.path)}, targets);
  }

  void operator()(const LikeExpr& e) const {
    const Operand target = self.value(*e.target, free);
    self.emit_test({.op = Op::kLike, .left = target, .detail = self.text_list(e.segments)},
                   targets);
  }

  void operator()(const IsExpr& e) const {
    const Operand target = self.value(*e.target, free);
    const Label in = e.in == nullptr ? targets.if_true : self.new_label();
    self.emit_test({.op = Op::kIs, .left = target, .detail = self.name(e.type)},
                   {in, targets.if_false});
    if (e.in == nullptr) return;
    self.bind(in);
    const Operand group = self.value(*e.in, after(target, free));
    self.emit_test({.op = Op::kIn, .left = target, .right = group}, targets);
  }
};

/// One overload per kind of node that has another value than a Boolean; questions are answered by
/// jumps that end in one.
struct ConditionCompiler::ValueVisitor {
  ConditionCompiler& self;
  const Expr& at;
  Register free;

  template <typename Node>
  Operand operator()(const Node&) const {
    return self.boolean_value(at, free);
  }

  Operand operator()(const Literal& e) const { return self.constant(e.value); }

  Operand operator()(Variable variable) const {
    return in_register(static_cast<Register>(variable));
  }

  Operand operator()(const UnaryExpr& e) const {
    if (e.op != UnaryOp::kNegate) return self.boolean_value(at, free);
    const Operand argument = self.value(*e.argument, free);
    if (is_constant(argument)) {
      const Expr number = self.literal(argument);
      return self.fold(UnaryExpr{e.op, &number}, free);
    }
    return self.emit({.op = Op::kNegate, .target = free, .left = argument});
  }

  Operand operator()(const BinaryExpr& e) const {
    if (!is_arithmetic(e.op) && e.op != BinaryOp::kGetTag) return self.boolean_value(at, free);
    const Operand left = self.value(*e.left, free);
    const Operand right = self.value(*e.right, after(left, free));
    if (e.op == BinaryOp::kGetTag) {
      return self.emit({.op = Op::kGetTag, .target = free, .left = left, .right = right});
    }
    if (is_constant(left) && is_constant(right)) {
      const Expr a = self.literal(left), b = self.literal(right);
      return self.fold(BinaryExpr{e.op, &a, &b}, free);
    }
    return self.emit({.op = arithmetic_op(e.op), .target = free, .left = left, .right = right});
  }

  Operand operator()(const IfExpr& e) const {
    const Targets branches{self.new_label(), self.new_label()};
    const Label end = self.new_label();
    self.condition(*e.condition, branches, free);
    self.bind(branches.if_true);
    self.emit({.op = Op::kCopy, .target = free, .left = self.value(*e.then_branch, free)});
    self.emit_jump(end);
    self.bind(branches.if_false);
    self.emit({.op = Op::kCopy, .target = free, .left = self.value(*e.else_branch, free)});
    self.bind(end);
    return in_register(free);
  }

  Operand operator()(const GetAttr& e) const {
    const Operand target = self.value(*e.target, free);
    // Read where it is used: whatever comes between can only err as well.
    if (is_variable(target)) return self.attribute_of(target, e.name);
    return self.emit(
        {.op = Op::kAttribute, .target = free, .left = target, .detail = self.name(e.name)});
  }

  Operand operator()(const SetExpr& e) const {
    const std::size_t begin = self.program_.code.size();
    const auto count = static_cast<std::uint32_t>(e.members.size());
    self.emit({.op = Op::kNewSet, .target = free, .detail = count});
    std::vector<Expr> literals;
    for (std::uint32_t i = 0; i < count; ++i) {
      const Operand member = self.value(*e.members[i], free + 1);
      if (is_constant(member)) literals.push_back(self.literal(member));
      self.emit({.op = Op::kPutMember, .target = free, .left = member, .detail = i});
    }
    if (literals.size() < count) return self.emit({.op = Op::kSet, .target = free});
    // All is known: nothing but what puts it together has been written.
    self.program_.code.resize(begin, {.op = Op::kError});
    std::vector<const Expr*> members;
    for (const Expr& member : literals) members.push_back(&member);
    return self.fold(SetExpr{members}, free);
  }

  Operand operator()(const RecordExpr& e) const {
    const std::size_t begin = self.program_.code.size();
    const auto count = static_cast<std::uint32_t>(e.entries.size());
    self.emit({.op = Op::kNewRecord, .target = free, .detail = count});
    std::vector<Expr> literals;
    for (std::uint32_t i = 0; i < count; ++i) {
      const Operand field = self.value(*e.entries[i].value, free + 1);
      if (is_constant(field)) literals.push_back(self.literal(field));
      self.emit({.op = Op::kPutField,
                 .target = free,
                 .left = field,
                 .if_true = self.name(e.entries[i].name),
                 .detail = i});
    }
    if (literals.size() < count) return in_register(free);
    self.program_.code.resize(begin, {.op = Op::kError});
    std::vector<RecordEntry> entries;
    for (std::uint32_t i = 0; i < count; ++i) {
      entries.push_back({e.entries[i].name, &literals[i]});
    }
    return self.fold(RecordExpr{entries}, free);
  }

  Operand operator()(const ExtensionCall& e) const {
    const std::size_t count = arity(e.function);
    if (e.arguments.size() != count) {
      self.emit({.op = Op::kError});
      return in_register(free);
    }
    const Operand left = self.value(*e.arguments.front(), free);
    const Operand right = count == 1 ? left : self.value(*e.arguments.back(), after(left, free));
    if (is_constant(left) && is_constant(right)) {
      const Expr a = self.literal(left), b = self.literal(right);
      const std::array<const Expr*, 2> arguments = {&a, &b};
      return self.fold(ExtensionCall{e.function, std::span(arguments).first(count)}, free);
    }
    return self.emit({.op = Op::kCall,
                      .target = free,
                      .left = left,
                      .right = right,
                      .detail = static_cast<std::uint32_t>(e.function)});
  }
};

ConditionCompiler::ConditionCompiler(Program& program, Arena& arena, const EntityStore* entities)
    : program_(program),
      arena_(arena),
      entities_(entities),
      no_request_{make_uid(arena, "", ""), make_uid(arena, "", ""), make_uid(arena, "", "")} {
  if (entities != nullptr) name_lists_ = entities->attribute_names();
  for (const bool each : {false, true}) constant(Value::boolean(each));
}

std::uint32_t ConditionCompiler::add(const Policy& policy) {
  const auto [it, is_new] = entries_.try_emplace(policy.body);
  if (!is_new) return it->second;
  const auto begin = static_cast<std::uint32_t>(program_.code.size());
  labels_ = {kConditionsHold, kConditionsFail};
  for (const Condition& each : policy.body->conditions) {
    const Label next = new_label();
    const Targets targets{next, kFailsLabel};
    condition(*each.body, each.is_unless ? Targets{kFailsLabel, next} : targets,
              kFirstFreeRegister);
    bind(next);
  }
  emit_jump(kHoldsLabel);
  resolve_labels(begin);
  const std::uint32_t entry = follow_jumps(begin);
  // Whatever led to the last jump now leads to where it goes.
  program_.code.pop_back();
  return it->second = share(begin, entry);
}

std::uint32_t ConditionCompiler::share(std::uint32_t begin, std::uint32_t entry) {
  const auto relative = [begin](std::uint32_t place) {
    return place < kConditionsFail ? place - begin : place;
  };
  std::string content;
  const auto append = [&](std::uint32_t word) {
    content.append(reinterpret_cast<const char*>(&word), sizeof(word));
  };
  append(relative(entry));
  for (const Instruction& each : std::span(program_.code).subspan(begin)) {
    const bool jumps = is_jump(each.op);
    append(static_cast<std::uint32_t>(each.op) | std::uint32_t{each.target} << 8);
    append(each.left.bits());
    append(each.right.bits());
    append(jumps ? relative(each.if_true) : each.if_true);
    append(jumps ? relative(each.if_false) : each.if_false);
    append(each.detail);
  }
  const auto [it, is_new] = programs_.try_emplace(std::move(content), entry);
  if (!is_new) program_.code.resize(begin, {.op = Op::kError});
  return it->second;
}

ConditionCompiler::Label ConditionCompiler::new_label() {
  labels_.push_back(kConditionsHold);
  return static_cast<Label>(labels_.size() - 1);
}

void ConditionCompiler::bind(Label label) {
  labels_[label] = static_cast<std::uint32_t>(program_.code.size());
}

void ConditionCompiler::resolve_labels(std::size_t begin) {
  // From the end, since jumps lead forward: those that one leads to are resolved then.
  for (std::size_t i = program_.code.size(); i-- > begin;) {
    Instruction& instruction = program_.code[i];
    if (!is_jump(instruction.op)) continue;
    instruction.if_true = follow_jumps(labels_[instruction.if_true]);
    instruction.if_false = follow_jumps(labels_[instruction.if_false]);
  }
}

std::uint32_t ConditionCompiler::follow_jumps(std::uint32_t place) const {
  while (place < kConditionsFail && program_.code[place].op == Op::kJump) {
    place = program_.code[place].if_true;
  }
  return place;
}

Operand ConditionCompiler::emit(const Instruction& instruction) {
  program_.registers = std::max(program_.registers, instruction.target + 1U);
  program_.code.push_back(instruction);
  return in_register(instruction.target);
}

void ConditionCompiler::emit_jump(Label label) {
  emit({.op = Op::kJump, .if_true = label, .if_false = label});
}

void ConditionCompiler::emit_test(Instruction question, Targets targets) {
  question.if_true = targets.if_true;
  question.if_false = targets.if_false;
  emit(question);
}

Operand ConditionCompiler::constant(const Value& value) {
  const auto [it, is_new] =
      constants_.try_emplace(value, static_cast<std::uint32_t>(program_.constants.size()));
  if (is_new) {
    Value own = value;
    if (value.is(Kind::kEntity) && entities_ != nullptr) {
      if (const EntityUid* uid = entities_->canonical(value.as_entity())) own = Value::entity(uid);
    }
    program_.constants.push_back(own);
  }
  return in_constant(it->second);
}

Operand ConditionCompiler::attribute_of(Operand variable, std::string_view attribute) {
  auto& numbers = attributes_[variable.number()];
  const auto [it, is_new] =
      numbers.try_emplace(attribute, static_cast<std::uint32_t>(program_.attributes.size()));
  if (is_new) {
    program_.attributes.push_back(
        {static_cast<Variable>(variable.number()), AttributeName(attribute, name_lists_)});
  }
  return {Operand::Place::kAttribute, it->second};
}

std::uint32_t ConditionCompiler::name(std::string_view text) {
  const auto [it, is_new] =
      names_.try_emplace(text, static_cast<std::uint32_t>(program_.names.size()));
  if (is_new) program_.names.emplace_back(text, name_lists_);
  return it->second;
}

std::uint32_t ConditionCompiler::text_list(std::span<const std::string_view> texts) {
  const auto [it, is_new] =
      text_lists_.try_emplace(std::vector(texts.begin(), texts.end()),
                              static_cast<std::uint32_t>(program_.text_lists.size()));
  if (is_new) program_.text_lists.push_back(texts);
  return it->second;
}

void ConditionCompiler::condition(const Expr& expr, Targets targets, Register free) {
  std::visit(ConditionVisitor{*this, expr, targets, free}, expr.node);
}

void ConditionCompiler::comparison(const BinaryExpr& e, Targets targets, Register free) {
  const Operand left = value(*e.left, free);
  const Operand right = value(*e.right, after(left, free));
  const auto test = [&](Op op) { emit_test({.op = op, .left = left, .right = right}, targets); };
  // Which of two numbers errs for its kind is all the same: the Evaluator is asked.
  const auto test_swapped = [&](Op op) {
    emit_test({.op = op, .left = right, .right = left}, targets);
  };
  switch (e.op) {
    case BinaryOp::kEqual: return test(Op::kEqual);
    case BinaryOp::kNotEqual: targets = targets.swapped(); return test(Op::kEqual);
    case BinaryOp::kLess: return test(Op::kLess);
    case BinaryOp::kLessEqual: return test(Op::kLessEqual);
    case BinaryOp::kGreater: return test_swapped(Op::kLess);
    case BinaryOp::kGreaterEqual: return test_swapped(Op::kLessEqual);
    case BinaryOp::kIn: return test(Op::kIn);
    case BinaryOp::kContains: return test(Op::kContains);
    case BinaryOp::kContainsAll: return test(Op::kContainsAll);
    case BinaryOp::kContainsAny: return test(Op::kContainsAny);
    default: return test(Op::kHasTag);
  }
}

Operand ConditionCompiler::value(const Expr& expr, Register free) {
  return std::visit(ValueVisitor{*this, expr, free}, expr.node);
}

Operand ConditionCompiler::boolean_value(const Expr& expr, Register free) {
  const Targets targets{new_label(), new_label()};
  const Label end = new_label();
  condition(expr, targets, free);
  bind(targets.if_true);
  emit({.op = Op::kCopy, .target = free, .left = in_constant(kTruePlace)});
  emit_jump(end);
  bind(targets.if_false);
  emit({.op = Op::kCopy, .target = free, .left = in_constant(kFalsePlace)});
  bind(end);
  return in_register(free);
}

Operand ConditionCompiler::fold(const Expr::Node& operation, Register free) {
  const auto value = Evaluator(no_request_, nothing_, arena_).evaluate(Expr{operation, {}, 1});
  if (value) return constant(*value);
  emit({.op = Op::kError});
  return in_register(free);
}

Expr ConditionCompiler::literal(Operand constant) const {
  return Expr{Literal{program_.constants[constant.number()]}, {}, 1};
}

}  // namespace wardlock::cedar
