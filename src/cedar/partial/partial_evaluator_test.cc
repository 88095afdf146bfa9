#include "cedar/partial/partial_evaluator.h"

#include <gtest/gtest.h>

#include "cedar/ast/policy_text.h"
#include "cedar/entities/entities_json.h"
#include "cedar/parser/parser.h"

namespace wardlock::cedar {
namespace {

constexpr std::string_view kSchema = R"(
  entity Ward;
  entity Role in [Role];
  entity User in [Role, Ward] = { name: String, ward?: Ward } tags Long;
  entity Chart in [Ward] = { owner: User, team: Set<User>, pages: Long, note?: String, open: Bool };
  action view appliesTo { principal: User, resource: Chart, context: { level: Long, why?: String } };
)";

constexpr std::string_view kEntities = R"([
  {"uid": {"type": "Role", "id": "nurse"}, "attrs": {}, "parents": []},
  {"uid": {"type": "Ward", "id": "w1"}, "attrs": {}, "parents": []},
  {"uid": {"type": "User", "id": "ada"}, "attrs": {"name": "Ada", "ward": {"type": "Ward", "id": "w1"}},
   "parents": [{"type": "Role", "id": "nurse"}], "tags": {"r1": 7}}
])";

/// Ada asks about some chart; the context is not known.
class PartialEvaluation : public testing::Test {
 protected:
  PartialEvaluation()
      : schema_(std::move(*parse_schema(kSchema))),
        store_(std::move(*entities_from_json(*codec::parse_json(kEntities), &schema_))),
        entities_{store_, PartialEntities::Others::kExistNot} {
    request_ = {{"User", uid("User", "ada")}, uid("Action", "view"), {"Chart"}, {}};
  }

  const EntityUid* uid(std::string_view type, std::string_view id) {
    return make_uid(arena_, type, id);
  }

  /// The residual as text; errors begin with `!`.
  std::string residual(std::string_view expression) {
    const auto expr = parse_expression(expression, arena_);
    EXPECT_TRUE(expr) << expression;
    const Partial partial = PartialEvaluator(schema_, request_, entities_, arena_).evaluate(**expr);
    if (partial.is_value()) return to_text(partial.value);
    if (partial.is_error()) return "!" + std::string(to_string(partial.error->kind));
    return *to_text(*spell_out(*partial.expr, arena_));
  }

  Arena arena_;
  Schema schema_;
  EntityStore store_;
  PartialEntities entities_;
  PartialRequest request_;
};

/// Such a set has no type of members to be named.
TEST_F(PartialEvaluation, TypesOfEmptyAndMixedSetsHaveNames) {
  const Typing typing(schema_, arena_);
  std::array<Value, 2> mixed = {Value::integer(1), Value::string("a")};
  EXPECT_EQ(to_string(*typing.of(make_set(arena_, {}))), "set");
  EXPECT_EQ(to_string(*typing.of(make_set(arena_, mixed))), "set");
  std::array<Value, 1> nested = {make_set(arena_, {})};
  EXPECT_EQ(to_string(*typing.of(make_set(arena_, nested))), "set");
  EXPECT_EQ(residual("resource.team == []"), "resource.team == []");
}

TEST_F(PartialEvaluation, KnownPartsBecomeValues) {
  EXPECT_EQ(residual("principal.name == \"Ada\""), "true");
  EXPECT_EQ(residual("principal in Role::\"nurse\" && resource.open"), "resource.open");
  EXPECT_EQ(residual("resource in principal.ward"), "resource in Ward::\"w1\"");
  EXPECT_EQ(residual("resource.team.contains(principal)"), "resource.team.contains(User::\"ada\")");
  EXPECT_EQ(residual("principal.getTag(\"r1\") < resource.pages"), "7 < resource.pages");
  EXPECT_EQ(residual("if resource.open then principal.name == \"Ada\" else false"),
            "resource.open");
}

TEST_F(PartialEvaluation, TypesDecideWhatNoIdChanges) {
  EXPECT_EQ(residual("resource is User"), "false");
  EXPECT_EQ(residual("resource == principal"), "false");
  EXPECT_EQ(residual("resource in Role::\"nurse\""), "false");
  EXPECT_EQ(residual("resource has nothing"), "false");
  EXPECT_EQ(residual("resource in [Ward::\"w1\", Role::\"nurse\"]"), "resource in Ward::\"w1\"");
  EXPECT_EQ(residual("context has nothing || resource is Chart"), "true");
}

TEST_F(PartialEvaluation, WhatMayErrIsKept) {
  // Not `true`, `false` or less: the resource may not exist, the attribute may be absent.
  for (const char* kept : {
           "resource.open || true",
           "resource.open && false",
           "resource.pages == resource.pages",
           "resource.pages * 0",
           "resource has open",
           "if resource.open then 1 else 1",
           "resource.owner == Ward::\"w1\"",
           "resource.owner is Chart",
           "resource.owner in Chart::\"c\"",
           "[resource.pages, 1].contains(1)",
           "{a: 1, b: resource.pages}.a",
           "context.why == \"\"",
           "resource.pages + 1 < 2",
           "User::\"ada\".getTag(resource.note)",
       }) {
    EXPECT_EQ(residual(kept), kept);
  }
}

TEST_F(PartialEvaluation, ErrorsComeInTheOrderOfEvaluation) {
  EXPECT_EQ(residual("principal.name + 1"), "!type_error");
  EXPECT_EQ(residual("User::\"nobody\".name == \"\""), "!entity_does_not_exist");
  EXPECT_EQ(residual("resource == principal.missing"), "!attribute_does_not_exist");
  EXPECT_EQ(residual("ip(\"x\").isIpv4() && resource.open"), "!extension_error");
  EXPECT_EQ(residual("resource is User && ip(\"x\").isIpv4()"), "false");
  EXPECT_EQ(residual("principal.missing || true"), "!attribute_does_not_exist");
  EXPECT_EQ(residual("1 && resource.open"), "!type_error");
  // The left side may err first, and differently.
  EXPECT_EQ(residual("resource.note == principal.missing"), "resource.note == principal.missing");
  EXPECT_EQ(residual("resource.open && principal.missing"), "resource.open && principal.missing");
  EXPECT_EQ(residual("resource.pages && true"), "true && resource.pages");
  EXPECT_EQ(residual("resource.open || 1"), "resource.open || true && 1");
}

TEST_F(PartialEvaluation, EntitiesThatMayExistStayOpen) {
  const std::string_view ghost = "User::\"eve\" in Role::\"nurse\"";
  EXPECT_EQ(residual(ghost), "false");
  EXPECT_EQ(residual("User::\"eve\" has name"), "false");
  const std::array<std::string_view, 1> open = {"User"};
  entities_ = {store_, PartialEntities::Others::kOfOpenTypes, open};
  EXPECT_EQ(residual(ghost), ghost);
  EXPECT_EQ(residual("User::\"eve\" has name"), "User::\"eve\" has name");
  EXPECT_EQ(residual("User::\"eve\" has nothing"), "false");
  EXPECT_EQ(residual("User::\"eve\" in Chart::\"c\""), "false");
  EXPECT_EQ(residual("User::\"eve\" in User::\"eve\""), "true");
  EXPECT_EQ(residual("User::\"ada\".name"), "\"Ada\"");
}

/// What an ancestor may be in, its descendants may be in.
TEST_F(PartialEvaluation, TheHierarchyIsKnownOnlyAsFarAsItsAncestors) {
  const std::string_view staff = "principal in Role::\"staff\"";
  EXPECT_EQ(residual(staff), "false");
  const std::array unknown = {UnknownParts{.uid = uid("Role", "nurse"), .ancestors = true}};
  entities_.unknown_parts = unknown;
  EXPECT_EQ(residual(staff), "User::\"ada\" in Role::\"staff\"");
  EXPECT_EQ(residual("principal in Role::\"nurse\""), "true");
  EXPECT_EQ(residual("principal in Ward::\"w1\""), "User::\"ada\" in Ward::\"w1\"");
  EXPECT_EQ(residual("principal in Chart::\"c\""), "false");
}

TEST_F(PartialEvaluation, AResidualIsAPolicyOfItsOwn) {
  const auto set = parse_policies(
      "@id(\"p\") @reason(\"r\") permit (principal in Role::\"nurse\", action == Action::\"view\", "
      "resource is Chart) when { context.level >= 2 } unless { resource.open };");
  ASSERT_TRUE(set);
  PartialEvaluator evaluator(schema_, request_, entities_, arena_);
  const Residual residual = evaluator.evaluate(set->policies().front());
  EXPECT_EQ(residual.outcome, Residual::Outcome::kUnknown);
  EXPECT_FALSE(residual.is_total);
  EXPECT_EQ(*to_text(*to_policy(residual)),
            "@id(\"p\")\n@reason(\"r\")\npermit (principal, action, resource)\n"
            "when { context.level >= 2 && !resource.open };");
}

}  // namespace
}  // namespace wardlock::cedar
