#include "pap/change_reach.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace wardlock::pap {
namespace {

constexpr std::string_view kSchema = R"(
@audit("patient") entity Patient;
entity Ward;
@audit("device") entity Pump in [Ward, Patient];
entity Report in [Patient];
entity User;
@audit("care") action care;
action view in [care] appliesTo { principal: User, resource: [Report, Patient] };
@audit("firmware") action update appliesTo { principal: User, resource: Pump };
action note appliesTo { principal: User, resource: Ward };
)";
constexpr std::string_view kNote =
    "@id(\"note\") permit (principal, action == Action::\"note\", resource);\n";

bundle::Content content(std::string policies, std::string schema = std::string(kSchema),
                        std::vector<bundle::BundledFile> more = {}) {
  std::vector<bundle::BundledFile> files = std::move(more);
  files.push_back({"a.cedar", std::string(kNote) + std::move(policies)});
  files.push_back({"a.cedarschema", std::move(schema)});
  auto made = bundle::Content::of(std::move(files));
  EXPECT_TRUE(made) << (made ? "" : made.error().message);
  return *std::move(made);
}

ChangeReach reach(const bundle::Content& before, const bundle::Content& after) {
  const auto found = reach_of_change(&before, after);
  EXPECT_TRUE(found) << (found ? "" : found.error().message);
  return found.value_or(ChangeReach());
}

using Words = std::set<std::string>;

TEST(ChangeReachTest, OfNothingIsNothing) {
  EXPECT_EQ(reach(content(""), content("")), ChangeReach());
  EXPECT_EQ(reach(content(""), content("// a word\n")), (ChangeReach{.files = {"policies"}}))
      << "a comment decides nothing";
}

TEST(ChangeReachTest, IsWhatANewPolicyIsAbout) {
  const ChangeReach found =
      reach(content(""),
            content("@id(\"u\") permit (principal, action == Action::\"update\", resource);"));
  EXPECT_EQ(found.actions, Words{"Action::\"update\""});
  EXPECT_EQ(found.resource_types, Words{"Pump"});
  EXPECT_EQ(found.classes, Words{"firmware"});
  EXPECT_EQ(found.concerns, Words{"device"}) << "its own word counts before that of the patient";
}

TEST(ChangeReachTest, IsTheSameWhereItIsTakenAway) {
  const bundle::Content with =
      content("@id(\"u\") permit (principal, action == Action::\"update\", resource);");
  EXPECT_EQ(reach(with, content("")), reach(content(""), with));
}

TEST(ChangeReachTest, GoesThroughGroupsAndScopes) {
  const ChangeReach group = reach(
      content(""),
      content("@id(\"c\") permit (principal, action in Action::\"care\", resource is Report);"));
  EXPECT_EQ(group.actions, Words{"Action::\"view\""});
  EXPECT_EQ(group.resource_types, Words{"Report"});
  EXPECT_EQ(group.classes, Words{"care"});
  EXPECT_EQ(group.concerns, Words{"patient"});
  const ChangeReach in = reach(
      content(""), content("@id(\"c\") forbid (principal, action, resource in Patient::\"p\");"));
  EXPECT_EQ(in.resource_types, (Words{"Patient", "Pump", "Report"}));
  EXPECT_FALSE(in.actions.contains("Action::\"note\""));
}

TEST(ChangeReachTest, IsAllThatAScopeLeavesOpen) {
  const ChangeReach found =
      reach(content(""), content("@id(\"all\") permit (principal, action, resource);"));
  EXPECT_EQ(found.actions.size(), 3U);
  EXPECT_EQ(found.concerns, (Words{"device", "patient"}));
}

TEST(ChangeReachTest, IsWhatAPolicyWasAboutToo) {
  const ChangeReach found =
      reach(content("@id(\"x\") permit (principal, action == Action::\"update\", resource);"),
            content("@id(\"x\") permit (principal, action == Action::\"view\", resource);"));
  EXPECT_EQ(found.actions, (Words{"Action::\"update\"", "Action::\"view\""}));
}

TEST(ChangeReachTest, OfAChangedSchemaIsWhatItDeclares) {
  std::string schema(kSchema);
  schema.replace(schema.find("entity Report in [Patient];"), 27,
                 "entity Report in [Patient] = { sealed: Bool };");
  const ChangeReach type = reach(content(""), content("", schema));
  EXPECT_EQ(type.actions, Words{"Action::\"view\""});
  EXPECT_EQ(type.files, Words{"schema"});
  schema = std::string(kSchema);
  schema.replace(schema.find("resource: Ward };"), 17, "resource: [Ward, Pump] };");
  const ChangeReach action = reach(content(""), content("", schema));
  EXPECT_EQ(action.actions, Words{"Action::\"note\""});
  EXPECT_EQ(action.concerns, Words{"device"});
}

TEST(ChangeReachTest, NamesWhatElseDiffers) {
  const ChangeReach found = reach(
      content(""),
      content("", std::string(kSchema), {{"a.invariants", "never: User may note any Ward\n"}}));
  EXPECT_EQ(found.files, Words{"invariants"});
  EXPECT_TRUE(found.actions.empty());
}

TEST(ChangeReachTest, OfTheFirstContentIsAllOfIt) {
  const auto found = reach_of_change(nullptr, content(""));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->actions.size(), 3U);
  EXPECT_EQ(found->files, (Words{"policies", "schema"}));
}

TEST(ChangeReachTest, OfWhatCannotBeUsedIsNotKnown) {
  const bundle::Content broken = content("permit (principal, action, resource) when { 1 + };");
  EXPECT_FALSE(reach_of_change(nullptr, broken));
  const bundle::Content good = content("");
  EXPECT_FALSE(reach_of_change(&broken, good));
}

}  // namespace
}  // namespace wardlock::pap
