#include "pap/node_outcomes.h"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "bundle/bundle_for_test.h"

namespace wardlock::pap {
namespace {

bundle::Content content(std::string_view policies, std::string_view schema_more = "",
                        std::string_view tests = R"(name: Who enters
defaults: {at: "2026-11-23T12:00:00Z"}
entities:
  User::"ann": {}
  Ward::"3": {}
tests:
  - name: Ann enters
    principal: User::"ann"
    action: enter
    resource: Ward::"3"
    expect: {decision: allow}
)") {
  std::vector<bundle::BundledFile> files = {
      {"ward.cedar", std::string(policies)},
      {"ward.cedarschema",
       "entity User; entity Ward; action enter appliesTo { principal: User, resource: Ward };" +
           std::string(schema_more)}};
  if (!tests.empty()) files.push_back({"ward.test.yaml", std::string(tests)});
  return bundle::Content::of(std::move(files)).value();
}

constexpr std::string_view kAllow = "@id(\"enter\") permit (principal, action, resource);";

TEST(NodeOutcomes, AreTheSameWhereTheSameIsDecided) {
  const auto once = outcomes_of(content(kAllow));
  ASSERT_TRUE(once) << once.error().message;
  EXPECT_TRUE(once->starts_with("sha256:"));
  EXPECT_EQ(*once, *outcomes_of(content(kAllow)));
  EXPECT_EQ(*once, *outcomes_of(content(std::string(kAllow) + "// a note")));
}

TEST(NodeOutcomes, DifferWhereAnythingIsDecidedOtherwise) {
  const auto once = outcomes_of(content(kAllow));
  const auto denied = outcomes_of(content("@id(\"enter\") forbid (principal, action, resource);"));
  ASSERT_TRUE(denied) << "that a test fails is an outcome, too";
  EXPECT_NE(*once, *denied);
  EXPECT_NE(*once, *outcomes_of(content("@id(\"other\") permit (principal, action, resource);")))
      << "by another policy";
}

TEST(NodeOutcomes, AreNoneWithoutTests) { EXPECT_EQ(*outcomes_of(content(kAllow, "", "")), ""); }

TEST(NodeOutcomes, AreNotThereForWhatCannotBeUsed) {
  EXPECT_FALSE(outcomes_of(content("permit (principal")));
  EXPECT_FALSE(outcomes_of(content(kAllow, "", "tests: 7")));
}

TEST(SchemaName, IsOfTheSchemaAlone) {
  EXPECT_EQ(schema_name(content(kAllow)), schema_name(content("// none", "", "")));
  EXPECT_NE(schema_name(content(kAllow)), schema_name(content(kAllow, " entity Bed;")));
}

}  // namespace
}  // namespace wardlock::pap
