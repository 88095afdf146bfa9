#include "prover/invariant/check.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "prover/invariant/report.h"

namespace wardlock::prover {
namespace {

constexpr std::string_view kSchema = R"(
  entity Role in [Role];
  entity Ward;
  entity User in [Role] = { ward?: Ward, level: Long, active: Bool };
  entity Robot;
  entity Chart in [Ward] = {
    ward: Ward, owner: User, team: Set<User>, limit: Long, sealed: Bool,
    @source("request") status?: String, net: ipaddr,
  } tags String;
  action data;
  action view, edit in [data] appliesTo { principal: [User, Robot], resource: [Chart], context: {
    now: datetime, rate: Long, why?: String, ip?: ipaddr, override?: { id: String, reason: String, expiresAt: datetime },
  }};
  action stop appliesTo { principal: User, resource: Chart, context: {} };
  namespace Wardlock {
    entity Grant = { principal: User, target: Chart, actions: Set<Action>, opensAt: datetime,
                     expiresAt: datetime, reason: String, waives?: Set<String> };
  }
)";

constexpr std::string_view kEntities = R"([
  {"uid": {"type": "Role", "id": "Staff"}, "attrs": {}, "parents": []},
  {"uid": {"type": "Role", "id": "Nurse"}, "attrs": {}, "parents": [{"type": "Role", "id": "Staff"}]},
  {"uid": {"type": "Role", "id": "Guest"}, "attrs": {}, "parents": []}
])";

pdp::Sources sources(std::string_view policies) {
  return {.policies = {{"p.cedar", std::string(policies)}},
          .schemas = {{"s.cedarschema", std::string(kSchema)}},
          .entities = pdp::Source{"entities.json", std::string(kEntities)}};
}

/// An invariant checked against policies, and all it borrows from.
struct Checked {
  std::vector<Sentence> sentences;
  std::optional<Trial> trial;
  CheckResult result;
};

Checked checked(std::string_view policies, std::string_view sentence,
                const CheckOptions& options = {}) {
  Checked out;
  auto read = read_sentences(fmt::format("invariant i {}", sentence));
  EXPECT_TRUE(read) << sentence;
  if (!read) return out;
  out.sentences = *std::move(read);
  auto trial = Trial::create(sources(policies), named_in(out.sentences));
  EXPECT_TRUE(trial) << trial.error().message;
  if (!trial) return out;
  out.trial.emplace(*std::move(trial));
  for (const Diagnostic& each : check_names(out.sentences[0], *out.trial)) {
    ADD_FAILURE() << each.message;
  }
  out.result = check(out.sentences[0], *out.trial, options);
  return out;
}

/// Its standing, and the cause of the answer that is against it.
std::string standing(std::string_view policies, std::string_view sentence) {
  const Checked all = checked(policies, sentence);
  std::string out(to_string(all.result.standing));
  if (all.result.counterexample) {
    out += fmt::format(" {}", pdp::to_string(all.result.counterexample->cause));
  }
  return out;
}

std::string permit(std::string_view conditions) {
  return fmt::format("permit (principal is User, action in Action::\"data\", resource) {};",
                     conditions);
}

TEST(Invariants, HoldWhereNothingIsPermitted) {
  EXPECT_EQ(standing("", "never: anyone may do anything to anything"), "holds");
  EXPECT_EQ(standing("", "always: any User may view any Chart"), "fails no_permit");
  EXPECT_EQ(standing(permit(""), "never: any User may view any Chart"), "fails permit");
  EXPECT_EQ(standing(permit(""), "never: any Robot may view any Chart"), "holds");
  EXPECT_EQ(standing(permit(""), "never: anyone may stop any Chart"), "holds");
  EXPECT_EQ(standing(permit(""), "always: any User may data any Chart"), "holds");
}

TEST(Invariants, KnowTheGroupsThatAreGiven) {
  const std::string policies =
      permit("") + R"(forbid (principal in Role::"Staff", action, resource);)";
  EXPECT_EQ(standing(policies, "never: Role::Staff may view anything"), "holds");
  EXPECT_EQ(standing(policies, "never: Role::Nurse may view anything"), "holds");
  EXPECT_EQ(standing(policies, "never: Role::Guest may view anything"), "fails permit");
  EXPECT_EQ(standing(policies, "always: Role::Guest may view anything"), "fails forbid");
}

TEST(Invariants, SeeThatOneIsInSeveralGroups) {
  const std::string nurses = R"(permit (principal in Role::"Nurse", action, resource);)";
  EXPECT_EQ(standing(nurses, "never: Role::Guest may view anything"), "fails permit");
  EXPECT_EQ(
      standing(nurses,
               R"(never: Role::Guest may view anything unless { principal in Role::"Staff" })"),
      "holds");
}

TEST(Invariants, FollowValues) {
  const std::string rate = permit("when { context.rate < 10 } when { context.rate >= 3 }");
  EXPECT_EQ(standing(rate, "never: anyone may view anything when { context.rate > 9 }"), "holds");
  EXPECT_EQ(standing(rate, "never: anyone may view anything when { context.rate > 8 }"),
            "fails permit");
  const std::string chain =
      permit("when { context.rate < resource.limit && resource.limit <= principal.level }");
  EXPECT_EQ(standing(chain,
                     "never: any User may view anything unless { context.rate < principal.level }"),
            "holds");
  EXPECT_EQ(standing(chain, "never: any User may view anything when { context.rate * 2 == 7 }"),
            "undecided");
  const std::string team = permit("when { resource.team.contains(principal) }");
  EXPECT_EQ(standing(team, "never: anyone may view any Chart when { resource.team.isEmpty() }"),
            "holds");
  EXPECT_EQ(standing(team,
                     "never: any User may view any Chart when { resource.owner == principal } "
                     "unless { resource.team.contains(resource.owner) }"),
            "holds");
  EXPECT_EQ(
      standing(team, "never: any User may view any Chart when { resource.owner == principal }"),
      "fails permit");
}

TEST(Invariants, FollowWhatIsThereAtAll) {
  const std::string ward = permit("when { principal has ward && resource in principal.ward }");
  EXPECT_EQ(standing(ward, "never: any User may view anything unless { principal has ward }"),
            "holds");
  EXPECT_EQ(standing(ward, "never: any User may view anything when { principal has ward }"),
            "fails permit");
  const std::string status =
      permit(R"(unless { resource has status && resource.status == "final" })");
  EXPECT_EQ(
      standing(
          status,
          R"(never: anyone may edit anything when { resource has status && resource.status == "final" })"),
      "holds");
  EXPECT_EQ(standing(status, "never: anyone may edit anything when { resource has status }"),
            "fails permit");
  const std::string tag = permit(R"(when { resource.hasTag("a") && resource.getTag("a") == "b" })");
  EXPECT_EQ(standing(tag, R"(never: anyone may edit anything unless { resource.hasTag("a") })"),
            "holds");
  EXPECT_EQ(standing(tag, R"(never: anyone may edit anything when { resource.hasTag("a") })"),
            "fails permit");
}

TEST(Invariants, FindAddressesAndTimes) {
  const std::string net = permit("when { context has ip && context.ip.isInRange(resource.net) }");
  EXPECT_EQ(standing(net, "never: anyone may view anything when { context has ip }"),
            "fails permit");
  EXPECT_EQ(standing(net, "never: anyone may view anything unless { context has ip }"), "holds");
  const std::string hours = permit(
      R"(when { context.now.toTime() >= duration("8h") && context.now.toTime() < duration("9h") })");
  EXPECT_EQ(standing(hours, "never: anyone may view anything"), "fails permit");
  EXPECT_EQ(
      standing(
          hours,
          R"(never: anyone may view anything when { context.now.toTime() > duration("10h") })"),
      "holds");
  EXPECT_EQ(
      standing(hours,
               R"(never: anyone may view anything when { context.now > datetime("2031-05-05") })"),
      "fails permit");
}

TEST(Invariants, DoNotTrustWhatIsUnknownToTheDirectory) {
  // Of a resource that is not there `sealed` cannot be read: the permit is not satisfied.
  EXPECT_EQ(standing(permit("unless { resource.sealed }"),
                     "never: anyone may view anything when { resource.sealed }"),
            "holds");
  // The proviso cannot be evaluated, and exempts nobody.
  EXPECT_EQ(
      standing(permit(""), "never: any User may view anything unless { resource.sealed || true }"),
      "fails permit");
  EXPECT_EQ(standing(permit("when { resource.sealed || true }"),
                     "never: any User may view anything unless { resource.sealed || true }"),
            "holds");
  // What must always be allowed is so for what is known.
  EXPECT_EQ(
      standing(permit("when { resource.sealed || true }"), "always: any User may view any Chart"),
      "holds");
}

constexpr std::string_view kBreakGlass = R"(
  permit (principal, action == Action::"view", resource) when { false };
  @override("break-glass")
  permit (principal is User, action == Action::"view", resource is Chart) when { context has override };
  @waivable("break-glass") @id("w") forbid (principal, action, resource) when { resource.sealed };
)";

TEST(Invariants, BindBreakGlassUnlessTheySayOtherwise) {
  EXPECT_EQ(standing(kBreakGlass, "never: any User may view any Chart"), "fails override");
  EXPECT_EQ(standing(kBreakGlass, "never: any User may view any Chart when { resource.sealed }"),
            "fails override");
  EXPECT_EQ(standing(kBreakGlass, "never: any User may view any Chart except under break-glass"),
            "holds");
  EXPECT_EQ(standing(kBreakGlass, "never: any Robot may view any Chart"), "holds");
  EXPECT_EQ(standing(kBreakGlass, "never: any User may edit any Chart"), "holds");
  const std::string forbidden =
      std::string(kBreakGlass) + R"(forbid (principal in Role::"Guest", action, resource);)";
  EXPECT_EQ(standing(forbidden, "never: Role::Guest may view any Chart"), "holds");
  EXPECT_EQ(standing(kBreakGlass, "always: any User may view any Chart"), "fails forbid");
}

TEST(Invariants, SpeakOfObligations) {
  const std::string mask =
      permit("") + R"(@obligation("mask") forbid (principal in Role::"Staff", action, resource);)";
  EXPECT_EQ(standing(mask, "never: Role::Nurse may view anything without obligation mask"),
            "holds");
  EXPECT_EQ(standing(mask, "never: Role::Guest may view anything without obligation mask"),
            "fails permit");
  EXPECT_EQ(standing(mask, "always: any User may view any Chart"), "holds");
  EXPECT_EQ(standing(mask, "always: any User may view any Chart without obligation mask"),
            "fails permit");
}

TEST(Invariants, DoNotLetAForbidErrSilently) {
  const std::string text =
      permit("") +
      R"(forbid (principal, action in Action::"data", resource) when { context.rate * 2 > 10 };)";
  EXPECT_EQ(standing(text, "always: any User may view any Chart when { context.rate < 5 }"),
            "undecided");
}

TEST(Invariants, AreUndecidedWhereTheBudgetEnds) {
  const Checked all =
      checked(permit("when { context.rate > 3 }"),
              "never: anyone may view anything when { context.rate < 3 }", {.budget = 2});
  EXPECT_EQ(all.result.standing, Standing::kUndecided);
  EXPECT_EQ(all.result.why, "2 assumptions were not enough; `--budget` allows more");
}

TEST(Invariants, TakeAnotherProversWord) {
  const Prover nothing = [](const Conditions&, std::span<const Requirement>,
                            const cedar::EntityStore&, SearchBudget&,
                            const TryCase&) { return SearchEnd::kExhausted; };
  const Checked all = checked(permit(""), "never: anyone may view anything", {.prover = nothing});
  EXPECT_EQ(all.result.standing, Standing::kHolds);
}

TEST(Invariants, FailWithTheSmallestCounterexample) {
  const Checked all = checked(
      permit("when { principal has ward && resource in principal.ward && context.rate > 7 }"),
      "never: Role::Nurse may view any Chart");
  ASSERT_TRUE(all.result.counterexample);
  const Counterexample& example = *all.result.counterexample;
  EXPECT_EQ(example.question.at("principal").as_string(), "User::\"user-1\"");
  EXPECT_EQ(example.question.at("context").at("rate").as_int64(), 8);
  EXPECT_EQ(example.policies, (std::vector<std::string>{"policy0"}));
  // The person and the chart; the ward needs not be there.
  EXPECT_EQ(example.entities.size() - example.given, 2);
}

// ---- What sentences name

std::string name_fault(std::string_view sentence) {
  auto read = read_sentences(fmt::format("invariant i {}", sentence));
  if (!read) return "unreadable";
  const auto trial = Trial::create(
      sources(permit("") + R"(@obligation("mask") forbid (principal, action, resource);)"),
      named_in(*read));
  if (!trial) return trial.error().message;
  const Diagnostics found = check_names((*read)[0], *trial);
  return found.empty() ? "none" : found[0].message + "; " + found[0].help;
}

TEST(Invariants, NameWhatThereIs) {
  EXPECT_EQ(name_fault("never: Role::Nurse may view any Chart without obligation mask"), "none");
  EXPECT_EQ(name_fault("never: Role::Nurs may view any Chart"),
            "neither policies nor entities have Role::\"Nurs\"; did you mean `Nurse`?");
  EXPECT_EQ(name_fault("never: Rol::Nurse may view any Chart"),
            "there is no entity type `Rol`; did you mean `Role`?");
  EXPECT_EQ(name_fault("never: anyone may vew any Chart"),
            "there is no action Action::\"vew\"; did you mean `Action::\"view\"`?");
  EXPECT_EQ(name_fault("never: anyone may view any Chrt"),
            "there is no entity type `Chrt`; did you mean `Chart`?");
  EXPECT_EQ(name_fault("never: anyone may view anything without obligation maks"),
            "no policy has the obligation `maks`; did you mean `mask`?");
  EXPECT_EQ(name_fault("never: any Ward may view anything"),
            "there is no question of which this speaks; the schema says which principals and "
            "resources an action is asked about");
  EXPECT_TRUE(name_fault("never: any User may view anything when { principal.wrd }")
                  .contains("asked about User, Action::\"view\", Chart"));
  EXPECT_NE(name_fault("never: any User may view anything when { 1 }"), "none");
}

TEST(Invariants, NeedPoliciesThatValidate) {
  EXPECT_FALSE(Trial::create(sources(permit("when { principal.nothing }"))));
  pdp::Sources without = sources("");
  without.schemas.clear();
  EXPECT_FALSE(Trial::create(without));
}

// ---- Reports

TEST(InvariantReports, SayWhatFails) {
  Checked all = checked(permit(""), "never: anyone may view anything");
  InvariantFile file{.name = "x.invariants", .text = "invariant i never: …", .results = {}};
  file.results.push_back(std::move(all.result));
  const std::span<const InvariantFile> files(&file, 1);
  const std::string text = text_report(files, 3, false);
  EXPECT_TRUE(text.starts_with("x.invariants:1:11: FAILS i\n")) << text;
  EXPECT_TRUE(text.ends_with("0 hold, 1 fail, 0 undecided; 3 entities taken as given\n")) << text;
  EXPECT_TRUE(junit_report(files).contains("failures=\"1\""));
  EXPECT_EQ(json_report(files, 3).at("invariants").at(0).at("standing").as_string(), "fails");
  EXPECT_EQ(json_report(files, 3).at("failing").to_number<int>(), 1);
}

TEST(InvariantReports, CountWhatIsUndecidedAsAFailure) {
  Checked all = checked(permit(""), "never: anyone may view anything", {.budget = 1});
  InvariantFile file{.name = "x.invariants", .text = "invariant i never: …", .results = {}};
  file.results.push_back(std::move(all.result));
  const std::span<const InvariantFile> files(&file, 1);
  EXPECT_TRUE(text_report(files, 1, false).contains("UNDECIDED i"));
  EXPECT_TRUE(junit_report(files).contains("failures=\"1\""));
}

}  // namespace
}  // namespace wardlock::prover
