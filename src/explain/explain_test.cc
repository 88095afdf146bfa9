#include "explain/explain.h"

#include <algorithm>

#include "explain/explain_fixture.h"

namespace wardlock::explain {
namespace {

constexpr char kSchema[] = R"(
  entity Role;
  entity User in [Role] = { name: String };
  entity Patient = { careTeam: Set<User>, isConfidential: Bool };
  action view, edit, erase appliesTo { principal: User, resource: Patient, context: {
    now: datetime, rate?: Long, authentication: { level: Long, methods: Set<String> },
    override?: { id: String, reason: String, expiresAt: datetime },
  } };
  namespace Wardlock {
    entity Grant = { principal: User, target: Patient, actions: Set<Action>, opensAt: datetime,
                     expiresAt: datetime, reason: String, waives?: Set<String> };
  }
)";

constexpr char kPolicies[] = R"(
@id("team") @reason("Clinicians see the patients whose care team they are on.")
permit (principal in Role::"Clinician", action == Action::"view", resource)
when { resource.careTeam.contains(principal) };
@id("boss") @doc("The head physician sees all.")
permit (principal in Role::"Head", action == Action::"view", resource)
when { context.authentication.level >= 2 };
@id("edits") permit (principal in Role::"Clinician", action == Action::"edit", resource)
when { context has rate && context.rate < 10 } unless { resource.isConfidential };
@id("confidential") @reason("This chart is confidential.") @waivable("break-glass")
forbid (principal, action == Action::"view", resource)
when { resource.isConfidential } unless { resource.careTeam.contains(principal) };
@id("masked") @obligation("mask") @reason("Editing is masked.")
forbid (principal, action == Action::"edit", resource);
@id("broken") forbid (principal, action == Action::"edit", resource)
when { context has rate && context.rate + 9223372036854775800 < 0 };
@id("emergency") @override("break-glass") @reason("In an emergency.")
permit (principal in Role::"Clinician", action == Action::"view", resource)
when { context has override };
)";

constexpr char kEntities[] = R"([
  {"uid": {"type": "User", "id": "ann"}, "attrs": {"name": "Ann"},
   "parents": [{"type": "Role", "id": "Clinician"}]},
  {"uid": {"type": "User", "id": "bob"}, "attrs": {"name": "Bob"}, "parents": []},
  {"uid": {"type": "User", "id": "eve"}, "attrs": {"name": "Eve"},
   "parents": [{"type": "Role", "id": "Head"}]},
  {"uid": {"type": "Patient", "id": "p1"}, "parents": [],
   "attrs": {"careTeam": ["ann"], "isConfidential": false}},
  {"uid": {"type": "Patient", "id": "p2"}, "parents": [],
   "attrs": {"careTeam": ["eve"], "isConfidential": false}},
  {"uid": {"type": "Patient", "id": "vip"}, "parents": [],
   "attrs": {"careTeam": ["eve"], "isConfidential": true}},
  {"uid": {"type": "Wardlock::Grant", "id": "g1"}, "parents": [],
   "attrs": {"principal": "ann", "target": "vip", "actions": [{"type": "Action", "id": "view"}],
             "opensAt": "2023-01-01", "expiresAt": "2024-01-01", "reason": "resuscitation",
             "waives": ["confidential"]}}
])";

class Explaining : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    std::string entities = kEntities;
    // With a schema a plain string is read as the id of an entity only where it is an object.
    for (const char* id : {"ann", "eve"}) {
      const std::string plain = "[\"" + std::string(id) + "\"]";
      for (std::size_t at; (at = entities.find(plain)) != std::string::npos;) {
        entities.replace(at, plain.size(),
                         R"([{"type": "User", "id": ")" + std::string(id) + "\"}]");
      }
    }
    const auto replace = [&](std::string_view from, std::string_view to) {
      entities.replace(entities.find(from), from.size(), to);
    };
    replace(R"("principal": "ann")", R"("principal": {"type": "User", "id": "ann"})");
    replace(R"("target": "vip")", R"("target": {"type": "Patient", "id": "vip"})");
    snapshot = build(kPolicies, kSchema, entities);
    ASSERT_NE(snapshot, nullptr);
  }
  static void TearDownTestSuite() { snapshot.reset(); }

  static Explanation of(const Asking& asking, const pdp::Caller& caller = kSeesAll) {
    return explained(*snapshot, asking, caller);
  }
  static const ExplainedPolicy* find(const Explanation& explanation, std::string_view id) {
    const auto it = std::ranges::find(explanation.policies, id, &ExplainedPolicy::id);
    return it == explanation.policies.end() ? nullptr : &*it;
  }
  static bool hints(const Explanation& explanation, std::string_view text) {
    return std::ranges::any_of(explanation.hints,
                               [&](const std::string& hint) { return hint.contains(text); });
  }

  static inline std::shared_ptr<const pdp::Snapshot> snapshot;
};

TEST_F(Explaining, AnAllowNamesWhatPermitted) {
  const Explanation told = of({});
  EXPECT_TRUE(told.is_allowed);
  EXPECT_EQ(told.sentence, "Allowed: Clinicians see the patients whose care team they are on.");
  ASSERT_FALSE(told.policies.empty());
  EXPECT_EQ(told.policies[0].id, "team");
  EXPECT_EQ(told.policies[0].standing, Standing::kDetermining);
  EXPECT_EQ(told.policies[0].outcome, PolicyOutcome::kSatisfied);
  EXPECT_EQ(told.policies[0].held,
            (std::vector<std::string>{"the user is in the role Clinician", "the action is view",
                                      "the patient's care team includes the user"}));
  EXPECT_TRUE(told.policies[0].missing.empty());
  EXPECT_EQ(find(told, "edits"), nullptr) << "its action scope cannot match";
}

TEST_F(Explaining, ADenyNamesTheNearestPermitAndWhatItNeeds) {
  const Explanation told = of({.resource = "p2"});
  EXPECT_EQ(told.sentence,
            "Denied: no rule permits this. The nearest is “Clinicians see the patients whose care "
            "team they are on.” It would also need: the patient's care team includes the user.");
  EXPECT_EQ(told.policies[0].id, "team");
  EXPECT_EQ(told.policies[0].standing, Standing::kNearest);
  EXPECT_EQ(told.policies[0].missing,
            std::vector<std::string>{"the patient's care team includes the user"});
  EXPECT_EQ(told.policies[1].id, "boss");
  EXPECT_EQ(told.policies[1].missing.size(), 2U);
  EXPECT_TRUE(hints(told, "breaking the glass would be possible"));
}

TEST_F(Explaining, ValuesSeenAreTold) {
  const Explanation told =
      of({.action = "edit", .context = R"({"rate": 12})", .obligations = {"mask"}});
  const ExplainedPolicy* edits = find(told, "edits");
  ASSERT_NE(edits, nullptr);
  const auto part = std::ranges::find(edits->parts, "context.rate < 10", &ExplainedPart::cedar);
  ASSERT_NE(part, edits->parts.end());
  EXPECT_EQ(part->state, PartState::kFails);
  ASSERT_EQ(part->seen.size(), 1U);
  EXPECT_EQ(part->seen[0].of, "context.rate");
  EXPECT_EQ(part->seen[0].value, "12");
}

TEST_F(Explaining, WhatIsBehindAMissingGuardIsNotAnError) {
  const Explanation told = of({.action = "edit", .obligations = {"mask"}});
  const ExplainedPolicy* edits = find(told, "edits");
  ASSERT_NE(edits, nullptr);
  EXPECT_EQ(edits->missing,
            (std::vector<std::string>{"a rate is given", "the rate is less than 10"}));
  EXPECT_EQ(edits->parts[3].state, PartState::kNotReached);
  EXPECT_EQ(edits->outcome, PolicyOutcome::kUnsatisfied);
}

TEST_F(Explaining, AForbidSaysWhatHeld) {
  const Explanation told = of({.resource = "vip"});
  EXPECT_EQ(told.cause, pdp::Cause::kForbid);
  EXPECT_EQ(told.sentence, "Denied: This chart is confidential.");
  EXPECT_EQ(told.policies[0].held,
            (std::vector<std::string>{"the action is view", "the patient is confidential",
                                      "the patient's care team does not include the user"}));
  EXPECT_TRUE(hints(told, "sets aside `confidential`"));
}

TEST_F(Explaining, AnUnsupportedObligationIsNamed) {
  const Explanation told = of({.action = "edit", .context = R"({"rate": 2})"});
  EXPECT_EQ(told.cause, pdp::Cause::kForbid);
  EXPECT_TRUE(hints(told, "does not promise the obligation `mask`")) << json_of(told);
  EXPECT_TRUE(hints(told, "`edits` would permit it"));
}

TEST_F(Explaining, AnObligationOfAnAllowIsNamed) {
  const Explanation told =
      of({.action = "edit", .context = R"({"rate": 2})", .obligations = {"mask"}});
  EXPECT_TRUE(told.is_allowed);
  EXPECT_TRUE(hints(told, "must fulfil the obligation `mask`"));
}

TEST_F(Explaining, AForbidThatErrsIsToldAsThat) {
  const Explanation told =
      of({.action = "edit", .context = R"({"rate": 8})", .obligations = {"mask"}});
  EXPECT_EQ(told.cause, pdp::Cause::kForbidError);
  EXPECT_EQ(told.policies[0].id, "broken");
  EXPECT_EQ(told.policies[0].outcome, PolicyOutcome::kError);
  EXPECT_EQ(told.policies[0].parts.back().state, PartState::kError);
  EXPECT_TRUE(told.sentence.contains("could not be evaluated"));
}

TEST_F(Explaining, AStepUpIsOffered) {
  const Explanation told =
      of({.principal = "eve", .authentication = pdp::Authentication{.level = 1, .methods = {}}});
  EXPECT_TRUE(hints(told, "assurance level 2")) << json_of(told);
}

TEST_F(Explaining, AnOverrideIsToldAsOne) {
  const Explanation told = of({.resource = "vip", .grant = "g1"});
  EXPECT_EQ(told.cause, pdp::Cause::kOverride);
  EXPECT_EQ(told.sentence, "Allowed under the break-glass grant `g1`: In an emergency.");
  EXPECT_EQ(told.policies[0].id, "emergency");
  EXPECT_EQ(told.policies[0].parts.back().state, PartState::kHolds);
}

TEST_F(Explaining, AnActionThatNothingPermits) {
  const Explanation told = of({.action = "erase"});
  EXPECT_EQ(told.sentence, "Denied: no rule permits anybody to erase here.");
  EXPECT_TRUE(told.policies.empty());
}

TEST_F(Explaining, OnlyWithTheRight) {
  pdp::Caller caller = kSeesAll;
  caller.may_explain = false;
  ask({}, caller, [&](const pdp::AccessRequest& access) {
    const auto told = explain(*snapshot, access, kNow);
    ASSERT_FALSE(told);
    EXPECT_EQ(told.error().code, ErrorCode::kPermissionDenied);
  });
}

TEST_F(Explaining, AQuestionThatCannotBeDecidedIsNotExplained) {
  ask({.action = "fly"}, kSeesAll, [&](const pdp::AccessRequest& access) {
    const auto told = explain(*snapshot, access, kNow);
    ASSERT_FALSE(told);
    EXPECT_EQ(told.error().code, ErrorCode::kInvalidArgument);
  });
}

TEST(Nearest, IsWhatFailsInTheFewestPartsThenWhoseScopeHoldsThenTheNarrower) {
  const auto snapshot = build(R"(
    @id("two") permit (principal, action, resource) when { context.a } when { context.b };
    @id("role") permit (principal in Role::"Head", action, resource);
    @id("wide") permit (principal, action, resource) when { context.a };
    @id("guarded") permit (principal is User, action, resource)
    when { context has n && context.n > 1 };
    @id("narrow") permit (principal == User::"ann", action, resource) when { context.a };
  )",
                              "", "");
  const Explanation told =
      explained(*snapshot, {.context = R"({"a": false, "b": false})"}, kSeesAll);
  std::vector<std::string> ids;
  for (const ExplainedPolicy& policy : told.policies) ids.push_back(policy.id);
  EXPECT_EQ(ids, (std::vector<std::string>{"narrow", "guarded", "wide", "role", "two"}));
  EXPECT_EQ(told.policies[2].standing, Standing::kNearest);
  EXPECT_EQ(told.policies[3].standing, Standing::kCandidate);
}

// ---- Bounds

TEST(ExplanationBounds, NoMoreThanTheLimitsWhateverIsAsked) {
  std::string policies;
  for (int i = 0; i < 5000; ++i) {
    policies += "@id(\"p" + std::to_string(i) + "\") @reason(\"" + std::string(2000, 'r') +
                "\") permit (principal, action, resource) when { context.a == \"" +
                std::string(500, 'x') + "\" && context.b.containsAll([" + std::to_string(i) +
                "]) };\n";
  }
  const auto snapshot = build(policies, "", "");
  std::string context = R"({"a": ")" + std::string(100'000, 'a') + R"(", "b": [)";
  for (int i = 0; i < 20'000; ++i) context += std::to_string(i) + ",";
  context += "0]}";
  const ExplanationLimits limits;
  const Explanation told = explained(*snapshot, {.context = context}, kSeesAll, limits);
  EXPECT_TRUE(told.is_truncated);
  EXPECT_LE(told.policies.size(), limits.max_policies);
  EXPECT_LT(json_of(told).size(), 2 * limits.max_bytes);
  EXPECT_FALSE(told.policies.empty());
}

TEST(ExplanationBounds, APolicyOfManyPartsIsCut) {
  std::string condition = "context.a";
  for (int i = 0; i < 5000; ++i) condition += " && context.b" + std::to_string(i);
  const auto snapshot =
      build("permit (principal, action, resource) when { " + condition + " };", "", "");
  const Explanation told = explained(*snapshot, {}, kSeesAll);
  ASSERT_EQ(told.policies.size(), 1U);
  EXPECT_TRUE(told.is_truncated);
  EXPECT_EQ(told.policies[0].parts.size(), ExplanationLimits{}.max_parts);
  EXPECT_LE(told.policies[0].missing.size(), ExplanationLimits{}.max_parts);
}

TEST(ExplanationBounds, AVerySmallBudgetLeavesTheSentence) {
  const auto snapshot =
      build("@id(\"a\") permit (principal, action, resource) when { false };", "", "");
  const Explanation told = explained(*snapshot, {}, kSeesAll, {.max_bytes = 0});
  EXPECT_TRUE(told.policies.empty());
  EXPECT_TRUE(told.is_truncated);
  EXPECT_TRUE(told.sentence.starts_with("Denied: "));
}

}  // namespace
}  // namespace wardlock::explain
