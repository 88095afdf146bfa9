#include "cedar/validator/expr_types.h"

#include <gtest/gtest.h>

#include "cedar/parser/parser.h"

namespace wardlock::cedar {
namespace {

constexpr std::string_view kSchema = R"(
entity User = { age: Long, nick?: String };
action view appliesTo { principal: User, resource: User, context: { ids: Set<Long> } };
)";

class ExprTypesTest : public testing::Test {
 protected:
  void type(std::string_view condition, ValidationMode mode = ValidationMode::kStrict) {
    policy_ = *parse_policy(
        "permit (principal, action, resource) when { " + std::string(condition) + " };", "p");
    types_.emplace(infer_types(*policy_, *schema_, environments_of(*schema_).front(), mode));
  }
  const Expr& body() const { return *policy_->conditions.front().body; }
  std::string name_of(const Expr& expr) const {
    const InferredType* type = types_->find(expr);
    return type == nullptr ? "none" : to_string(*type);
  }

  Parsed<Schema> schema_ = parse_schema(kSchema);
  std::unique_ptr<Template> policy_;
  std::optional<ExprTypes> types_;
};

TEST_F(ExprTypesTest, EachNodeHasItsType) {
  type("context.ids.contains(principal.age)");
  EXPECT_TRUE(types_->is_well_typed());
  EXPECT_FALSE(types_->is_impossible());
  const auto& contains = std::get<BinaryExpr>(body().node);
  EXPECT_EQ(name_of(body()), "bool");
  EXPECT_EQ(name_of(*contains.left), "set of long");
  EXPECT_EQ(name_of(*contains.right), "long");
  EXPECT_EQ(name_of(*std::get<GetAttr>(contains.right->node).target), "entity of type `User`");
  EXPECT_EQ(name_of(*std::get<GetAttr>(contains.left->node).target), "record {ids: set of long}");
}

TEST_F(ExprTypesTest, WhatIsNeverEvaluatedHasNone) {
  type("principal is User || principal.missing");
  const auto& any = std::get<OrExpr>(body().node);
  EXPECT_TRUE(types_->find(body())->is_always(true));
  EXPECT_TRUE(types_->find(*any.operands[0])->is_always(true));
  EXPECT_EQ(types_->find(*any.operands[1]), nullptr);
  EXPECT_TRUE(types_->is_well_typed());
}

TEST_F(ExprTypesTest, WhatIsWrongHasNoneAndTheRestHas) {
  type("principal.missing == 1 && principal.age > 2");
  EXPECT_FALSE(types_->is_well_typed());
  const auto& both = std::get<AndExpr>(body().node);
  EXPECT_EQ(types_->find(*std::get<BinaryExpr>(both.operands[0]->node).left), nullptr);
  EXPECT_EQ(name_of(*std::get<BinaryExpr>(both.operands[1]->node).left), "long");
}

TEST_F(ExprTypesTest, ConditionsThatAreAlwaysFalseAreKnown) {
  type("principal has missing");
  EXPECT_TRUE(types_->is_impossible());
}

TEST_F(ExprTypesTest, PermissiveModeKnowsUnionsAndOpenRecords) {
  type("(if principal.age > 1 then {a: 1, b: 2} else {a: 3}) has b", ValidationMode::kPermissive);
  EXPECT_TRUE(types_->is_well_typed());
  EXPECT_EQ(name_of(*std::get<HasAttr>(body().node).target), "record {a: long, …}");
  type("[principal, action].contains(principal)", ValidationMode::kPermissive);
  EXPECT_EQ(name_of(*std::get<BinaryExpr>(body().node).left),
            "set of entity of type `Action` or `User`");
}

TEST_F(ExprTypesTest, SurviveBeingMoved) {
  type("principal.age > 2");
  const ExprTypes moved = std::move(*types_);
  EXPECT_EQ(to_string(*moved.find(body())), "bool");
}

}  // namespace
}  // namespace wardlock::cedar
