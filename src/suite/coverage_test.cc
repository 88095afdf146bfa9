#include "suite/coverage.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>

namespace wardlock::suite {
namespace {

constexpr std::string_view kSchema = R"(
namespace Wardlock {
  type Delegated = { id: String, by: String, purpose: String, ticket: String, expiresAt: datetime };
  type Named = { type: String, id: String };
  entity Delegation = { delegator: Named, delegate: Named, target: Named, actions: Set<Action>,
    opensAt: datetime, expiresAt: datetime, by: String, purpose: String, ticket: String,
    onward: Bool, passesOn?: String };
}
entity Role;
entity User in [Role] = { ward?: String };
entity Device;
entity Chart = { ward: String, sealed?: Bool };
action view appliesTo {
  principal: User, resource: Chart,
  context: { now: datetime, override?: { id: String, reason: String, expiresAt: datetime },
    delegation?: Wardlock::Delegated },
};
action send appliesTo { principal: [User, Device], resource: Chart, context: { rate: Long } };
)";

constexpr std::string_view kEntities = R"([
  {"uid": {"type": "User", "id": "ann"}, "attrs": {"ward": "3"}, "parents": []},
  {"uid": {"type": "User", "id": "bob"}, "attrs": {}, "parents": []},
  {"uid": {"type": "Chart", "id": "c"}, "attrs": {"ward": "3"}, "parents": []},
  {"uid": {"type": "Chart", "id": "s"}, "attrs": {"ward": "4", "sealed": true}, "parents": []},
  {"uid": {"type": "Wardlock::Delegation", "id": "d"}, "parents": [], "attrs": {
    "delegator": {"type": "User", "id": "ann"}, "delegate": {"type": "User", "id": "cole"},
    "target": {"type": "Chart", "id": "c"}, "by": "person", "purpose": "", "ticket": "",
    "onward": false, "opensAt": {"__extn": {"fn": "datetime", "arg": "2025-01-01"}},
    "expiresAt": {"__extn": {"fn": "datetime", "arg": "2027-01-01"}},
    "actions": [{"__entity": {"type": "Action", "id": "view"}}]}}])";

/// `principal action resource` of each line is asked of the policies.
class Covered {
 public:
  Covered(std::string_view policies, std::string_view rows, bool has_schema = true,
          std::string_view links = "") {
    sources_.policies = {{"p.cedar", std::string(policies)}};
    if (has_schema) sources_.schemas = {{"s.cedarschema", std::string(kSchema)}};
    if (!links.empty()) sources_.links = pdp::Source{"l.json", std::string(links)};
    sources_.entities = pdp::Source{"e.json", std::string(has_schema ? kEntities : "[]")};
    auto built = pdp::build_snapshot(sources_, pdp::Mode::kStrict);
    EXPECT_TRUE(built) << built.error().message;
    snapshot_ = *built;
    coverage_ = std::make_unique<Coverage>(*snapshot_, sources_);
    auto read = read_suite(fmt::format(
        "defaults: {{at: 2026-01-01, context: {{rate: 1}}, expect: deny}}\ntests:\n  - name: t\n"
        "    table: |\n      | principal | action | resource |\n{}",
        rows));
    EXPECT_TRUE(read) << read.error().front().message;
    for (const auto& test : read->tests) {
      const TestResult result = run_test(test, *snapshot_);
      EXPECT_TRUE(*result.answer) << result.answer->error().message;
      coverage_->add(*snapshot_, test, **result.answer);
    }
  }

  /// `text: true/false/errors` of each part of the only policy.
  std::string parts() const {
    std::string out;
    for (const PartCoverage& part : coverage_->policies().front().parts) {
      const auto show = [](const OutcomeCoverage& outcome) {
        return outcome.count == 0 && outcome.is_impossible ? "-" : fmt::to_string(outcome.count);
      };
      out += fmt::format("{}: {}/{}/{}\n", part.text, show(part.when_true), show(part.when_false),
                         part.errors);
    }
    return out;
  }

  std::string excuse(std::string_view text) {
    const auto read = read_suite(fmt::format(
        "{}\ntests: [{{name: t, principal: 'U::\"u\"', action: a, resource: 'U::\"u\"', at: "
        "2026-01-01, expect: deny}}]",
        text));
    EXPECT_TRUE(read) << read.error().front().message;
    std::string out;
    for (const Diagnostic& each : coverage_->excuse(*read)) out += each.message + "\n";
    return out;
  }

  const Coverage& operator*() const { return *coverage_; }

 private:
  pdp::Sources sources_;
  std::shared_ptr<const pdp::Snapshot> snapshot_;
  std::unique_ptr<Coverage> coverage_;
};

constexpr std::string_view kWard =
    "@id(\"w\") permit (principal is User, action == Action::\"view\", resource is Chart)\n"
    "when { principal has ward && principal.ward == resource.ward }\n"
    "unless { resource has sealed && resource.sealed };";

TEST(Coverage, CountsBothOutcomesOfEachPart) {
  const Covered covered(kWard,
                        "      | User::\"ann\" | view | Chart::\"c\" |\n"
                        "      | User::\"ann\" | view | Chart::\"s\" |\n"
                        "      | User::\"bob\" | view | Chart::\"c\" |\n"
                        "      | User::\"ann\" | send | Chart::\"c\" |\n"
                        "      | Device::\"d\" | send | Chart::\"c\" |\n");
  EXPECT_EQ(covered.parts(),
            "principal is User: 4/1/0\n"
            "action == Action::\"view\": 3/1/0\n"
            "resource is Chart: 3/-/0\n"
            "principal has ward: 2/1/0\n"
            "principal.ward == resource.ward: 1/1/0\n"
            "resource has sealed: 0/1/0\n"
            "resource.sealed: 0/0/0\n");
  EXPECT_EQ((*covered).policies()[0].determined, 1);
  EXPECT_EQ((*covered).policies()[0].matched, 1);
  EXPECT_EQ((*covered).condition_share().covered, 10);
  EXPECT_EQ((*covered).condition_share().total, 13);
  const std::string report = text_report(*covered);
  EXPECT_NE(report.find("p.cedar:3:10: `w`: `resource has sealed` was never true\n"),
            std::string::npos);
  EXPECT_NE(report.find("`resource.sealed` was never evaluated\n"), std::string::npos);
  EXPECT_NE(report.find("`resource is Chart` was never false: the schema rules it out\n"),
            std::string::npos);
  EXPECT_NE(report.find("policies 100.0 % (1 of 1), conditions 76.9 % (10 of 13)"),
            std::string::npos);
}

TEST(Coverage, AnErrorIsNeitherTrueNorFalse) {
  const Covered covered(
      "@id(\"e\") permit (principal, action, resource) when { principal.ward == \"3\" };",
      "      | User::\"ann\" | view | Chart::\"c\" |\n"
      "      | User::\"nobody\" | view | Chart::\"c\" |\n");
  EXPECT_EQ(covered.parts(), "principal.ward == \"3\": 1/0/1\n");
  EXPECT_NE(text_report(*covered).find("was never false, and erred 1 time"), std::string::npos);
}

TEST(Coverage, TheSchemaRulesOutWhatTypesDecide) {
  const Covered covered(
      "@id(\"t\") permit (principal is User, action == Action::\"view\", resource) when {\n"
      "  principal is User && resource has ward && !(resource is Device) && true };",
      "      | User::\"ann\" | view | Chart::\"c\" |\n");
  EXPECT_EQ(covered.parts(),
            "principal is User: 1/0/0\n"
            "action == Action::\"view\": 1/0/0\n"
            "principal is User: 1/-/0\n"
            "resource has ward: 1/0/0\n"
            "resource is Device: -/1/0\n"
            "true: 1/-/0\n");
}

TEST(Coverage, WithoutASchemaEverythingIsPossible) {
  const Covered covered("permit (principal is User, action, resource is Chart);",
                        "      | User::\"ann\" | view | Chart::\"c\" |\n", false);
  EXPECT_EQ(covered.parts(), "principal is User: 1/0/0\nresource is Chart: 1/0/0\n");
}

TEST(Coverage, AnOverrideIsEvaluatedUnderAGrantThatCouldBeOpened) {
  const std::string_view policy =
      "@id(\"o\") @override(\"break-glass\") permit (principal, action == Action::\"view\", "
      "resource)\n"
      "when { context has override } when { resource.ward == \"3\" };";
  const Covered covered(policy,
                        "      | User::\"bob\" | view | Chart::\"c\" |\n"
                        "      | User::\"bob\" | view | Chart::\"s\" |\n");
  EXPECT_EQ(covered.parts(),
            "action == Action::\"view\": 2/0/0\ncontext has override: 2/0/0\n"
            "resource.ward == \"3\": 1/1/0\n");
  EXPECT_EQ((*covered).policies()[0].matched, 1);
  EXPECT_EQ((*covered).policies()[0].determined, 0);
  EXPECT_NE(text_report(*covered).find("`o` never determined an answer"), std::string::npos);
}

TEST(Coverage, ADelegationIsEvaluatedWhereOnesOwnRightIsNotEnough) {
  const std::string_view policy =
      "permit (principal, action == Action::\"view\", resource)\n"
      "when { context has delegation || principal == User::\"ann\" };";
  EXPECT_EQ(Covered(policy, "      | User::\"cole\" | view | Chart::\"c\" |\n").parts(),
            "action == Action::\"view\": 2/0/0\ncontext has delegation: 1/1/0\n"
            "principal == User::\"ann\": 0/1/0\n");
  EXPECT_EQ(Covered(policy, "      | User::\"cole\" | view | Chart::\"s\" |\n").parts(),
            "action == Action::\"view\": 1/0/0\ncontext has delegation: 0/1/0\n"
            "principal == User::\"ann\": 0/1/0\n")
      << "it is for another chart";
  EXPECT_EQ(Covered("permit (principal, action == Action::\"view\", resource)\n"
                    "when { principal == User::\"cole\" || context has delegation };",
                    "      | User::\"cole\" | view | Chart::\"c\" |\n")
                .parts(),
            "action == Action::\"view\": 1/0/0\nprincipal == User::\"cole\": 1/0/0\n"
            "context has delegation: 0/0/0\n")
      << "one's own right is enough";
}

TEST(Coverage, LinksOfATemplateAreOne) {
  const Covered covered(
      "@id(\"l\") permit (principal == ?principal, action, resource);",
      "      | User::\"a\" | view | Chart::\"c\" |\n", false,
      R"([{"templateId": "l", "newId": "l1", "values": {"?principal": {"type": "User", "id": "a"}}},
          {"templateId": "l", "newId": "l2", "values": {"?principal": {"type": "User", "id": "b"}}}])");
  EXPECT_EQ(covered.parts(), "principal == ?principal: 1/1/0\n");
  EXPECT_EQ((*covered).policies().size(), 1);
  EXPECT_EQ((*covered).policies()[0].determined, 1);
}

TEST(Coverage, ExcusesWhatIsNotCoveredAndNothingElse) {
  const std::string_view rows = "      | User::\"bob\" | view | Chart::\"c\" |\n";
  const auto excuse = [&](std::string_view text) {
    Covered covered(kWard, rows);
    return covered.excuse(fmt::format("excused: [{{reason: r, {}}}]", text));
  };
  EXPECT_EQ(excuse("policy: w, part: 'principal  has\n ward', never: true"), "");
  EXPECT_EQ(excuse("policy: w"), "");
  EXPECT_EQ(excuse("policy: w, part: resource.sealed"), "");
  EXPECT_EQ(excuse("policy: w, part: principal has ward, never: false"),
            "`principal has ward` was false in some test\n");
  EXPECT_EQ(excuse("policy: w, part: principal has wrd"),
            "`w` has no part `principal has wrd`; did you mean `principal has ward`?\n");
  EXPECT_EQ(excuse("policy: v"), "there is no policy `v`; did you mean `w`?\n");
  Covered covered(kWard, "      | User::\"ann\" | view | Chart::\"c\" |\n" + std::string(rows));
  EXPECT_EQ(covered.excuse("excused: [{policy: w, part: principal has ward, reason: r}]"),
            "`principal has ward` is covered\n");
  EXPECT_EQ(covered.excuse("excused: [{policy: w, reason: r}]"), "`w` determined some answer\n");
}

TEST(Coverage, AnExcuseIsShownAndNotCounted) {
  Covered covered(kWard, "      | User::\"bob\" | view | Chart::\"c\" |\n");
  const std::size_t before = (*covered).condition_share().total;
  EXPECT_EQ(covered.excuse("excused: [{policy: w, part: resource.sealed, reason: soon gone},\n"
                           "          {policy: w, reason: new}]"),
            "");
  EXPECT_EQ((*covered).condition_share().total, before - 2);
  EXPECT_EQ((*covered).policy_share().total, 0);
  const std::string report = text_report(*covered);
  EXPECT_NE(report.find("`resource.sealed` was never true; excused: soon gone"), std::string::npos);
  EXPECT_NE(report.find("`w` never determined an answer; excused: new"), std::string::npos);
}

TEST(Share, OfNothingIsAll) {
  EXPECT_EQ(Share{}.percent(), 100);
  EXPECT_EQ((Share{.covered = 1, .total = 4}).percent(), 25);
}

}  // namespace
}  // namespace wardlock::suite
