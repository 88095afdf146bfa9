#include "cedar/compiled/condition_compiler.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "cedar/parser/parser.h"

namespace wardlock::cedar {
namespace {

using Op = Instruction::Op;

/// What one policy, or several, become.
class ConditionCompilerTest : public testing::Test {
 protected:
  /// Compiles policies with these clauses after one another; where each begins.
  std::vector<std::uint32_t> compile(const std::vector<std::string>& clauses) {
    std::string text;
    for (const std::string& each : clauses)
      text += "permit (principal, action, resource) " + each + ";";
    auto parsed = parse_policies(text);
    EXPECT_TRUE(parsed) << text;
    policies_ = std::move(*parsed);
    program_ = {};
    ConditionCompiler compiler(program_, arena_, nullptr);
    std::vector<std::uint32_t> entries;
    for (const Policy& policy : policies_.policies()) entries.push_back(compiler.add(policy));
    expect_forward();
    return entries;
  }
  std::uint32_t compile_condition(const std::string& condition) {
    return compile({"when { " + condition + " }"}).front();
  }

  std::vector<Op> ops() const {
    std::vector<Op> ops;
    for (const Instruction& each : program_.code) ops.push_back(each.op);
    return ops;
  }

  /// That steps lead forward, to a step or an end, so that no program runs on.
  void expect_forward() const {
    for (std::size_t i = 0; i < program_.code.size(); ++i) {
      const Instruction& each = program_.code[i];
      if (each.op > Op::kJump) continue;
      for (const std::uint32_t next : {each.if_true, each.if_false}) {
        EXPECT_GT(next, i);
        EXPECT_TRUE(next < program_.code.size() || next >= kConditionsFail) << next;
      }
    }
    if (!program_.code.empty()) {
      // What is last ends there, or errs.
      const Instruction& last = program_.code.back();
      EXPECT_TRUE(last.op <= Op::kJump || last.op == Op::kError);
    }
  }

  Arena arena_;
  PolicySet policies_;
  Program program_;
};

TEST_F(ConditionCompilerTest, WithoutAConditionThereIsNothingToDo) {
  EXPECT_EQ(compile({""}), std::vector{kConditionsHold});
  EXPECT_TRUE(program_.code.empty());
}

TEST_F(ConditionCompilerTest, WhatIsKnownIsDecidedHere) {
  EXPECT_EQ(compile_condition("true"), kConditionsHold);
  EXPECT_EQ(compile_condition("false"), kConditionsFail);
  EXPECT_EQ(compile_condition("!false && (false || true)"), kConditionsHold);
  EXPECT_EQ(compile_condition("if true then false else true"), kConditionsFail);
  EXPECT_EQ(compile({"unless { true }"}).front(), kConditionsFail);
  EXPECT_EQ(compile({"when { true } unless { false } when { true }"}).front(), kConditionsHold);
}

TEST_F(ConditionCompilerTest, WhatErrsStaysWhereItIsReached) {
  for (const char* condition :
       {"1", "\"a\"", "ip(\"bad\") == ip(\"bad\")", "9223372036854775807 + 1 == 0", "-(\"a\") == 1",
        "1 && true", "[1, decimal(\"x\")].contains(1)", "{a: 1 + true}.a == 1"}) {
    const std::uint32_t entry = compile_condition(condition);
    ASSERT_LT(entry, program_.code.size()) << condition;
    EXPECT_TRUE(std::ranges::count(ops(), Op::kError) > 0) << condition;
  }
  // The jump past it is taken; the error is left in what is never run, or is not there at all.
  EXPECT_EQ(compile_condition("false && ip(\"bad\").isIpv4()"), kConditionsFail);
  EXPECT_EQ(compile_condition("true || 1"), kConditionsHold);
  // Nothing before it is left out.
  const std::uint32_t entry = compile_condition("context.a && 1");
  EXPECT_EQ(program_.code[entry].op, Op::kTest);
  EXPECT_EQ(ops(), (std::vector{Op::kTest, Op::kError}));
}

TEST_F(ConditionCompilerTest, ConstantsAreComputedOnce) {
  compile_condition("[2, 1 + 1, 3].contains(context.n)");
  EXPECT_EQ(ops(), std::vector{Op::kContains});
  const Operand set = program_.code.front().left;
  ASSERT_TRUE(set.is(Operand::Place::kConstant));
  EXPECT_EQ(program_.constants[set.number()].as_set().size(), 2U);
  compile_condition("context.a == decimal(\"1.5\") || context.b == decimal(\"1.50\")");
  EXPECT_EQ(program_.code[0].right, program_.code[1].right);
}

TEST_F(ConditionCompilerTest, AnAttributeOfAVariableHasOneNumber) {
  compile_condition("principal.a == resource.a && principal.a == principal.b && context.a");
  EXPECT_EQ(program_.attributes.size(), 4U);
  EXPECT_EQ(program_.code[0].left, program_.code[1].left);
  EXPECT_NE(program_.code[0].right, program_.code[0].left);
  // Of what an attribute leads to it is read by an instruction.
  compile_condition("principal.a.b");
  EXPECT_EQ(ops(), (std::vector{Op::kAttribute, Op::kTest}));
}

TEST_F(ConditionCompilerTest, EqualConditionsHaveOneProgram) {
  const auto entries =
      compile({"when { context.a == 1 }", "when { context.a == 2 }", "when { context.a == 1 }",
               "unless { context.a == 1 }", "when { context.b == 1 }"});
  EXPECT_EQ(entries[2], entries[0]);
  for (const std::size_t other : {1U, 3U, 4U}) EXPECT_NE(entries[other], entries[0]) << other;
  EXPECT_EQ(program_.code.size(), 4U);
}

TEST_F(ConditionCompilerTest, LinksOfATemplateHaveOneProgram) {
  auto parsed = parse_policies(
      "@id(\"t\") permit (principal == ?principal, action, resource) when { context.a };");
  ASSERT_TRUE(parsed);
  const EntityUid *ann = make_uid(arena_, "User", "ann"), *bob = make_uid(arena_, "User", "bob");
  const std::string id(parsed->templates().front()->id);
  ASSERT_TRUE(parsed->link(id, "ann", {.principal = ann}));
  ASSERT_TRUE(parsed->link(id, "bob", {.principal = bob}));
  ConditionCompiler compiler(program_, arena_, nullptr);
  EXPECT_EQ(compiler.add(parsed->policies()[0]), compiler.add(parsed->policies()[1]));
  EXPECT_EQ(program_.code.size(), 1U);
}

TEST_F(ConditionCompilerTest, GoesDeepWithoutLosingRegisters) {
  // Each operand on the right is made while those on the left are kept.
  std::string condition = "context.n";
  for (int i = 0; i < 40; ++i) condition = fmt::format("context.n{} + ({})", i, condition);
  compile_condition(condition + " == 1");
  EXPECT_LE(program_.registers, kFirstFreeRegister + 42U);
  std::string sets = "[context.n]";
  for (int i = 0; i < 30; ++i) sets = "[context.n, " + sets + "]";
  compile_condition(sets + ".contains(1)");
  EXPECT_GE(program_.registers, kFirstFreeRegister + 31U);
}

TEST_F(ConditionCompilerTest, BooleansInsideValuesBecomeOne) {
  compile_condition("(context.a && context.b) == (context.c || false)");
  EXPECT_EQ(std::ranges::count(ops(), Op::kCopy), 4);
  EXPECT_EQ(std::ranges::count(ops(), Op::kEqual), 1);
  compile_condition("{x: context.a < 1}.x");
  EXPECT_EQ(std::ranges::count(ops(), Op::kNewRecord), 1);
}

}  // namespace
}  // namespace wardlock::cedar
