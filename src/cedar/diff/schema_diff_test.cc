#include "cedar/diff/schema_diff.h"

#include <gtest/gtest.h>

#include <string>

namespace wardlock::cedar {
namespace {

Schema parsed(std::string_view text) {
  auto schema = parse_schema(text);
  EXPECT_TRUE(schema) << text << (schema ? "" : schema.error().front().message);
  return *std::move(schema);
}

std::string diff_of(std::string_view before, std::string_view after) {
  const Schema was = parsed(before);
  const Schema is = parsed(after);
  return to_text(diff_schemas(&was, &is));
}

TEST(SchemaDiff, LayoutAndOrderAreNoDifference) {
  EXPECT_EQ(diff_of("entity A in [B, C] { a: Long, b?: Set<B> }; entity B; entity C;"
                    "action v, w appliesTo { principal: [A, B], resource: C };",
                    "entity C;entity B; // b\nentity A in [C, B] = { \"b\"?: Set<B>, a: Long };"
                    "action w appliesTo { resource: C, principal: [B, A] };"
                    "action v appliesTo { resource: C, principal: [B, A] };"),
            "");
}

TEST(SchemaDiff, TellsAttributes) {
  EXPECT_EQ(diff_of("entity A { a: Long, b: String, c: { d: Bool } };",
                    "entity A { a?: Long, \"b b\": String, c: { d: Long } };"),
            "~ entity type `A`\n"
            "    attribute \"b b\"\n      + String\n"
            "    attribute a\n      - Long\n      + optional Long\n"
            "    attribute b\n      - String\n"
            "    attribute c.d\n      - Bool\n      + Long\n");
}

TEST(SchemaDiff, TellsWhoOwnsAnAttribute) {
  EXPECT_EQ(diff_of("entity A { a: Long };", "entity A { @source(\"request\") a: Long };"),
            "~ entity type `A`\n    attribute a @source\n      + \"request\"\n");
}

TEST(SchemaDiff, TellsGroupsTagsAndIds) {
  EXPECT_EQ(diff_of("entity B; entity A in [B]; entity E enum [\"x\"];",
                    "entity B; entity A tags Long; entity E enum [\"y\", \"x\"];"),
            "~ entity type `A`\n    in\n      - B\n    tags\n      + Long\n"
            "~ entity type `E`\n    enum\n      - \"x\"\n      + \"x\", \"y\"\n");
}

TEST(SchemaDiff, TellsWhatAnActionAppliesTo) {
  EXPECT_EQ(diff_of("entity A; entity B; action g; action v appliesTo { principal: A, resource: B, "
                    "context: { n: Long } };",
                    "entity A; entity B; action g; action v in [g] appliesTo { principal: [A, B], "
                    "resource: A, context: { n: Long, ip?: ipaddr } };"),
            "~ action `Action::\"v\"`\n    context ip\n      + optional ipaddr\n"
            "    in\n      + Action::\"g\"\n    principal\n      - A\n      + A, B\n"
            "    resource\n      - B\n      + A\n");
}

TEST(SchemaDiff, TellsWhatWasAddedAndRemoved) {
  EXPECT_EQ(diff_of("entity A { a: Set<{ b: decimal }> };", "namespace N { entity B; }"),
            "+ namespace `N`\n- entity type `A`\n    attribute a\n      - Set<{b: decimal}>\n"
            "+ entity type `N::B`\n");
}

TEST(SchemaDiff, ACommonTypeIsToldOnce) {
  EXPECT_EQ(diff_of("type T = { a: Long }; entity A { t: T }; entity B { t: Set<T> };",
                    "type T = { a: Long, b: Bool }; entity A { t: T }; entity B { t: Set<T> };"),
            "~ common type `T`\n    attribute b\n      + Bool\n");
  EXPECT_EQ(diff_of("type T = Long; entity A { t: T };", "type T = Bool; entity A { t: T };"),
            "~ common type `T`\n    type\n      - Long\n      + Bool\n"
            "~ entity type `A`\n    attribute t\n      - Long\n      + Bool\n");
}

TEST(SchemaDiff, TypesThatShareTypesAreNotSpelledOut) {
  // Written out, the last of them would have 2^60 attributes.
  std::string text = "type T0 = { a: Long };";
  for (int i = 1; i <= 60; ++i) {
    const std::string before = "T" + std::to_string(i - 1);
    text += "type T" + std::to_string(i) + " = { a: " + before + ", b: Set<" + before + "> };";
  }
  EXPECT_EQ(diff_of(text + "entity A;", text + "entity A { x: T60 };").substr(0, 18),
            "~ entity type `A`\n");
}

TEST(SchemaDiff, ASchemaMayBeMissing) {
  const Schema schema = parsed("entity A;");
  EXPECT_EQ(to_text(diff_schemas(nullptr, &schema)).find("+ entity type `A`\n"), 0U);
  EXPECT_NE(to_text(diff_schemas(&schema, nullptr)).find("- entity type `A`\n"), std::string::npos);
  EXPECT_TRUE(diff_schemas(nullptr, nullptr).is_empty());
}

TEST(SchemaDiff, JsonHasWhatTheTextHas) {
  const Schema before = parsed("entity A;");
  const Schema after = parsed("entity A { a: Long };");
  EXPECT_EQ(codec::to_json_text(to_json(diff_schemas(&before, &after))),
            R"({"changes":[{"kind":"changed","declared":"entity type","name":"A","parts":)"
            R"([{"part":"attribute a","after":"Long"}]}]})");
}

}  // namespace
}  // namespace wardlock::cedar
