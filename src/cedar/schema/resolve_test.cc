#include <gtest/gtest.h>

#include <string>

#include "cedar/schema/schema.h"

namespace wardlock::cedar {
namespace {

std::string first_error(std::string_view text) {
  const auto schema = parse_schema(text);
  return schema ? "" : schema.error().front().message;
}

/// What the attribute `x` of `type` is, or why the schema is refused.
std::string type_of_x(std::string_view text, std::string_view type = "E") {
  const auto schema = parse_schema(text);
  if (!schema) return schema.error().front().message;
  return to_string(*schema->find_entity_type(type)->shape->find_attribute("x")->type);
}

TEST(Resolve, FindsTheNearestName) {
  EXPECT_EQ(type_of_x("entity E { x: Long };"), "long");
  EXPECT_EQ(type_of_x("entity E { x: Set<ipaddr> };"), "set of ipaddr");
  EXPECT_EQ(type_of_x("type A = Long; entity A; entity E { x: A };"), "long");
  EXPECT_EQ(type_of_x("entity Long; entity E { x: Long };"), "entity of type `Long`");
  EXPECT_EQ(type_of_x("entity Long; entity E { x: __cedar::Long };"), "long");
  EXPECT_EQ(type_of_x("type ipaddr = Bool; entity E { x: ipaddr };"), "bool");
  EXPECT_EQ(type_of_x("namespace N { entity E { x: A }; entity A; }", "N::E"),
            "entity of type `N::A`");
  EXPECT_EQ(type_of_x("namespace N { entity E { x: A }; } entity A;", "N::E"),
            "entity of type `A`");
  EXPECT_EQ(
      type_of_x("namespace N { entity E { x: M::A }; } namespace M { type A = duration; }", "N::E"),
      "duration");
  EXPECT_EQ(
      type_of_x("namespace N { entity E { x: Action }; action a; } type Action = Long;", "N::E"),
      "entity of type `N::Action`");
  EXPECT_EQ(type_of_x("type T = U; type U = Set<E>; entity E { x: T };"),
            "set of entity of type `E`");
}

TEST(Resolve, RefusesUndeclaredNames) {
  for (const char* text : {
           "entity E { x: Z };",
           "entity E { x: Boolean };",
           "entity E { x: Set };",
           "entity E { x: __cedar::Boolean };",
           "entity E { x: __cedar::A }; entity A;",
           "entity E { x: Action };",
           "entity E { x: { y: Set<Z> } };",
           "type T = Z;",
           "entity E in Z;",
           "entity E in Long;",
           "entity E in T; type T = E;",
           "entity E in Action; action a;",
           "entity E tags Z;",
           "namespace N { entity E { x: N::A }; } entity A;",
           "namespace N { entity E { x: M::A }; } namespace N::M { entity A; }",
           "namespace N::M { entity E in A; } namespace N { entity A; }",
           "namespace N { entity E { x: N::Action }; } action a;",
           "action a appliesTo { principal: Z, resource: E }; entity E;",
           "action a appliesTo { principal: T, resource: E }; entity E; type T = E;",
           "action a appliesTo { principal: Action, resource: E }; entity E;",
           "action a appliesTo { principal: E, resource: E, context: E }; entity E;",
           "action a in b;",
           "action a in Foo::\"b\"; entity Foo;",
           "action a in N::Action::\"b\"; action b; namespace N {}",
       }) {
    EXPECT_FALSE(parse_schema(text)) << text;
  }
}

TEST(Resolve, RefusesWhatIsNoRecord) {
  EXPECT_EQ(first_error("entity E; type C = Long; action a appliesTo { principal: E, resource: E, "
                        "context: C };"),
            "the context of action `a` is a long; it must be a record");
}

TEST(Resolve, RefusesDuplicates) {
  for (const char* text : {
           "entity A; entity A;",
           "entity A, A;",
           "entity A; entity A enum [\"x\"];",
           "action a; action \"a\";",
           "action a, a;",
           "type T = Long; type T = Long;",
           "namespace N {} namespace N {}",
       }) {
    EXPECT_NE(first_error(text).find("twice"), std::string::npos) << text;
  }
  EXPECT_TRUE(parse_schema("entity T; type T = Long;"));
}

TEST(Resolve, RefusesToHideNamesOfTheEmptyNamespace) {
  for (const char* text : {
           "entity A; namespace N { entity A; }",
           "entity A; namespace N { type A = Long; }",
           "type A = Long; namespace N { type A = Long; }",
           "type A = Long; namespace N { entity A; }",
           "action a; namespace N { action a; }",
       }) {
    EXPECT_NE(first_error(text).find("would hide"), std::string::npos) << text;
  }
  EXPECT_TRUE(
      parse_schema("namespace N { entity A; action a; } namespace M { entity A; action a; }"));
  EXPECT_TRUE(parse_schema("action a; namespace N { type Action = Long; action b; }"));
  EXPECT_TRUE(parse_schema("namespace N { type ipaddr = Long; }"));
}

TEST(Resolve, RefusesReservedNames) {
  for (const std::string name :
       {"Bool", "Boolean", "Entity", "Extension", "Long", "Record", "Set", "String", "__cedar"}) {
    EXPECT_FALSE(parse_schema("type " + name + " = Long;")) << name;
    EXPECT_EQ(parse_schema("entity " + name + ";").has_value(), name != "__cedar") << name;
  }
  for (const char* text : {"entity Action;", "namespace N { entity Action; }",
                           "namespace __cedar {}", "namespace N::__cedar {}"}) {
    EXPECT_FALSE(parse_schema(text)) << text;
  }
}

TEST(Resolve, NamesCycles) {
  EXPECT_EQ(first_error("type T = Set<U>; type U = { a?: T };"),
            "the common types refer to each other in a cycle: `T`, `U`, then `T` again");
  EXPECT_NE(first_error("namespace N { type T = M::T; } namespace M { type T = N::T; }"), "");
  EXPECT_EQ(first_error("action a in b; action b in a;"),
            "the actions are in each other in a cycle: `Action::\"a\"`, `Action::\"b\"`, then "
            "`Action::\"a\"` again");
  EXPECT_NE(first_error("action a in a;"), "");
}

TEST(Resolve, ReportsSeveralErrorsInTheOrderOfTheText) {
  const auto schema = parse_schema(
      "entity A in X { a: Y };\nentity B tags Z;\nentity A;\naction a in c appliesTo { principal: "
      "Q, "
      "resource: B };");
  ASSERT_FALSE(schema);
  ASSERT_EQ(schema.error().size(), 6U);
  for (std::size_t i = 1; i < schema.error().size(); ++i) {
    EXPECT_LE(schema.error()[i - 1].span.begin, schema.error()[i].span.begin);
  }
}

TEST(Resolve, ClosesHierarchies) {
  const auto schema = parse_schema(
      "entity G in G; entity B in G; entity A in [B]; action root; action mid in root; action leaf "
      "in mid appliesTo { principal: [A, A], resource: B };");
  ASSERT_TRUE(schema);
  EXPECT_TRUE(schema->find_entity_type("A")->may_be_in("G"));
  EXPECT_TRUE(schema->find_entity_type("G")->may_be_in("G"));
  EXPECT_FALSE(schema->find_entity_type("A")->may_be_in("A"));
  EXPECT_FALSE(schema->find_entity_type("G")->may_be_in("B"));
  Arena arena;
  const ActionType* leaf = schema->find_action(*make_uid(arena, "Action", "leaf"));
  ASSERT_NE(leaf, nullptr);
  EXPECT_EQ(leaf->parents.size(), 1U);
  EXPECT_EQ(leaf->ancestors.size(), 2U);
  EXPECT_EQ(leaf->principals.size(), 1U);
  EXPECT_TRUE(leaf->context->attributes.empty());
  EXPECT_EQ(schema->find_action(*make_uid(arena, "Action", "none")), nullptr);
  EXPECT_EQ(schema->find_entity_type("Action"), nullptr);
}

TEST(Resolve, KeepsAnnotationsAndRequiredness) {
  const auto schema = parse_schema(
      "@doc(\"n\") namespace N { entity E { @source(\"request\") x?: Long, y: Bool }; @z type T = "
      "Long; }");
  ASSERT_TRUE(schema);
  const Type* shape = schema->find_entity_type("N::E")->shape;
  EXPECT_EQ(find_annotation(shape->find_attribute("x")->annotations, "source"), "request");
  EXPECT_FALSE(find_annotation(shape->find_attribute("y")->annotations, "source"));
  EXPECT_FALSE(shape->find_attribute("x")->is_required);
  EXPECT_TRUE(shape->find_attribute("y")->is_required);
  EXPECT_EQ(shape->find_attribute("z"), nullptr);
  EXPECT_EQ(find_annotation(schema->common_types()[0].annotations, "z"), "");
  EXPECT_EQ(find_annotation(schema->namespaces()[0].annotations, "doc"), "n");
}

TEST(Resolve, LimitsTheDepthReachedThroughCommonTypes) {
  std::string text = "type T0 = Long;\n";
  for (int i = 1; i <= 300; ++i) {
    text += "type T" + std::to_string(i) + " = Set<T" + std::to_string(i - 1) + ">;\n";
  }
  EXPECT_NE(first_error(text).find("nested more than"), std::string::npos);
}

TEST(Resolve, SharesTypesInsteadOfCopyingThem) {
  std::string text = "type T0 = { a: Long };\n";
  for (int i = 1; i <= 100; ++i) {
    const std::string inner = "T" + std::to_string(i - 1);
    text += "type T" + std::to_string(i) + " = { a: " + inner + ", b: " + inner + " };\n";
  }
  EXPECT_TRUE(parse_schema(text));
}

TEST(Resolve, BearsLongChains) {
  std::string text = "type T0 = Long;\nentity E0;\naction a0;\n";
  for (int i = 1; i < 1000; ++i) {
    const std::string n = std::to_string(i), m = std::to_string(i - 1);
    text += "type T" + n + " = T" + m + "; entity E" + n + " in E" + m + "; action a" + n +
            " in a" + m + ";\n";
  }
  const auto schema = parse_schema(text);
  ASSERT_TRUE(schema);
  EXPECT_TRUE(schema->find_entity_type("E999")->may_be_in("E0"));
}

TEST(Resolve, what_is_declared_knows_the_place_of_its_name) {
  const std::string_view text =
      "type T = { x: Long }; entity A, B = { \"y z\"?: T }; action see, \"do it\";";
  const auto schema = parse_schema(text);
  ASSERT_TRUE(schema.has_value());
  const auto name = [&](Span span) { return text.substr(span.begin, span.end - span.begin); };
  EXPECT_EQ(name(schema->common_types()[0].span), "T");
  EXPECT_EQ(name(schema->common_types()[0].type->attributes[0].span), "x");
  EXPECT_EQ(name(schema->find_entity_type("B")->span), "B");
  EXPECT_EQ(name(schema->find_entity_type("B")->shape->attributes[0].span), "\"y z\"");
  EXPECT_EQ(name(schema->actions()[0].span), "see");
  EXPECT_EQ(name(schema->actions()[1].span), "\"do it\"");
}

}  // namespace
}  // namespace wardlock::cedar
