#include "pdp/approved.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "codec/json.h"
#include "pdp/access.h"

namespace wardlock::pdp {
namespace {

constexpr std::int64_t kNow = 1'700'000'000'000;
constexpr std::int64_t kHour = 3'600'000;

constexpr char kTypes[] = R"(
  namespace Wardlock {
    type Named = { type: String, id: String };
    type Approved = { id: String, approvers: Set<Named>, ticket: String, expiresAt: datetime };
    entity Approval = { principal: Named, target: Named, action: Action, approvers: Set<Named>,
      ticket: String, opensAt: datetime, expiresAt: datetime };
    type Delegated = { id: String, by: String, purpose: String, ticket: String, expiresAt: datetime };
    entity Delegation = { delegator: Named, delegate: Named, target: Named, actions: Set<Action>,
      opensAt: datetime, expiresAt: datetime, by: String, purpose: String, ticket: String,
      onward: Bool, passesOn?: String };
    type Override = { id: String, reason: String, expiresAt: datetime };
    entity Grant = { principal: User, target: Pump, actions: Set<Action>, opensAt: datetime,
      expiresAt: datetime, reason: String, waives?: Set<String> };
  }
  entity Ward;
  entity User = { mayUpdate: Bool };
  entity Pump in [Ward];
  entity Module in [Pump];
  action service;
  type Work = { approval?: Wardlock::Approved, delegation?: Wardlock::Delegated,
                override?: Wardlock::Override, place?: String };
)";
constexpr char kActions[] = R"(
  action update, setLimit in [service] appliesTo { principal: User, resource: [Pump, Module], context: Work };
  action look in [service] appliesTo { principal: User, resource: [Pump, Module], context: {} };
)";

constexpr char kPolicies[] = R"(
  @id("technicians") permit (principal, action, resource) when { principal.mayUpdate };
  @id("stands-in") permit (principal, action, resource)
    when { context has delegation && context.delegation.by == "person" };
  @id("glass") @override("break-glass") permit (principal, action, resource)
    when { context has override };
  @id("two-persons") forbid (principal, action == Action::"update", resource)
    unless { context has approval };
  @id("limits") @waivable("break-glass") forbid (principal, action == Action::"setLimit", resource)
    unless { context has approval && context.approval.ticket == "T-1" &&
             context.approval.approvers.contains({type: "User", id: "chief"}) };
)";

std::string moment(std::int64_t ms) {
  const std::chrono::sys_time<std::chrono::milliseconds> time{std::chrono::milliseconds(ms)};
  return fmt::format(R"({{"__extn": {{"fn": "datetime", "arg": "{:%FT%T}Z"}}}})", time);
}

std::string name_of(std::string_view type, std::string_view id) {
  return fmt::format(R"({{"type": "{}", "id": "{}"}})", type, id);
}

std::string action_of(std::string_view id) {
  return fmt::format(R"({{"__entity": {}}})", name_of("Action", id));
}

struct GivenApproval {
  std::string id = "a1";
  std::string principal = name_of("User", "kim");
  std::string target = name_of("Pump", "p1");
  std::string action = action_of("update");
  std::string approvers = "[" + name_of("User", "chief") + "]";
  std::string ticket = "T-1";
  std::int64_t opens = kNow - kHour;
  std::int64_t expires = kNow + kHour;

  std::string json() const {
    return fmt::format(
        R"({{"uid": {{"type": "Wardlock::Approval", "id": "{}"}}, "parents": [], "attrs": {{
          "principal": {}, "target": {}, "action": {}, "approvers": {}, "ticket": "{}",
          "opensAt": {}, "expiresAt": {}}}}})",
        id, principal, target, action, approvers, ticket, moment(opens), moment(expires));
  }
};

/// From kim, who may, to lee, who may not, for all that the action's name says.
std::string delegation(std::string_view action = "update") {
  return fmt::format(
      R"({{"uid": {{"type": "Wardlock::Delegation", "id": "d1"}}, "parents": [], "attrs": {{
        "delegator": {}, "delegate": {}, "target": {}, "actions": [{}], "opensAt": {},
        "expiresAt": {}, "by": "person", "purpose": "", "ticket": "", "onward": false}}}})",
      name_of("User", "kim"), name_of("User", "lee"), name_of("Pump", "p1"), action_of(action),
      moment(kNow - kHour), moment(kNow + (2 * kHour)));
}

std::string grant(std::string_view waives = "[]") {
  return fmt::format(
      R"({{"uid": {{"type": "Wardlock::Grant", "id": "g1"}}, "parents": [], "attrs": {{
        "principal": {{"__entity": {}}}, "target": {{"__entity": {}}}, "actions": [{}, {}],
        "opensAt": {}, "expiresAt": {}, "reason": "fire", "waives": {}}}}})",
      name_of("User", "lee"), name_of("Pump", "p1"), action_of("update"), action_of("setLimit"),
      moment(kNow - kHour), moment(kNow + kHour), waives);
}

std::string entity(std::string_view type, std::string_view id, std::string_view attributes = "{}",
                   std::string_view parents = "[]") {
  return fmt::format(R"({{"uid": {}, "attrs": {}, "parents": {}}})", name_of(type, id), attributes,
                     parents);
}

Result<std::shared_ptr<const Snapshot>> try_build(const std::vector<std::string>& more,
                                                  const std::string& schema,
                                                  Mode mode = Mode::kStrict,
                                                  std::string policies = kPolicies) {
  std::string all = fmt::format(
      "[{}, {}, {}, {}, {}, {}", entity("User", "kim", R"({"mayUpdate": true})"),
      entity("User", "lee", R"({"mayUpdate": false})"),
      entity("User", "chief", R"({"mayUpdate": true})"), entity("Pump", "p1"), entity("Pump", "p2"),
      entity("Module", "m1", "{}", "[" + name_of("Pump", "p1") + "]"));
  for (const std::string& each : more) all += ", " + each;
  all += "]";
  Sources sources;
  sources.policies = {{"test.cedar", std::move(policies)}};
  if (!schema.empty()) sources.schemas = {{"test.cedarschema", schema}};
  sources.entities = Source{"entities.json", all};
  return build_snapshot(sources, mode);
}

std::shared_ptr<const Snapshot> build(const std::vector<std::string>& more) {
  auto snapshot = try_build(more, std::string(kTypes) + kActions);
  EXPECT_TRUE(snapshot) << (snapshot ? "" : snapshot.error().message);
  return snapshot ? *snapshot : nullptr;
}

std::shared_ptr<const Snapshot> build_with(const GivenApproval& approval) {
  return build({approval.json()});
}

struct WantedApproved {
  std::string principal = "kim", action = "update", type = "Pump", id = "p1", context = "{}",
              grant = "";
  std::int64_t at = kNow;
};

/// What is told of a decision, in words that live on.
struct Told {
  bool is_allowed = false;
  Cause cause = Cause::kNoPermit;
  std::string approval = "";  ///< empty: none
  std::string approver = "";
  std::string delegation = "";
  std::vector<std::string> record_notes = {};
};

Result<Told> try_ask(const Snapshot& snapshot, const WantedApproved& wanted) {
  const codec::Json context = *codec::parse_json(wanted.context);
  const Caller caller = Caller::unrestricted("test");
  const AccessRequest request{.principal = {"User", wanted.principal},
                              .action = wanted.action,
                              .resource = {wanted.type, wanted.id},
                              .context = &context.as_object(),
                              .grant = wanted.grant,
                              .caller = &caller,
                              .is_recorded = true};
  Arena arena;
  const AccessDecision decision = TRY(decide(snapshot, request, wanted.at, arena));
  EXPECT_EQ(decision.is_allowed, is_allowed(snapshot, request, wanted.at).value());
  Told told{.is_allowed = decision.is_allowed, .cause = decision.cause};
  if (decision.approval) {
    told.approval = decision.approval->id;
    told.approver = decision.approval->approver.id;
  }
  if (decision.delegation) told.delegation = decision.delegation->id;
  told.record_notes.assign(decision.record_notes.begin(), decision.record_notes.end());
  return told;
}

Told ask(const std::shared_ptr<const Snapshot>& snapshot, const WantedApproved& wanted = {}) {
  auto told = try_ask(*snapshot, wanted);
  EXPECT_TRUE(told) << (told ? "" : told.error().message);
  return told ? *told : Told{};
}

TEST(ApprovedTest, WithAnApprovalItIsAllowedAndWithoutItIsNot) {
  const Told denied = ask(build({}));
  EXPECT_EQ(denied.cause, Cause::kForbid);
  EXPECT_EQ(denied.approval, "");
  const Told told = ask(build_with(GivenApproval{}));
  EXPECT_TRUE(told.is_allowed);
  EXPECT_EQ(told.approval, "a1");
  EXPECT_EQ(told.approver, "chief");
  EXPECT_TRUE(told.record_notes.empty());
}

TEST(ApprovedTest, ItIsNoRight) {
  const Told told =
      ask(build_with(GivenApproval{.principal = name_of("User", "lee")}), {.principal = "lee"});
  EXPECT_EQ(told.cause, Cause::kNoPermit);
  EXPECT_EQ(told.approval, "") << "nothing was done under it";
}

TEST(ApprovedTest, NeitherForOthersNorElsewhereNorForMore) {
  const auto snapshot = build_with(GivenApproval{});
  EXPECT_FALSE(ask(snapshot, {.principal = "chief"}).is_allowed) << "who approved";
  EXPECT_FALSE(ask(snapshot, {.id = "p2"}).is_allowed);
  EXPECT_FALSE(ask(snapshot, {.type = "Module", .id = "m1"}).is_allowed) << "what is in it";
  EXPECT_FALSE(ask(snapshot, {.action = "setLimit"}).is_allowed);
  const Told look = ask(snapshot, {.action = "look"});
  EXPECT_TRUE(look.is_allowed);
  EXPECT_EQ(look.approval, "");
  const auto group = build_with(GivenApproval{.action = action_of("service")});
  EXPECT_FALSE(ask(group).is_allowed) << "a group is no one action";
  const auto patient = build_with(GivenApproval{.principal = name_of("Pump", "kim")});
  EXPECT_FALSE(ask(patient).is_allowed) << "of another type";
}

TEST(ApprovedTest, ItBeginsAndEnds) {
  const auto snapshot = build_with(GivenApproval{});
  EXPECT_FALSE(ask(snapshot, {.at = kNow - kHour - 1}).is_allowed);
  EXPECT_TRUE(ask(snapshot, {.at = kNow - kHour}).is_allowed);
  EXPECT_TRUE(ask(snapshot, {.at = kNow + kHour - 1}).is_allowed);
  EXPECT_FALSE(ask(snapshot, {.at = kNow + kHour}).is_allowed);
}

TEST(ApprovedTest, PoliciesSeeTicketAndApprovers) {
  const GivenApproval limits{.action = action_of("setLimit")};
  const WantedApproved wanted{.action = "setLimit"};
  EXPECT_TRUE(ask(build_with(limits), wanted).is_allowed);
  GivenApproval other = limits;
  other.ticket = "T-2";
  EXPECT_FALSE(ask(build_with(other), wanted).is_allowed);
  other = limits;
  other.approvers = "[" + name_of("User", "lee") + "]";
  EXPECT_FALSE(ask(build_with(other), wanted).is_allowed);
  other.approvers = fmt::format("[{}, {}]", name_of("User", "lee"), name_of("User", "chief"));
  EXPECT_TRUE(ask(build_with(other), wanted).is_allowed) << "of two";
}

TEST(ApprovedTest, OfSeveralTheOneThatLastsLongestCounts) {
  const auto snapshot = build({GivenApproval{.id = "a1"}.json(),
                               GivenApproval{.id = "a2", .expires = kNow + (2 * kHour)}.json(),
                               GivenApproval{.id = "a3", .expires = kNow - 1}.json()});
  EXPECT_EQ(ask(snapshot).approval, "a2");
  EXPECT_EQ(ask(snapshot, {.at = kNow - 2}).approval, "a2");
}

TEST(ApprovedTest, NobodySendsOne) {
  const auto snapshot = build({});
  for (const std::string_view sent : {"{}", "null", R"({"id": "a1"})"}) {
    const auto told = try_ask(*snapshot, {.context = fmt::format(R"({{"approval": {}}})", sent)});
    ASSERT_FALSE(told) << sent;
    EXPECT_EQ(told.error().code, ErrorCode::kInvalidArgument);
    EXPECT_TRUE(told.error().message.contains("context.approval is filled by the PDP"));
  }
  EXPECT_TRUE(is_reserved_context_key("approval"));
}

TEST(ApprovedTest, WhatTheCallerSaysStaysBeside) {
  EXPECT_TRUE(ask(build_with(GivenApproval{}), {.context = R"({"place": "ward-7"})"}).is_allowed);
}

TEST(ApprovedTest, AnOverrideTakesTheSecondPersonTooUnlessPoliciesSayOtherwise) {
  const WantedApproved update{.principal = "lee", .grant = "g1"};
  EXPECT_FALSE(ask(build({grant()}), update).is_allowed) << "breaking the glass is no approval";
  const GivenApproval of_lee{.principal = name_of("User", "lee")};
  const Told both = ask(build({grant(), of_lee.json()}), update);
  EXPECT_EQ(both.cause, Cause::kOverride);
  EXPECT_EQ(both.approval, "a1");
  EXPECT_EQ(both.record_notes, std::vector<std::string>{"approval: a1"});
  const WantedApproved limit{.principal = "lee", .action = "setLimit", .grant = "g1"};
  EXPECT_FALSE(ask(build({grant()}), limit).is_allowed);
  EXPECT_EQ(ask(build({grant(R"(["limits"])")}), limit).cause, Cause::kOverride)
      << "the policy can be waived, and this grant does";
}

TEST(ApprovedTest, WhoeverActsNeedsItNotWhoseRightItIs) {
  const WantedApproved lee{.principal = "lee"};
  EXPECT_FALSE(ask(build({delegation()}), lee).is_allowed);
  EXPECT_FALSE(ask(build({delegation(), GivenApproval{}.json()}), lee).is_allowed)
      << "what was approved is that kim does it";
  const GivenApproval of_lee{.principal = name_of("User", "lee")};
  const Told told = ask(build({delegation(), of_lee.json()}), lee);
  EXPECT_TRUE(told.is_allowed);
  EXPECT_EQ(told.delegation, "d1");
  EXPECT_EQ(told.approval, "a1");
  EXPECT_EQ(told.record_notes, std::vector<std::string>{"approval: a1"});
}

TEST(ApprovedTest, WithoutASchemaItIsThereToo) {
  const auto snapshot = try_build({GivenApproval{}.json()}, "");
  ASSERT_TRUE(snapshot) << snapshot.error().message;
  EXPECT_TRUE(ask(*snapshot).is_allowed);
  EXPECT_FALSE(ask(*snapshot, {.id = "p2"}).is_allowed);
}

TEST(ApprovedTest, PlainCedarKnowsNone) {
  constexpr char kPlain[] = "permit (principal, action, resource) when { context has approval };";
  const auto snapshot = try_build({GivenApproval{}.json()}, "", Mode::kCedar, kPlain);
  ASSERT_TRUE(snapshot) << snapshot.error().message;
  EXPECT_FALSE(ask(*snapshot).is_allowed);
  const auto strict = try_build({GivenApproval{}.json()}, "", Mode::kStrict, kPlain);
  ASSERT_TRUE(strict) << strict.error().message;
  EXPECT_TRUE(ask(*strict).is_allowed);
}

TEST(ApprovedTest, WhatIsMalformedIsRefused) {
  GivenApproval none;
  none.approvers = "[]";
  GivenApproval own;
  own.approvers = fmt::format("[{}, {}]", name_of("User", "chief"), name_of("User", "kim"));
  GivenApproval backward;
  backward.expires = backward.opens;
  GivenApproval nameless;
  nameless.target = name_of("Pump", "");
  GivenApproval nobody;
  nobody.approvers = "[" + name_of("User", "") + "]";
  for (const auto& [approval, why] :
       {std::pair(none, "nobody has given it"), std::pair(own, "nobody approves their own"),
        std::pair(backward, "is not after"), std::pair(nameless, "`target` must have"),
        std::pair(nobody, "`approvers` must have")}) {
    const auto snapshot = try_build({approval.json()}, std::string(kTypes) + kActions);
    ASSERT_FALSE(snapshot) << why;
    EXPECT_TRUE(snapshot.error().message.contains(why)) << snapshot.error().message;
  }
  const auto bare = try_build({entity("Wardlock::Approval", "a9")}, "");
  ASSERT_FALSE(bare);
  EXPECT_TRUE(bare.error().message.contains("`principal` is missing")) << bare.error().message;
}

TEST(ApprovedTest, ASchemaThatDeclaresItOtherwiseIsRefused) {
  const auto refusal = [](std::string_view declared) {
    const auto snapshot = try_build(
        {},
        std::string(kTypes) + kActions +
            fmt::format("action other appliesTo {{ principal: User, resource: Pump, context: {{ "
                        "{} }} }};",
                        declared));
    return snapshot ? std::string("none") : snapshot.error().message;
  };
  EXPECT_EQ(refusal("approval?: Wardlock::Approved"), "none");
  EXPECT_TRUE(refusal("approval: Wardlock::Approved").contains("as optional"));
  EXPECT_TRUE(refusal("approval?: String").contains("with another type"));
  EXPECT_TRUE(refusal("approval?: { id: String }").contains("with another type"));
}

}  // namespace
}  // namespace wardlock::pdp
