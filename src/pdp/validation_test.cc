// Policies that do not validate: refused where that is asked for, else warned of.
#include "pdp/validation.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "pdp/snapshot.h"

namespace wardlock::pdp {
namespace {

constexpr const char* kSchema =
    "entity User; entity Pump = { rate: Long, note?: String };\n"
    "action view appliesTo { principal: User, resource: Pump };";

Sources with(std::vector<std::string> policies) {
  Sources sources;
  for (std::size_t i = 0; i < policies.size(); ++i) {
    sources.policies.push_back({fmt::format("f{}.cedar", i), policies[i]});
  }
  sources.schemas = {{"s.cedarschema", kSchema}};
  return sources;
}

std::string refusal_of(const Sources& sources) {
  const auto snapshot = build_snapshot(sources, {.invalid_policies = Severity::kError});
  if (snapshot) return "";
  EXPECT_EQ(snapshot.error().code, ErrorCode::kFailedPrecondition);
  return snapshot.error().message;
}

TEST(Validation, RefusesWithThePlaceInTheFile) {
  const std::string message =
      refusal_of(with({"permit (principal, action, resource);",
                       "permit (principal, action, resource)\nwhen { resource.rat > 3 };\n"
                       "forbid (principal, action, resource) when { resource.note == \"x\" };"}));
  EXPECT_TRUE(message.contains("f1.cedar:2:8: error: policy `f1.policy0`: there is no attribute"))
      << message;
  EXPECT_TRUE(message.contains("did you mean `rate`?")) << message;
  EXPECT_TRUE(message.contains("f1.cedar:3:45: error: policy `f1.policy1`")) << message;
  EXPECT_FALSE(message.contains("f0.cedar")) << message;
}

TEST(Validation, WarnsWhereItIsNotToRefuse) {
  const auto snapshot = build_snapshot(
      with({"permit (principal, action, resource) when { resource.rat > 3 };"}), SnapshotOptions{});
  ASSERT_TRUE(snapshot) << snapshot.error().message;
  ASSERT_EQ((*snapshot)->warnings().size(), 1);
  EXPECT_TRUE((*snapshot)->warnings().front().starts_with("does not validate: policy `policy0`: "));
}

TEST(Validation, WarningsAreNeverRefused) {
  const auto snapshot =
      build_snapshot(with({"permit (principal, action, resource) when { 1 == 2 };"}),
                     {.invalid_policies = Severity::kError});
  ASSERT_TRUE(snapshot) << snapshot.error().message;
  ASSERT_EQ((*snapshot)->warnings().size(), 1);
  EXPECT_TRUE((*snapshot)->warnings().front().contains("can never apply"));
  const auto lenient = build_snapshot(
      with({"permit (principal, action, resource) when { 1 == 2 };"}), SnapshotOptions{});
  ASSERT_TRUE(lenient);
  EXPECT_TRUE((*lenient)->warnings().empty());
}

TEST(Validation, ManyFindingsAreCounted) {
  std::string policies;
  for (int i = 0; i < 30; ++i) {
    policies += "permit (principal, action, resource) when { resource.rat > 3 };\n";
  }
  const std::string message = refusal_of(with({policies}));
  EXPECT_TRUE(message.contains("10 more findings; `wardlock validate` shows all")) << message;
  const auto snapshot = build_snapshot(with({policies}), SnapshotOptions{});
  ASSERT_TRUE(snapshot);
  EXPECT_EQ((*snapshot)->warnings().size(), 21);
}

TEST(Validation, NeedsASchema) {
  Sources sources = with({"permit (principal, action, resource) when { resource.rat > 3 };"});
  sources.schemas.clear();
  EXPECT_EQ(refusal_of(sources), "");
}

}  // namespace
}  // namespace wardlock::pdp
