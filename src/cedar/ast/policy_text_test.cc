#include "cedar/ast/policy_text.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace wardlock::cedar {
namespace {

/// Builds trees by hand, those too that no text gives.
class PolicyText : public ::testing::Test {
 protected:
  template <typename Node>
  const Expr* make(Node node) {
    return make_expr(arena_, node);
  }
  const Expr* number(std::int64_t n) { return make(Literal{Value::integer(n)}); }
  const Expr* unary(UnaryOp op, const Expr* argument) { return make(UnaryExpr{op, argument}); }
  const Expr* binary(const Expr* left, BinaryOp op, const Expr* right) {
    return make(BinaryExpr{op, left, right});
  }
  template <typename T, std::size_t n>
  std::span<const T> list(const T (&items)[n]) {
    return arena_.copy(std::span(items));
  }
  std::string text(const Expr* expression) {
    const auto out = to_text(*expression);
    return out ? *out : out.error().message;
  }

  Arena arena_;
  const Expr* context_ = make_expr(arena_, Variable::kContext);
  const Expr* one_ = number(1);
  const Expr* sum_ = binary(one_, BinaryOp::kAdd, one_);
  const Expr* less_ = binary(one_, BinaryOp::kLess, one_);
};

TEST_F(PolicyText, ParenthesesOnlyWhereTheGrammarNeedsThem) {
  EXPECT_EQ(text(binary(sum_, BinaryOp::kAdd, one_)), "1 + 1 + 1");
  EXPECT_EQ(text(binary(one_, BinaryOp::kSubtract, sum_)), "1 - (1 + 1)");
  EXPECT_EQ(text(binary(sum_, BinaryOp::kMultiply, one_)), "(1 + 1) * 1");
  EXPECT_EQ(text(binary(less_, BinaryOp::kEqual, sum_)), "(1 < 1) == 1 + 1");
  EXPECT_EQ(text(binary(less_, BinaryOp::kContains, less_)), "(1 < 1).contains(1 < 1)");
  const Expr* conjunction = make(AndExpr{list({less_, context_})});
  EXPECT_EQ(text(make(OrExpr{list({conjunction, conjunction})})),
            "1 < 1 && context || 1 < 1 && context");
  EXPECT_EQ(text(make(AndExpr{list({conjunction, context_})})), "(1 < 1 && context) && context");
  const Expr* choice = make(IfExpr{less_, one_, context_});
  EXPECT_EQ(text(binary(choice, BinaryOp::kIn, choice)),
            "(if 1 < 1 then 1 else context) in (if 1 < 1 then 1 else context)");
}

TEST_F(PolicyText, SignsNeverRunIntoOneAnother) {
  const Expr* minus_one = number(-1);
  EXPECT_EQ(text(minus_one), "-1");
  EXPECT_EQ(text(unary(UnaryOp::kNegate, one_)), "-(1)");
  EXPECT_EQ(text(unary(UnaryOp::kNegate, minus_one)), "-(-1)");
  EXPECT_EQ(text(unary(UnaryOp::kNot, minus_one)), "!(-1)");
  EXPECT_EQ(text(unary(UnaryOp::kNegate, context_)), "-context");
  EXPECT_EQ(text(unary(UnaryOp::kNegate, make(GetAttr{one_, "a"}))), "-(1.a)");
  EXPECT_EQ(text(make(GetAttr{minus_one, "a"})), "(-1).a");
  EXPECT_EQ(text(unary(UnaryOp::kIsEmpty, minus_one)), "(-1).isEmpty()");
  EXPECT_EQ(text(unary(UnaryOp::kNot, unary(UnaryOp::kNot, context_))), "!(!context)");
  EXPECT_EQ(text(binary(one_, BinaryOp::kSubtract, minus_one)), "1 - -1");
}

TEST_F(PolicyText, NamesAreQuotedUnlessTheyAreIdentifiers) {
  EXPECT_EQ(text(make(GetAttr{context_, "a_1"})), "context.a_1");
  for (const std::string_view name : {"", "1a", "a b", "a-b", "if", "has", "__cedar", "é"}) {
    EXPECT_EQ(text(make(GetAttr{context_, name})), "context[\"" + std::string(name) + "\"]");
    EXPECT_EQ(text(make(HasAttr{context_, list({name})})),
              "context has \"" + std::string(name) + "\"");
    EXPECT_EQ(text(make(RecordExpr{list({RecordEntry{name, one_}})})),
              "{\"" + std::string(name) + "\": 1}");
  }
}

TEST_F(PolicyText, HasPaths) {
  const std::string_view path[] = {"a", "b", "c"};
  EXPECT_EQ(text(make(HasAttr{context_, list(path)})), "context has a.b.c");
  const std::string_view odd[] = {"a", "b c"};
  EXPECT_EQ(text(make(HasAttr{context_, list(odd)})),
            "policy text cannot name `\"b c\"` inside a path after `has`; test one attribute at a "
            "time");
}

TEST_F(PolicyText, CallsNeedAReceiverOnlyAsMethods) {
  EXPECT_EQ(text(make(ExtensionCall{ExtensionFunction::kIp, {}})), "ip()");
  EXPECT_EQ(text(make(ExtensionCall{ExtensionFunction::kIsIpv4, list({sum_})})),
            "(1 + 1).isIpv4()");
  EXPECT_EQ(text(make(ExtensionCall{ExtensionFunction::kLessThan, list({one_, sum_, one_})})),
            "1.lessThan(1 + 1, 1)");
  EXPECT_EQ(text(make(ExtensionCall{ExtensionFunction::kToDate, {}})),
            "policy text cannot call the method `toDate` on nothing; give it a first argument");
}

TEST_F(PolicyText, AnErrorDeepInsideIsTheErrorOfTheWhole) {
  const Expr* bad = make(ExtensionCall{ExtensionFunction::kToDate, {}});
  const Expr* trees[] = {
      unary(UnaryOp::kNot, bad),
      unary(UnaryOp::kIsEmpty, bad),
      binary(bad, BinaryOp::kAdd, one_),
      binary(one_, BinaryOp::kGetTag, bad),
      make(AndExpr{list({one_, bad})}),
      make(IfExpr{one_, bad, one_}),
      make(GetAttr{bad, "a"}),
      make(IsExpr{one_, "U", bad}),
      make(SetExpr{list({one_, bad})}),
      make(RecordExpr{list({RecordEntry{"a", bad}})}),
      make(ExtensionCall{ExtensionFunction::kIp, list({bad})}),
  };
  for (const Expr* tree : trees) EXPECT_FALSE(to_text(*tree));
  Template policy;
  policy.conditions = policy.arena->copy(std::array{Condition{false, bad}});
  EXPECT_FALSE(to_text(policy));
}

TEST_F(PolicyText, Patterns) {
  const std::string_view segments[] = {"", "a*\"\\\n", "é", ""};
  EXPECT_EQ(text(make(LikeExpr{context_, list(segments)})), R"(context like "*a\*\"\\\n*é*")");
  EXPECT_EQ(text(make(LikeExpr{less_, list({std::string_view("")})})), R"((1 < 1) like "")");
}

TEST_F(PolicyText, PoliciesAreLaidOutOneConditionALine) {
  Template policy;
  Arena& arena = *policy.arena;
  policy.effect = Effect::kForbid;
  const Annotation annotations[] = {{"id", "x\""}, {"if", std::nullopt}};
  policy.annotations = arena.copy(std::span(annotations));
  policy.principal = {ScopeConstraint::Op::kIsIn, "Hospital::Physician", nullptr};
  const EntityUid* actions[] = {make_uid(arena, "Action", "view"),
                                make_uid(arena, "Action", "set")};
  policy.action = {ActionConstraint::Op::kIn, true, arena.copy(std::span(actions))};
  policy.resource = {ScopeConstraint::Op::kEqual, "", make_uid(arena, "Pump", "7")};
  const Condition conditions[] = {{false, context_}, {true, less_}};
  policy.conditions = arena.copy(std::span(conditions));
  EXPECT_EQ(to_text(policy),
            "@id(\"x\\\"\")\n"
            "@if\n"
            "forbid (principal is Hospital::Physician in ?principal, "
            "action in [Action::\"view\", Action::\"set\"], resource == Pump::\"7\")\n"
            "when { context }\n"
            "unless { 1 < 1 };");
}

}  // namespace
}  // namespace wardlock::cedar
