#include <gtest/gtest.h>

#include <string>

#include "cedar/schema/schema.h"

namespace wardlock::cedar {
namespace {

bool is_accepted(std::string_view text) { return parse_schema(text).has_value(); }

std::string first_error(std::string_view text) {
  const auto schema = parse_schema(text);
  return schema ? "" : schema.error().front().message;
}

TEST(SchemaText, AcceptsDeclarations) {
  for (const char* text : {
           "",
           "// only a comment",
           "entity A, B;",
           "entity A in B; entity B;",
           "entity A in []; ",
           "entity A in A;",
           "entity A = { a: Long };",
           "entity A { a: Long, \"b c\"?: Set<Set<String>>, \"\": {}, } tags Set<Long>;",
           "entity A enum [\"a\", \"b\\u{41}\"];",
           "entity A, B enum [\"a\"];",
           "action a, \"b c\", \"\";",
           "action a in b; action b;",
           "action a in [b, \"c\", Action::\"d\"]; action b, c, d;",
           "action a appliesTo { principal: A, resource: [A, B], context: {x: Long,}, }; "
           "entity A, B;",
           "action a attributes {};",
           "type T = {x: __cedar::ipaddr}; action a appliesTo {context: T, resource: A, principal: "
           "A}; entity A;",
           "@a @b(\"x\") namespace N::M { @in entity A { @d x: Long }; @x action a; @y type T = "
           "Long; }",
           "namespace N {}",
           "entity entity; action type; namespace namespace { type context = Long; }",
           "entity A { __cedar: Long, in2: Long, \"in\": Bool };",
           "action \"in\", __cedar;",
           "entity\u00a0A;\u2028",
       }) {
    EXPECT_TRUE(is_accepted(text)) << text << ": " << first_error(text);
  }
}

TEST(SchemaText, RefusesTrailingCommasInLists) {
  for (const char* text : {
           "entity A,;",
           "entity A in [B,]; entity B;",
           "entity A enum [\"a\",];",
           "action a,;",
           "action a in [b,]; action b;",
           "action a appliesTo { principal: [A,], resource: A }; entity A;",
           "entity A { , };",
           "entity A { a: Long,, };",
           "entity A { a: Set<Long,> };",
           "action a appliesTo { principal: A, resource: A, , }; entity A;",
           "@a(\"x\",) entity A;",
       }) {
    EXPECT_FALSE(is_accepted(text)) << text;
  }
}

TEST(SchemaText, RefusesWhatTheGrammarDoesNotHave) {
  for (const char* text : {
           "entity A",
           "entity A;;",
           ";",
           "/* c */ entity A;",
           "entity A::B;",
           "entity \"A\";",
           "entity A-B;",
           "entity 1A;",
           "entity \xC3\x84;",
           "entity A { a: Long b: Long };",
           "entity A { a: Long? };",
           "entity A { a: };",
           "entity A { a: ::B };",
           "entity A { a: B:: };",
           "entity A { a: __cedar::Set<Long> };",
           "entity A = Long;",
           "entity A =;",
           "type T = {}; entity A = T;",
           "entity A tags Long {};",
           "entity A { a: Long } in B; entity B;",
           "entity A enum [];",
           "entity A enum \"a\";",
           "entity A in [B] enum [\"a\"]; entity B;",
           "entity A enum [\"a\"] tags Long;",
           "type T;",
           "type T = Long",
           "namespace { entity A; }",
           "namespace N { entity A; };",
           "namespace N { entity A;",
           "namespace N { namespace M { entity A; } }",
           "action a { };",
           "action a in [];",
           "action a in Action::b; action b;",
           "action a in \"x\", b; action x;",
           "action a attributes { x: Long };",
           "action a appliesTo { }; ",
           "action a appliesTo { principal: A }; entity A;",
           "action a appliesTo { resource: A }; entity A;",
           "action a appliesTo { principal: [], resource: A }; entity A;",
           "action a appliesTo { principal: A, principal: A, resource: A }; entity A;",
           "action a appliesTo { principal: A, resource: A, context: {}, context: {} }; entity A;",
           "action a appliesTo { principal: A, resource: A, context: Set<Long> }; entity A;",
           "action a appliesTo { principal: A resource: A }; entity A;",
           "action a appliesTo { \"principal\": A, resource: A }; entity A;",
           "@a",
           "@a() entity A;",
           "@a(x) entity A;",
           "@\"a\" entity A;",
           "@a @a entity A;",
           "action a appliesTo { @d principal: A, resource: A }; entity A;",
       }) {
    EXPECT_FALSE(is_accepted(text)) << text;
  }
}

TEST(SchemaText, RefusesReservedWordsAsNames) {
  for (const std::string word :
       {"true", "false", "if", "then", "else", "in", "is", "like", "has"}) {
    EXPECT_FALSE(is_accepted("entity " + word + ";")) << word;
    EXPECT_FALSE(is_accepted("action " + word + ";")) << word;
    EXPECT_FALSE(is_accepted("type " + word + " = Long;")) << word;
    EXPECT_FALSE(is_accepted("namespace " + word + " {}")) << word;
    EXPECT_FALSE(is_accepted("entity A { " + word + ": Long };")) << word;
    EXPECT_TRUE(is_accepted("@" + word + " entity A;")) << word;
  }
}

TEST(SchemaText, RefusesBadStrings) {
  for (const char* text : {"action \"a", "action \"\\q\";", "action \"\\*\";", "action \"\\x80\";",
                           "action \"\\u{110000}\";", "action \"\\u0041\";", "action \"a\\\nb\";",
                           "action \"a\rb\";", "action \"a\r\nb\";", "action \"\\"}) {
    EXPECT_FALSE(is_accepted(text)) << text;
  }
  EXPECT_TRUE(is_accepted("action \"a\nb\";"));
}

TEST(SchemaText, SaysWhere) {
  const std::string text = "entity A;\nentity B in [A,];\n";
  const auto schema = parse_schema(text);
  ASSERT_FALSE(schema);
  ASSERT_EQ(schema.error().size(), 1U);
  const Position place = position_at(text, schema.error().front().span.begin);
  EXPECT_EQ(place.line, 2U);
  EXPECT_EQ(place.column, 16U);
}

TEST(SchemaText, ReportsSeveralErrorsInOneRun) {
  const auto schema = parse_schema(
      "entity A { a: Long b: Long };\n"
      "namespace N { action in; entity B { x: };\n type T = Long; }\n"
      "entity C enum [];");
  ASSERT_FALSE(schema);
  EXPECT_EQ(schema.error().size(), 4U);
}

TEST(SchemaText, StopsAfterTheLimitOfDiagnostics) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "entity in;\n";
  EXPECT_EQ(parse_schema(text).error().size(), SchemaLimits{}.max_diagnostics);
  EXPECT_EQ(parse_schema(text, {.max_diagnostics = 3}).error().size(), 3U);
}

std::string nested_sets(std::size_t depth) {
  std::string text = "type T = ";
  for (std::size_t i = 0; i < depth; ++i) text += "Set<";
  text += "Long";
  text.append(depth, '>');
  return text + ";";
}

TEST(SchemaText, LimitsNestingAndSize) {
  EXPECT_TRUE(parse_schema(nested_sets(190)));
  EXPECT_FALSE(parse_schema(nested_sets(300)));
  EXPECT_FALSE(parse_schema(nested_sets(100'000)));
  EXPECT_FALSE(parse_schema("entity A { a: { b: { c: Long } } };", {.max_depth = 2}));
  EXPECT_FALSE(parse_schema("entity A;", {.max_bytes = 8}));
}

TEST(SchemaText, KeepsWhatTranslationNeeds) {
  const auto syntax = parse_schema_syntax("@a @b(\"\") entity A, B { @c x: T };");
  ASSERT_TRUE(syntax);
  const EntitySyntax& entity = syntax->namespaces.at(0).entities.at(0);
  ASSERT_EQ(entity.annotations.size(), 2U);
  EXPECT_FALSE(entity.annotations[0].value);
  EXPECT_EQ(entity.annotations[1].value, "");
  EXPECT_EQ(entity.names.size(), 2U);
  EXPECT_EQ(entity.shape->attributes.at(0).type.name, "T");
  EXPECT_EQ(entity.shape->attributes.at(0).annotations.at(0).name, "c");
}

}  // namespace
}  // namespace wardlock::cedar
