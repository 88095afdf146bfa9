#include "pdp/acting.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "codec/json.h"
#include "pdp/access.h"

namespace wardlock::pdp {
namespace {

constexpr std::int64_t kNow = 1'700'000'000'000;

constexpr char kSchema[] = R"(
  namespace Wardlock {
    type Delegated = { id: String, by: String, purpose: String, ticket: String, expiresAt: datetime };
    type Named = { type: String, id: String };
    type Authentication = { level: Long, methods: Set<String> };
    type Override = { id: String, reason: String, expiresAt: datetime };
    type Approved = { id: String, approvers: Set<Named>, ticket: String, expiresAt: datetime };
    entity Grant = { principal: User, target: Patient, actions: Set<Action>, opensAt: datetime,
                     expiresAt: datetime, reason: String };
    entity Approval = { principal: Named, target: Named, action: Action, approvers: Set<Named>,
                        opensAt: datetime, expiresAt: datetime, ticket: String };
    entity Delegation = {
      delegator: Named, delegate: Named, target: Named, actions: Set<Action>, opensAt: datetime,
      expiresAt: datetime, by: String, purpose: String, ticket: String, onward: Bool,
      passesOn?: String,
    };
  }
  entity User;
  entity Agent = { actsFor: Set<User> };
  entity Service;
  entity Device;
  entity Patient = { team: Set<User> };
  type Care = { actor?: Agent, onBehalfOf?: User, place?: String, delegation?: Wardlock::Delegated,
                override?: Wardlock::Override, approval?: Wardlock::Approved,
                authentication: Wardlock::Authentication };
  action view appliesTo { principal: [User, Agent, Service], resource: Patient, context: Care };
  action edit appliesTo { principal: [User, Agent], resource: Patient, context: Care };
  action sign appliesTo { principal: [User, Agent], resource: Patient, context: Care };
  action export appliesTo { principal: [User, Agent], resource: Patient, context: Care };
  action print appliesTo { principal: [User, Agent, Service], resource: Patient,
    context: { actor?: Wardlock::Named, onBehalfOf?: Wardlock::Named } };
  action count appliesTo { principal: [User, Service], resource: Patient, context: {} };
)";

constexpr char kPolicies[] = R"(
  @id("team") permit (principal is User, action, resource)
    when { resource.team.contains(principal) } unless { action == Action::"export" };
  @id("scribe") permit (principal is Agent, action in [Action::"view", Action::"edit", Action::"sign", Action::"export"], resource)
    when { context has onBehalfOf && principal.actsFor.contains(context.onBehalfOf) };
  @id("not-from-home") forbid (principal is User, action, resource)
    when { context has actor && context has place && context.place == "home" };
  @id("agents-stay-in") forbid (principal is Agent, action, resource)
    when { context has place && context.place == "street" };
  @id("widens") permit (principal is User, action == Action::"export", resource)
    when { context has actor };
  @id("glass") @override("break-glass") permit (principal, action == Action::"view", resource)
    when { context has override };
  @id("cover") permit (principal is User, action == Action::"view", resource)
    when { context has delegation };
  @id("sure") forbid (principal, action == Action::"edit", resource)
    unless { context.authentication.level >= 2 };
  @id("two") forbid (principal, action == Action::"sign", resource) unless { context has approval };
  @id("mask") @obligation("mask") @terms("within: 5m") forbid (principal is User, action == Action::"view", resource);
  @id("log") @obligation("log") forbid (principal is Agent, action == Action::"view", resource);
  @id("printers") permit (principal is Service, action == Action::"print", resource)
    when { context has onBehalfOf && context.onBehalfOf.id == "grey" && context.onBehalfOf.type == "User" };
  @id("counter") permit (principal == Service::"counter", action == Action::"count", resource);
)";

constexpr char kEntities[] = R"(
  {"uid": {"type": "User", "id": "grey"}, "attrs": {}, "parents": []},
  {"uid": {"type": "User", "id": "cole"}, "attrs": {}, "parents": []},
  {"uid": {"type": "Agent", "id": "scribe"}, "parents": [],
   "attrs": {"actsFor": [{"__entity": {"type": "User", "id": "grey"}}]}},
  {"uid": {"type": "Agent", "id": "idle"}, "parents": [], "attrs": {"actsFor": []}},
  {"uid": {"type": "Service", "id": "printer"}, "attrs": {}, "parents": []},
  {"uid": {"type": "Service", "id": "counter"}, "attrs": {}, "parents": []},
  {"uid": {"type": "Device", "id": "cart"}, "attrs": {}, "parents": []},
  {"uid": {"type": "Patient", "id": "p1"}, "parents": [],
   "attrs": {"team": [{"__entity": {"type": "User", "id": "grey"}}]}},
  {"uid": {"type": "Patient", "id": "p2"}, "parents": [], "attrs": {"team": []}})";

constexpr char kGrant[] = R"(,
  {"uid": {"type": "Wardlock::Grant", "id": "g"}, "parents": [], "attrs": {
    "principal": {"__entity": {"type": "User", "id": "grey"}},
    "target": {"__entity": {"type": "Patient", "id": "p2"}},
    "actions": [{"__entity": {"type": "Action", "id": "view"}}], "reason": "x",
    "opensAt": {"__extn": {"fn": "datetime", "arg": "2020-01-01"}},
    "expiresAt": {"__extn": {"fn": "datetime", "arg": "2030-01-01"}}}})";

constexpr char kDelegation[] = R"(,
  {"uid": {"type": "Wardlock::Delegation", "id": "d"}, "parents": [], "attrs": {
    "delegator": {"type": "User", "id": "grey"}, "delegate": {"type": "User", "id": "cole"},
    "target": {"type": "Patient", "id": "p1"},
    "actions": [{"__entity": {"type": "Action", "id": "view"}}], "by": "person", "purpose": "",
    "ticket": "", "onward": true,
    "opensAt": {"__extn": {"fn": "datetime", "arg": "2020-01-01"}},
    "expiresAt": {"__extn": {"fn": "datetime", "arg": "2030-01-01"}}}})";

std::string approval_for(std::string_view type, std::string_view id) {
  return fmt::format(R"(,
  {{"uid": {{"type": "Wardlock::Approval", "id": "a-{}"}}, "parents": [], "attrs": {{
    "principal": {{"type": "{}", "id": "{}"}}, "target": {{"type": "Patient", "id": "p1"}},
    "action": {{"__entity": {{"type": "Action", "id": "sign"}}}},
    "approvers": [{{"type": "User", "id": "cole"}}], "ticket": "",
    "opensAt": {{"__extn": {{"fn": "datetime", "arg": "2020-01-01"}}}},
    "expiresAt": {{"__extn": {{"fn": "datetime", "arg": "2030-01-01"}}}}}}}})",
                     id, type, id);
}

std::shared_ptr<const Snapshot> build(std::string_view more = "", std::string_view schema = kSchema,
                                      std::string_view policies = kPolicies,
                                      Mode mode = Mode::kStrict) {
  Sources sources;
  sources.policies = {{"test.cedar", std::string(policies)}};
  if (!schema.empty()) sources.schemas = {{"test.cedarschema", std::string(schema)}};
  sources.entities = Source{"entities.json", fmt::format("[{}{}]", kEntities, more)};
  auto snapshot = build_snapshot(sources, mode);
  EXPECT_TRUE(snapshot) << (snapshot ? "" : snapshot.error().message);
  return snapshot ? *snapshot : nullptr;
}

struct Wanted {
  std::string type = "User", principal = "grey", action = "view", resource = "p1", grant = "";
  std::string context = "{}";
  std::optional<DescribedEntity> actor = DescribedEntity{.type = "Agent", .id = "scribe"};
  std::optional<VerifiedActor> shown = {};  ///< by the token
  std::vector<std::string_view> fulfils = {"mask", "log"};
  std::int64_t level = 2;
  std::uint64_t max_steps = cedar::StepBudget::kDefault;
};

class Asked {
 public:
  Asked(const Snapshot& snapshot, const Wanted& wanted) {
    const codec::Json context = *codec::parse_json(wanted.context);
    const Caller caller = Caller::unrestricted("test");
    const Authentication authentication{.level = wanted.level};
    const VerifiedPrincipal verified{.type = wanted.type,
                                     .id = wanted.principal,
                                     .authentication = authentication,
                                     .actor = wanted.shown ? &*wanted.shown : nullptr};
    AccessRequest request{.principal = {wanted.type, wanted.principal},
                          .action = wanted.action,
                          .resource = {"Patient", wanted.resource},
                          .context = &context.as_object(),
                          .grant = wanted.grant,
                          .supported_obligations = wanted.fulfils,
                          .caller = &caller};
    if (wanted.shown) {
      request.verified = &verified;
    } else {
      request.authentication = authentication;
    }
    request.actor = wanted.actor;
    request.is_recorded = true;
    request.max_steps = wanted.max_steps;
    const auto decided = decide(snapshot, request, kNow, arena_);
    if (!decided) {
      error = decided.error().message;
      return;
    }
    decision = *decided;
    const auto shortly = is_allowed(snapshot, request, kNow);
    EXPECT_TRUE(shortly && *shortly == decision.is_allowed) << "is_allowed says another thing";
  }

  std::vector<std::string> policies() const {
    std::vector<std::string> ids(decision.policies.begin(), decision.policies.end());
    std::ranges::sort(ids);
    return ids;
  }
  std::vector<std::string> record_notes() const {
    return {decision.record_notes.begin(), decision.record_notes.end()};
  }

  AccessDecision decision;
  std::string error;

 private:
  Arena arena_;
};

using Ids = std::vector<std::string>;

TEST(Acting, IsWhatBothMay) {
  const auto snapshot = build();
  const Asked both(*snapshot, {});
  EXPECT_TRUE(both.decision.is_allowed) << to_string(both.decision.cause);
  EXPECT_EQ(both.policies(), (Ids{"scribe", "team"}));
  ASSERT_TRUE(both.decision.actor);
  EXPECT_EQ(both.decision.actor->id, "scribe");
  EXPECT_FALSE(both.decision.actor->is_denied);
  EXPECT_EQ(both.decision.obligations.size(), 2U) << "what either owes";
  EXPECT_EQ(both.decision.terms.size(), 1U);
  EXPECT_EQ(both.record_notes(), Ids{"actor: Agent"});

  const Asked stranger(*snapshot, {.resource = "p2"});
  EXPECT_FALSE(stranger.decision.is_allowed) << "the principal may not";
  EXPECT_FALSE(stranger.decision.actor->is_denied);
  EXPECT_EQ(stranger.decision.cause, Cause::kNoPermit);

  const Asked idle(*snapshot, {.actor = DescribedEntity{.type = "Agent", .id = "idle"}});
  EXPECT_FALSE(idle.decision.is_allowed) << "it acts for nobody";
  EXPECT_TRUE(idle.decision.actor->is_denied);

  const Asked alone(*snapshot, {.type = "Agent", .principal = "scribe", .actor = std::nullopt});
  EXPECT_FALSE(alone.decision.is_allowed) << "the agent by itself";
  EXPECT_FALSE(alone.decision.actor);
}

TEST(Acting, ForbidsOfEitherHold) {
  const auto snapshot = build();
  const Asked home(*snapshot, {.context = R"({"place": "home"})"});
  EXPECT_EQ(home.policies(), Ids{"not-from-home"});
  EXPECT_FALSE(home.decision.actor->is_denied) << "it is the principal's rule";
  const Asked street(*snapshot, {.context = R"({"place": "street"})"});
  EXPECT_EQ(street.policies(), Ids{"agents-stay-in"});
  EXPECT_TRUE(street.decision.actor->is_denied);
  EXPECT_TRUE(Asked(*snapshot, {.context = R"({"place": "home"})", .actor = std::nullopt})
                  .decision.is_allowed);
}

TEST(Acting, NobodyGainsByNamingOne) {
  const auto snapshot = build();
  const Asked widened(*snapshot, {.action = "export"});
  EXPECT_FALSE(widened.decision.is_allowed) << "a permit that wants an actor is not enough";
  EXPECT_FALSE(widened.decision.actor->is_denied);
  const Asked itself(*snapshot, {.type = "Agent",
                                 .principal = "scribe",
                                 .actor = DescribedEntity{.type = "Agent", .id = "scribe"}});
  EXPECT_FALSE(itself.decision.is_allowed);
}

TEST(Acting, EachWhoActsMustBeKnownAndOfAFittingType) {
  const auto snapshot = build();
  const auto cause_of = [&](std::string_view type, std::string_view id,
                            std::string action = "view") {
    const Asked asked(
        *snapshot, {.action = std::move(action), .actor = DescribedEntity{.type = type, .id = id}});
    EXPECT_FALSE(asked.decision.is_allowed);
    EXPECT_EQ(asked.error, "");
    EXPECT_TRUE(asked.decision.actor && asked.decision.actor->is_denied);
    EXPECT_FALSE(asked.decision.step_up);
    return asked.decision.cause;
  };
  EXPECT_EQ(cause_of("Agent", "gone"), Cause::kActorUnknown);
  EXPECT_EQ(cause_of("Robot", "r2"), Cause::kActorUnknown) << "of a type that nobody declared";
  EXPECT_EQ(cause_of("Device", "cart"), Cause::kActorNotApplicable);
  EXPECT_EQ(cause_of("Service", "printer", "edit"), Cause::kActorNotApplicable);
  EXPECT_EQ(cause_of("Service", "printer", "view"), Cause::kActorNotApplicable)
      << "the action says that agents act";
  EXPECT_EQ(to_string(Cause::kActorUnknown), "actor_unknown");
  EXPECT_EQ(to_string(Cause::kActorNotApplicable), "actor_not_applicable");
}

TEST(Acting, WhereTheSchemaNamesThemTheyMayBeOfAnyType) {
  const auto snapshot = build();
  const DescribedEntity printer{.type = "Service", .id = "printer"};
  EXPECT_TRUE(Asked(*snapshot, {.action = "print", .actor = printer}).decision.is_allowed);
  const Asked counted(
      *snapshot, {.action = "count", .actor = DescribedEntity{.type = "Service", .id = "counter"}});
  EXPECT_TRUE(counted.decision.is_allowed) << "by a right of its own, which sees no person";
  EXPECT_FALSE(Asked(*snapshot, {.action = "count", .actor = printer}).decision.is_allowed);
}

TEST(Acting, NeverAnOverride) {
  const auto snapshot = build(kGrant);
  EXPECT_EQ(
      Asked(*snapshot, {.resource = "p2", .grant = "g", .actor = std::nullopt}).decision.cause,
      Cause::kOverride)
      << "the principal alone";
  const Asked acted(*snapshot, {.resource = "p2", .grant = "g"});
  EXPECT_EQ(acted.decision.cause, Cause::kNoPermit);
  EXPECT_FALSE(acted.decision.is_override_possible);
  EXPECT_FALSE(acted.decision.grant);
  ASSERT_FALSE(acted.decision.notes.empty());
  EXPECT_TRUE(acted.decision.notes.front().contains("grant counts for nothing"));
}

TEST(Acting, ADelegationIsNotUsed) {
  const auto snapshot = build(kDelegation);
  EXPECT_TRUE(Asked(*snapshot, {.principal = "cole", .actor = std::nullopt}).decision.is_allowed);
  EXPECT_FALSE(Asked(*snapshot, {.principal = "cole"}).decision.is_allowed);
}

TEST(Acting, AnApprovalIsForWhomItNames) {
  const std::string for_grey = approval_for("User", "grey");
  EXPECT_TRUE(
      Asked(*build(for_grey), {.action = "sign", .actor = std::nullopt}).decision.is_allowed);
  const Asked acted(*build(for_grey), {.action = "sign"});
  EXPECT_FALSE(acted.decision.is_allowed) << "that an agent does it was not approved";
  EXPECT_TRUE(acted.decision.actor->is_denied);
  EXPECT_FALSE(
      Asked(*build(approval_for("Agent", "scribe")), {.action = "sign"}).decision.is_allowed);
  const Asked both(*build(for_grey + approval_for("Agent", "scribe")), {.action = "sign"});
  ASSERT_TRUE(both.decision.is_allowed);
  EXPECT_EQ(both.decision.approval->id, "a-grey");
  EXPECT_EQ(both.record_notes(), (Ids{"actor: Agent", "approval: a-grey"}));
}

TEST(Acting, AStepUpIsToldWhereItIsEnoughForBoth) {
  const auto snapshot = build();
  const Asked weak(*snapshot, {.action = "edit", .level = 1});
  EXPECT_FALSE(weak.decision.is_allowed);
  ASSERT_TRUE(weak.decision.step_up);
  EXPECT_EQ(weak.decision.step_up->level, 2);
  const Asked idle(
      *snapshot,
      {.action = "edit", .actor = DescribedEntity{.type = "Agent", .id = "idle"}, .level = 1});
  EXPECT_FALSE(idle.decision.step_up) << "the agent may not anyway";
}

TEST(Acting, WhatTheTokenSaysCounts) {
  const auto snapshot = build();
  const std::vector<std::string_view> before = {"portal"};
  const VerifiedActor scribe{.type = "Agent", .id = "scribe", .is_known = true, .before = before};
  const Asked hidden(*snapshot, {.actor = std::nullopt, .shown = scribe});
  EXPECT_TRUE(hidden.decision.is_allowed);
  ASSERT_TRUE(hidden.decision.actor) << "though the application did not say so";
  EXPECT_EQ(hidden.record_notes(), (Ids{"actor: Agent", "acted before: portal"}));
  const VerifiedActor idle{.type = "Agent", .id = "idle", .is_known = true};
  EXPECT_FALSE(Asked(*snapshot, {.actor = std::nullopt, .shown = idle}).decision.is_allowed);
  EXPECT_TRUE(Asked(*snapshot, {.shown = scribe}).decision.is_allowed) << "both say the same";
  EXPECT_TRUE(Asked(*snapshot, {.shown = idle}).error.contains("said twice, and differently"));
  const VerifiedActor client{.type = "OAuthClient", .id = "app"};
  EXPECT_EQ(Asked(*snapshot, {.actor = std::nullopt, .shown = client}).decision.cause,
            Cause::kActorUnknown);
  EXPECT_NE(Asked(*snapshot, {.shown = client}).error, "");
  const VerifiedActor gone{.type = "Agent", .id = "scribe"};
  EXPECT_EQ(Asked(*snapshot, {.actor = std::nullopt, .shown = gone}).decision.cause,
            Cause::kActorUnknown)
      << "an entity of that name is another one";
}

TEST(Acting, AnActorIsResolvedAsTheCallerMay) {
  const auto snapshot = build();
  Caller caller = Caller::unrestricted("narrow");
  caller.scope.types = Names({"User", "Patient"});
  AccessRequest request{.principal = {"User", "grey"},
                        .action = "view",
                        .resource = {"Patient", "p1"},
                        .grant = {},
                        .caller = &caller};
  request.actor = DescribedEntity{.type = "Agent", .id = "scribe"};
  Arena arena;
  const auto decided = decide(*snapshot, request, kNow, arena);
  ASSERT_FALSE(decided);
  EXPECT_EQ(decided.error().code, ErrorCode::kPermissionDenied);
  const VerifiedActor scribe{.type = "Agent", .id = "scribe", .is_known = true};
  const VerifiedPrincipal verified{
      .type = "User", .id = "grey", .authentication = {.level = 2}, .actor = &scribe};
  request.actor.reset();
  request.verified = &verified;
  EXPECT_TRUE(decide(*snapshot, request, kNow, arena)) << "the token names it, not the caller";
}

TEST(Acting, NothingOfItIsFromTheContext) {
  const auto snapshot = build();
  for (const std::string key : {"actor", "onBehalfOf"}) {
    const Asked asked(*snapshot, {.context = fmt::format(R"({{"{}": "x"}})", key)});
    EXPECT_TRUE(asked.error.contains(fmt::format("context.{} is filled by the PDP", key)));
  }
}

TEST(Acting, WhatIsTooMuchWorkIsDenied) {
  EXPECT_EQ(Asked(*build(), {.max_steps = 1}).decision.cause, Cause::kStepLimit);
}

TEST(Acting, WithoutASchemaPoliciesSeeEntities) {
  constexpr std::string_view kPlain = R"(
    @id("own") permit (principal is User, action, resource);
    @id("agent") permit (principal is Agent, action, resource)
      when { context has onBehalfOf && context.onBehalfOf == User::"grey" };
    @id("not-idle") forbid (principal is User, action, resource)
      when { context has actor && context.actor == Agent::"idle" };
  )";
  for (const Mode mode : {Mode::kStrict, Mode::kCedar}) {
    const auto snapshot = build("", "", kPlain, mode);
    EXPECT_TRUE(Asked(*snapshot, {}).decision.is_allowed);
    EXPECT_FALSE(Asked(*snapshot, {.principal = "cole"}).decision.is_allowed);
    const Asked idle(*snapshot, {.actor = DescribedEntity{.type = "Agent", .id = "idle"}});
    EXPECT_EQ(idle.policies(), Ids{"not-idle"});
  }
}

TEST(Acting, TheSchemaMustDeclareItAsItIs) {
  const auto error = [](std::string_view declared) {
    Sources sources;
    sources.policies = {{"test.cedar", "permit (principal, action, resource);"}};
    sources.schemas = {
        {"test.cedarschema",
         fmt::format("entity User; entity Agent; action view appliesTo {{ principal: [User, "
                     "Agent], resource: User, context: {{ {} }} }};",
                     declared)}};
    const auto built = build_snapshot(sources, Mode::kStrict);
    return built ? std::string() : built.error().message;
  };
  EXPECT_EQ(error("actor?: Agent, onBehalfOf?: User"), "");
  EXPECT_EQ(error("actor?: {type: String, id: String}"), "");
  EXPECT_TRUE(error("actor: Agent").contains("`actor?` as optional"));
  EXPECT_TRUE(error("onBehalfOf: User").contains("`onBehalfOf?` as optional"));
  EXPECT_TRUE(error("actor?: String").contains("context key that Wardlock fills"));
  EXPECT_TRUE(error("onBehalfOf?: {id: String}").contains("context key that Wardlock fills"));
}

}  // namespace
}  // namespace wardlock::pdp
