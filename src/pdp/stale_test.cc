// What decisions make of attributes whose source has fallen silent.
#include "pdp/stale.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cedar/entities/entity_changes.h"
#include "codec/json.h"
#include "pdp/access.h"

namespace wardlock::pdp {
namespace {

constexpr std::int64_t kNow = 1'700'000'000'000;

constexpr char kSchema[] = R"(
  namespace Wardlock {
    type Override = { id: String, reason: String, expiresAt: datetime };
    entity Grant = { principal: User, target: Patient, actions: Set<Action>, opensAt: datetime,
                     expiresAt: datetime, reason: String, waives?: Set<String> };
  }
  entity User = {
    @source("rota") @fresh("15m") @stale("deny") onCall?: Bool,
    @source("rota") @fresh("15m") @stale("emergency 8h") badge?: Bool,
  };
  entity Patient = { @source("rtls") @fresh("1m") @stale("last-known 1h") away?: Bool };
  entity Report = { patient: Patient };
  type Care = { override?: Wardlock::Override };
  action view appliesTo { principal: User, resource: [Patient, Report], context: Care };
  action edit appliesTo { principal: User, resource: Patient, context: Care };
  @audit("safety") action stop appliesTo { principal: User, resource: Patient, context: {} };
)";

constexpr char kPolicies[] = R"(
  @id("on-call") permit (principal, action == Action::"view", resource)
    when { principal has onCall && principal.onCall };
  @id("in-bed") forbid (principal, action == Action::"view", resource is Report)
    unless { resource.patient has away && !resource.patient.away };
  @id("glass") @override("break-glass") permit (principal, action in [Action::"view", Action::"edit"], resource)
    when { context has override && principal has badge && principal.badge };
  @id("visited") @waivable("break-glass") forbid (principal, action == Action::"edit", resource)
    unless { principal has badge && principal.badge };
  @id("stop") permit (principal, action == Action::"stop", resource);
)";

constexpr char kGrant[] = R"({"uid": {"type": "Wardlock::Grant", "id": "g1"}, "parents": [],
  "attrs": {"principal": {"__entity": {"type": "User", "id": "u"}},
    "target": {"__entity": {"type": "Patient", "id": "p"}},
    "actions": [{"__entity": {"type": "Action", "id": "view"}},
                {"__entity": {"type": "Action", "id": "edit"}}],
    "opensAt": {"__extn": {"fn": "datetime", "arg": "2023-11-14T21:00:00Z"}},
    "expiresAt": {"__extn": {"fn": "datetime", "arg": "2023-11-15T21:00:00Z"}},
    "reason": "emergency"}})";

/// What is known, and what of it is stale.
struct Known {
  std::string user = "{}";
  std::string patient = "{}";
  std::string stale_user = "";
  std::string stale_patient = "";
};

class Staleness : public testing::Test {
 protected:
  void know(const Known& known) {
    Sources sources;
    sources.policies = {{"a.cedar", kPolicies}};
    sources.schemas = {{"a.cedarschema", kSchema}};
    sources.entities =
        Source{"a.json",
               fmt::format(R"([{{"uid": {{"type": "User", "id": "u"}}, "attrs": {}, "parents": []}},
          {{"uid": {{"type": "Patient", "id": "p"}}, "attrs": {}, "parents": []}},
          {{"uid": {{"type": "Report", "id": "r"}}, "parents": [],
            "attrs": {{"patient": {{"__entity": {{"type": "Patient", "id": "p"}}}}}}}}, {}])",
                           known.user, known.patient, kGrant)};
    const auto built = build_snapshot(sources, Mode::kStrict);
    ASSERT_TRUE(built) << built.error().message;
    cedar::EntityChanges changes;
    add_stale("User", "u", known.stale_user, changes);
    add_stale("Patient", "p", known.stale_patient, changes);
    auto entities = (*built)->entities.apply(changes);
    ASSERT_TRUE(entities);
    const auto made = make_snapshot((*built)->rulebook, *std::move(entities), sources.types, 2);
    ASSERT_TRUE(made) << made.error().message;
    snapshot_ = *made;
  }

  AccessDecision ask(std::string_view action, std::string_view type = "Patient",
                     std::string_view grant = "") {
    const Caller caller = Caller::unrestricted("test");
    const AccessRequest access{.principal = {.type = "User", .id = "u"},
                               .action = action,
                               .resource = {.type = type, .id = type == "Patient" ? "p" : "r"},
                               .grant = grant,
                               .caller = &caller};
    const auto decision = decide(*snapshot_, access, kNow, arena_);
    EXPECT_TRUE(decision) << decision.error().message;
    return decision ? *decision : AccessDecision();
  }

  static std::string stale(const AccessDecision& decision) {
    return fmt::format("{}", fmt::join(decision.stale, " "));
  }

  std::shared_ptr<const Snapshot> snapshot_;
  Arena arena_;

 private:
  static void add_stale(std::string_view type, std::string_view id, std::string_view attribute,
                        cedar::EntityChanges& changes) {
    if (attribute.empty()) return;
    Arena& arena = changes.arena();
    const auto* uid = cedar::make_uid(arena, type, id);
    const std::vector<cedar::Field> fields = {
        {arena.copy(attribute), cedar::Value::boolean(attribute != "away")}};
    changes.put({.uid = stale_uid_of(*uid, arena), .attributes = arena.copy(fields)});
  }
};

TEST_F(Staleness, IsNotSaidOfWhatIsFresh) {
  know({.user = R"({"onCall": true})"});
  const AccessDecision decision = ask("view");
  EXPECT_TRUE(decision.is_allowed);
  EXPECT_EQ(stale(decision), "User.badge");  // an override would want to know
}

TEST_F(Staleness, OfAnAttributeThatIsAbsentDeniesAndIsSaid) {
  know({});
  const AccessDecision decision = ask("view");
  EXPECT_FALSE(decision.is_allowed);
  EXPECT_EQ(decision.cause, Cause::kNoPermit);
  EXPECT_TRUE(stale(decision).contains("User.onCall")) << stale(decision);
}

TEST_F(Staleness, OfTheLastKnownValueIsSaidThoughItCounts) {
  know({.user = R"({"onCall": true})", .patient = R"({"away": false})", .stale_patient = "away"});
  const AccessDecision decision = ask("view", "Report");
  EXPECT_TRUE(decision.is_allowed);
  EXPECT_TRUE(stale(decision).contains("Patient.away")) << stale(decision);
}

TEST_F(Staleness, HasAForbidForbid) {
  know({.user = R"({"onCall": true})"});
  const AccessDecision decision = ask("view", "Report");
  EXPECT_FALSE(decision.is_allowed);
  EXPECT_EQ(decision.cause, Cause::kForbid);
  EXPECT_TRUE(stale(decision).contains("Patient.away")) << stale(decision);
}

TEST_F(Staleness, IsSeenByAnOverrideWhereItIsKeptForThat) {
  know({.stale_user = "badge"});
  EXPECT_FALSE(ask("view").is_allowed);  // everyday
  EXPECT_TRUE(ask("view").is_override_possible);
  const AccessDecision overridden = ask("view", "Patient", "g1");
  EXPECT_TRUE(overridden.is_allowed);
  EXPECT_EQ(overridden.cause, Cause::kOverride);
  EXPECT_EQ(stale(overridden), "User.badge User.onCall");
}

/// What a grant must waive is found out among what the override sees.
TEST_F(Staleness, IsSeenByWhatAnOverrideWouldWaive) {
  know({.stale_user = "badge"});
  EXPECT_FALSE(ask("edit").is_allowed);
  EXPECT_TRUE(ask("edit", "Patient", "g1").is_allowed);
}

TEST_F(Staleness, IsNotSeenByAnOverrideWhereNothingIsKept) {
  know({});
  EXPECT_FALSE(ask("view", "Patient", "g1").is_allowed);
  EXPECT_FALSE(ask("view").is_override_possible);
  // What is kept otherwise is not kept for emergencies.
  know({.stale_user = "onCall"});
  EXPECT_FALSE(ask("view", "Patient", "g1").is_allowed);
}

TEST_F(Staleness, StopsNothingThatMakesSafer) {
  know({});
  const AccessDecision decision = ask("stop");
  EXPECT_TRUE(decision.is_allowed);
  EXPECT_EQ(stale(decision), "");
}

TEST_F(Staleness, IsNotEndedByWhatTheCallerSays) {
  know({});
  const Caller caller = Caller::unrestricted("test");
  const auto said = codec::parse_json(R"({"onCall": true})");
  ASSERT_TRUE(said);
  const AccessRequest access{
      .principal = {.type = "User", .id = "u", .properties = &said->as_object()},
      .action = "view",
      .resource = {.type = "Patient", .id = "p"},
      .grant = {},
      .caller = &caller};
  const auto decision = decide(*snapshot_, access, kNow, arena_);
  ASSERT_TRUE(decision);
  EXPECT_FALSE(decision->is_allowed);
  ASSERT_EQ(decision->notes.size(), 1U);
  EXPECT_TRUE(decision->notes.front().contains("differs from the source `rota`, which counts"))
      << decision->notes.front();
}

}  // namespace
}  // namespace wardlock::pdp
