#include "pdp/delegated.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "codec/json.h"
#include "pdp/access.h"

namespace wardlock::pdp {
namespace {

constexpr std::int64_t kNow = 1'700'000'000'000;
constexpr std::int64_t kHour = 3'600'000;

constexpr char kSchema[] = R"(
  namespace Wardlock {
    type Delegated = { id: String, by: String, purpose: String, ticket: String, expiresAt: datetime };
    type Named = { type: String, id: String };
    entity Delegation = {
      delegator: Named, delegate: Named, target: Named, actions: Set<Action>, opensAt: datetime,
      expiresAt: datetime, by: String, purpose: String, ticket: String, onward: Bool,
      passesOn?: String,
    };
    type Override = { id: String, reason: String, expiresAt: datetime };
    entity Grant = { principal: User, target: Patient, actions: Set<Action>, opensAt: datetime,
                     expiresAt: datetime, reason: String };
  }
  entity User = { active: Bool };
  entity Caregiver;
  entity Service;
  entity Patient = { team: Set<User> };
  entity Report in [Patient];
  type Care = { delegation?: Wardlock::Delegated, override?: Wardlock::Override, place?: String };
  action view appliesTo { principal: [User, Caregiver, Patient], resource: [Patient, Report], context: Care };
  action edit appliesTo { principal: [User, Caregiver, Patient], resource: [Patient, Report], context: Care };
  action export appliesTo { principal: [User, Patient], resource: [Patient, Report], context: {} };
)";

constexpr char kPolicies[] = R"(
  @id("own") permit (principal is Patient, action, resource) when { resource in principal };
  @id("team") permit (principal is User, action, resource is Patient)
    when { principal.active && resource.team.contains(principal) };
  @id("caregiver") permit (principal is Caregiver, action == Action::"view", resource)
    when { context has delegation && context.delegation.by == "patient" };
  @id("cover") permit (principal is User, action in [Action::"view", Action::"edit"], resource)
    when { context has delegation && context.delegation.by == "person" };
  @id("glass") @override("break-glass") permit (principal is User, action, resource)
    when { context has override };
  @id("not-at-home") forbid (principal is User, action, resource)
    when { context has place && context.place == "home" };
  @id("mask") @obligation("mask") @terms("within: 5m; fields: address")
    forbid (principal is User, action, resource) when { context has delegation };
  @id("mask-more") @obligation("mask") @terms("within: 2m; fields: phone")
    forbid (principal is User, action, resource) unless { context has delegation };
)";

struct Given {
  std::string id = "d1";
  std::string from = R"({"type": "Patient", "id": "p1"})";
  std::string to = R"({"type": "Caregiver", "id": "carer"})";
  std::string target = R"({"type": "Patient", "id": "p1"})";
  std::string actions = R"([{"__entity": {"type": "Action", "id": "view"}}])";
  std::int64_t opens = kNow - kHour;
  std::int64_t expires = kNow + kHour;
  std::string by = "patient";
  bool onward = false;
  std::string passes_on = "";

  std::string json() const {
    const auto moment = [](std::int64_t ms) {
      const std::chrono::sys_time<std::chrono::milliseconds> time{std::chrono::milliseconds(ms)};
      return fmt::format(R"({{"__extn": {{"fn": "datetime", "arg": "{:%FT%T}Z"}}}})", time);
    };
    return fmt::format(
        R"({{"uid": {{"type": "Wardlock::Delegation", "id": "{}"}}, "parents": [], "attrs": {{
          "delegator": {}, "delegate": {}, "target": {}, "actions": {}, "opensAt": {},
          "expiresAt": {}, "by": "{}", "purpose": "FAMRQT", "ticket": "", "onward": {} {}}}}})",
        id, from, to, target, actions, moment(opens), moment(expires), by,
        onward ? "true" : "false",
        passes_on.empty() ? "" : fmt::format(R"(, "passesOn": "{}")", passes_on));
  }
};

std::string user(std::string_view name) {
  return fmt::format(R"({{"type": "User", "id": "{}"}})", name);
}

Given cover(std::string id, std::string_view from, std::string_view to) {
  return {
      .id = std::move(id),
      .from = user(from),
      .to = user(to),
      .actions =
          R"([{"__entity": {"type": "Action", "id": "view"}}, {"__entity": {"type": "Action", "id": "edit"}}])",
      .by = "person"};
}

std::string entity(std::string_view type, std::string_view id, std::string_view attributes = "{}",
                   std::string_view parents = "[]") {
  return fmt::format(R"({{"uid": {{"type": "{}", "id": "{}"}}, "attrs": {}, "parents": {}}})", type,
                     id, attributes, parents);
}

std::shared_ptr<const Snapshot> build(const std::vector<Given>& delegations,
                                      const std::string& more = "", bool grey_is_active = true,
                                      Mode mode = Mode::kStrict) {
  std::string all = fmt::format(
      "[{}, {}, {}, {}, {}, {}, {}", entity("Caregiver", "carer"),
      entity("User", "grey", fmt::format(R"({{"active": {}}})", grey_is_active)),
      entity("User", "cole", R"({"active": true})"), entity("User", "dana", R"({"active": true})"),
      entity("Patient", "p1", fmt::format(R"({{"team": [{{"__entity": {}}}]}})", user("grey"))),
      entity("Patient", "p2", R"({"team": []})"),
      entity("Report", "r1", "{}", R"([{"type": "Patient", "id": "p1"}])"));
  for (const Given& each : delegations) all += ", " + each.json();
  all += more + "]";
  Sources sources;
  sources.policies = {{"test.cedar", kPolicies}};
  sources.schemas = {{"test.cedarschema", kSchema}};
  sources.entities = Source{"entities.json", all};
  auto snapshot = build_snapshot(sources, mode);
  EXPECT_TRUE(snapshot) << (snapshot ? "" : snapshot.error().message);
  return snapshot ? *snapshot : nullptr;
}

struct Wanted {
  std::string type = "Caregiver", principal = "carer", action = "view", resource_type = "Patient",
              resource = "p1", context = "{}", grant = "";
  bool masks = true;
  std::int64_t at = kNow;
  std::uint64_t max_steps = cedar::StepBudget::kDefault;
};

class Asked {
 public:
  Asked(const Snapshot& snapshot, const Wanted& wanted) {
    const codec::Json context = *codec::parse_json(wanted.context);
    const std::vector<std::string_view> masks = {"mask"};
    const Caller caller = Caller::unrestricted("test");
    AccessRequest request{.principal = {wanted.type, wanted.principal},
                          .action = wanted.action,
                          .resource = {wanted.resource_type, wanted.resource},
                          .context = &context.as_object(),
                          .grant = wanted.grant,
                          .caller = &caller};
    request.max_steps = wanted.max_steps;
    if (wanted.masks) request.supported_obligations = masks;
    const auto decided = decide(snapshot, request, wanted.at, arena_);
    EXPECT_TRUE(decided) << (decided ? "" : decided.error().message);
    if (decided) decision = *decided;
    const auto shortly = is_allowed(snapshot, request, wanted.at);
    EXPECT_TRUE(shortly && *shortly == decision.is_allowed) << "is_allowed says another thing";
  }

  AccessDecision decision;

 private:
  Arena arena_;
};

bool allows(const Snapshot& snapshot, const Wanted& wanted = {}) {
  return Asked(snapshot, wanted).decision.is_allowed;
}

Wanted by_user(std::string name, std::string action = "view") {
  return {.type = "User", .principal = std::move(name), .action = std::move(action)};
}

TEST(Delegated, ACaregiverSeesWhatThePatientSeesAndDelegated) {
  const auto snapshot = build({Given()});
  const Asked asked(*snapshot, {});
  ASSERT_TRUE(asked.decision.is_allowed);
  EXPECT_EQ(asked.decision.cause, Cause::kPermit);
  ASSERT_TRUE(asked.decision.delegation);
  EXPECT_EQ(asked.decision.delegation->id, "d1");
  EXPECT_EQ(to_text(*asked.decision.delegation->delegator), R"(Patient::"p1")");
  EXPECT_EQ(asked.decision.expires_at, kNow + kHour);
  const auto& ids = asked.decision.policies;
  EXPECT_EQ(std::vector(ids.begin(), ids.end()),
            (std::vector<std::string_view>{"caregiver", "own"}))
      << "both decisions are stated";
  EXPECT_TRUE(allows(*snapshot, {.resource_type = "Report", .resource = "r1"})) << "what is in it";
  EXPECT_FALSE(allows(*snapshot, {.resource = "p2"}));
  EXPECT_FALSE(allows(*snapshot, {.principal = "other"}));
  EXPECT_FALSE(allows(*snapshot, {.action = "edit"})) << "not delegated";
  EXPECT_FALSE(allows(*build({})));
}

TEST(Delegated, OwnRightNeedsNone) {
  const auto snapshot = build({cover("d1", "dana", "grey")});
  const Asked asked(*snapshot, by_user("grey"));
  EXPECT_TRUE(asked.decision.is_allowed);
  EXPECT_FALSE(asked.decision.delegation);
}

TEST(Delegated, ItCountsFromItsBeginningToItsEnd) {
  const auto snapshot = build({{.opens = kNow, .expires = kNow + 1000}});
  EXPECT_FALSE(allows(*snapshot, {.at = kNow - 1}));
  EXPECT_TRUE(allows(*snapshot, {.at = kNow}));
  EXPECT_TRUE(allows(*snapshot, {.at = kNow + 999}));
  EXPECT_FALSE(allows(*snapshot, {.at = kNow + 1000}));
  EXPECT_TRUE(allows(*snapshot, {.at = kNow + 1})) << "each decision by its own moment";
}

TEST(Delegated, OfOverlappingOnesAnyDoes) {
  const auto snapshot = build({{.id = "a", .expires = kNow - 1000},
                               {.id = "b", .target = R"({"type": "Patient", "id": "p2"})"},
                               {.id = "c", .expires = kNow + 5000},
                               {.id = "d"}});
  const Asked asked(*snapshot, {});
  ASSERT_TRUE(asked.decision.delegation);
  EXPECT_EQ(asked.decision.delegation->id, "c");
  EXPECT_EQ(asked.decision.expires_at, kNow + 5000);
  EXPECT_TRUE(allows(*snapshot, {.at = kNow + 6000})) << "the other one goes on";
}

TEST(Delegated, NobodyHasMoreThanTheDelegatorHasNow) {
  EXPECT_TRUE(allows(*build({cover("d1", "grey", "cole")}), by_user("cole", "edit")));
  EXPECT_FALSE(allows(*build({cover("d1", "dana", "cole")}), by_user("cole", "edit")))
      << "dana is not on the team";
  EXPECT_FALSE(allows(*build({cover("d1", "grey", "cole")}, "", false), by_user("cole", "edit")))
      << "grey is not active any more";
  EXPECT_FALSE(allows(*build({cover("d1", "nobody", "cole")}), by_user("cole", "edit")))
      << "of whom nothing is known";
}

TEST(Delegated, TheDelegateMustBeAllowedToo) {
  Given edit;
  edit.actions = R"([{"__entity": {"type": "Action", "id": "edit"}}])";
  EXPECT_FALSE(allows(*build({edit}), {.action = "edit"}))
      << "patients may edit theirs here, and no policy lets caregivers";
  const auto snapshot = build({cover("d1", "grey", "cole")});
  Wanted at_home = by_user("cole", "edit");
  at_home.context = R"({"place": "home"})";
  EXPECT_FALSE(allows(*snapshot, at_home)) << "a forbid for one of them";
}

TEST(Delegated, WhatAnActionDoesNotDeclareIsNotDelegated) {
  Given all = cover("d1", "grey", "cole");
  all.actions = R"([{"__entity": {"type": "Action", "id": "export"}}])";
  EXPECT_TRUE(allows(*build({all}), by_user("grey", "export")));
  EXPECT_FALSE(allows(*build({all}), by_user("cole", "export")));
}

TEST(Delegated, TheDelegatorIsOneWhomTheActionIsFor) {
  Given service = cover("d1", "grey", "cole");
  service.from = R"({"type": "Service", "id": "s"})";
  EXPECT_FALSE(allows(*build({service}, ", " + entity("Service", "s")), by_user("cole")));
}

TEST(Delegated, WhatEitherOwesIsOwedAndTheStricterCounts) {
  const auto snapshot = build({cover("d1", "grey", "cole")});
  const Asked asked(*snapshot, by_user("cole"));
  ASSERT_TRUE(asked.decision.is_allowed);
  ASSERT_EQ(asked.decision.obligations.size(), 1U);
  ASSERT_EQ(asked.decision.terms.size(), 2U);
  for (const ObligationTerm& term : asked.decision.terms) {
    if (term.name == "within") {
      EXPECT_EQ(term.within_ms, 120'000);
    }
    if (term.name == "fields") {
      EXPECT_EQ(std::vector(term.words.begin(), term.words.end()),
                (std::vector<std::string_view>{"address", "phone"}));
    }
  }
  Wanted without = by_user("cole");
  without.masks = false;
  EXPECT_FALSE(allows(*snapshot, without)) << "who cannot fulfil it is denied";
}

TEST(Delegated, NeverAnOverride) {
  const auto grant = [](std::string_view who) {
    return fmt::format(
        R"(, {{"uid": {{"type": "Wardlock::Grant", "id": "g"}}, "parents": [], "attrs": {{
          "principal": {{"__entity": {}}}, "target": {{"__entity": {{"type": "Patient", "id": "p2"}}}},
          "actions": [{{"__entity": {{"type": "Action", "id": "view"}}}}], "reason": "x",
          "opensAt": {{"__extn": {{"fn": "datetime", "arg": "2020-01-01"}}}},
          "expiresAt": {{"__extn": {{"fn": "datetime", "arg": "2030-01-01"}}}}}}}})",
        user(who));
  };
  Given of_other = cover("d1", "dana", "cole");
  of_other.target = R"({"type": "Patient", "id": "p2"})";
  const auto snapshot = build({of_other}, grant("dana"));
  Wanted wanted = by_user("dana");
  wanted.resource = "p2";
  wanted.grant = "g";
  EXPECT_TRUE(allows(*snapshot, wanted)) << "dana herself";
  wanted.principal = "cole";
  EXPECT_FALSE(allows(*snapshot, wanted)) << "her grant is not delegated";
  EXPECT_FALSE(allows(*build({of_other}), wanted));
}

TEST(Delegated, AChainIsCheckedLinkByLink) {
  Given first = cover("d1", "grey", "cole");
  first.onward = true;
  Given second = cover("d2", "cole", "dana");
  second.passes_on = "d1";
  const auto snapshot = build({first, second});
  const Asked asked(*snapshot, by_user("dana"));
  ASSERT_TRUE(asked.decision.is_allowed);
  EXPECT_EQ(asked.decision.delegation->id, "d2");
  EXPECT_EQ(to_text(*asked.decision.delegation->delegator), R"(User::"grey")") << "whose right";

  EXPECT_FALSE(allows(*build({second}), by_user("dana"))) << "the first is revoked";
  Given other = first;
  other.onward = false;
  EXPECT_FALSE(allows(*build({other, second}), by_user("dana"))) << "not to be passed on";
  other = first;
  other.expires = kNow;
  EXPECT_FALSE(allows(*build({other, second}), by_user("dana"))) << "it is over";
  other = first;
  other.actions = R"([{"__entity": {"type": "Action", "id": "edit"}}])";
  EXPECT_FALSE(allows(*build({other, second}), by_user("dana"))) << "it is for less";
  other = first;
  other.target = R"({"type": "Patient", "id": "p2"})";
  EXPECT_FALSE(allows(*build({other, second}), by_user("dana"))) << "for another";
  other = first;
  other.to = user("other");
  EXPECT_FALSE(allows(*build({other, second}), by_user("dana"))) << "to another";
  Given alone = second;
  alone.passes_on = "";
  EXPECT_FALSE(allows(*build({first, alone}), by_user("dana")))
      << "cole has no right of his own: one without a link does not use grey's";
}

TEST(Delegated, AChainHasAnEnd) {
  std::vector<Given> chain;
  std::string users;
  const auto name = [](int i) { return i == 0 ? std::string("grey") : fmt::format("u{}", i); };
  for (int i = 0; i <= kMostLinks; ++i) {
    Given link = cover(fmt::format("d{}", i), name(i), name(i + 1));
    link.onward = true;
    if (i > 0) link.passes_on = fmt::format("d{}", i - 1);
    chain.push_back(link);
    users += ", " + entity("User", name(i + 1), R"({"active": true})");
  }
  const auto snapshot = build(chain, users);
  EXPECT_TRUE(allows(*snapshot, by_user(name(kMostLinks))));
  EXPECT_FALSE(allows(*snapshot, by_user(name(kMostLinks + 1))));
}

TEST(Delegated, ACircleEndsAndGivesNothing) {
  Given one = cover("d1", "dana", "cole");
  Given other = cover("d2", "cole", "dana");
  one.onward = other.onward = true;
  one.passes_on = "d2";
  other.passes_on = "d1";
  const auto snapshot = build({one, other});
  EXPECT_FALSE(allows(*snapshot, by_user("cole")));
  EXPECT_FALSE(allows(*snapshot, by_user("dana")));
}

TEST(Delegated, NothingOfItIsFromTheCaller) {
  const auto snapshot = build({});
  const codec::Json context = *codec::parse_json(
      R"({"delegation": {"id": "d", "by": "patient", "purpose": "", "ticket": ""}})");
  const Caller caller = Caller::unrestricted("test");
  Arena arena;
  const auto decided = decide(*snapshot,
                              {.principal = {"Caregiver", "carer"},
                               .action = "view",
                               .resource = {"Patient", "p1"},
                               .context = &context.as_object(),
                               .grant = {},
                               .caller = &caller},
                              kNow, arena);
  ASSERT_FALSE(decided);
  EXPECT_TRUE(decided.error().message.contains("context.delegation is filled by the PDP"));
}

TEST(Delegated, WhatIsTooMuchWorkIsDenied) {
  const auto snapshot = build({Given()});
  Wanted wanted;
  wanted.max_steps = 1;
  EXPECT_FALSE(allows(*snapshot, wanted));
}

TEST(Delegated, AMalformedOneIsRefusedWithTheEntities) {
  const auto error = [](const Given& given) {
    Sources sources;
    sources.policies = {{"test.cedar", kPolicies}};
    sources.entities = Source{"entities.json", "[" + given.json() + "]"};
    const auto built = build_snapshot(sources, Mode::kStrict);
    return built ? std::string() : built.error().message;
  };
  EXPECT_EQ(error(Given()), "");
  EXPECT_TRUE(error({.to = R"({"type": "Patient", "id": "p1"})"}).contains("to themselves"));
  EXPECT_TRUE(error({.opens = kNow, .expires = kNow}).contains("not after"));
  EXPECT_TRUE(error({.from = R"("p1")"}).contains("`delegator` must be of type"));
  EXPECT_TRUE(error({.from = R"({"type": "Patient"})"}).contains("texts `type` and `id`"));
  EXPECT_TRUE(error({.target = R"({"type": "", "id": "p1"})"}).contains("texts `type` and `id`"));
  EXPECT_TRUE(error({.actions = R"(["view"])"}).contains("type entity"));
}

TEST(Delegated, TheSchemaMustDeclareItAsItIs) {
  const auto error = [](std::string schema) {
    Sources sources;
    sources.policies = {{"test.cedar", "permit (principal, action, resource);"}};
    sources.schemas = {{"test.cedarschema", std::move(schema)}};
    const auto built = build_snapshot(sources, Mode::kStrict);
    return built ? std::string() : built.error().message;
  };
  constexpr std::string_view kRest =
      "entity User; action view appliesTo { principal: User, resource: User, context: ";
  const std::string type =
      "{ id: String, by: String, purpose: String, ticket: String, expiresAt: datetime }";
  EXPECT_EQ(error(fmt::format("{}{{ delegation?: {} }} }};", kRest, type)), "");
  EXPECT_TRUE(error(fmt::format("{}{{ delegation: {} }} }};", kRest, type))
                  .contains("`delegation?` as optional"));
  EXPECT_TRUE(error(fmt::format("{}{{ delegation?: {{ id: String }} }} }};", kRest))
                  .contains("context key that Wardlock fills"));
}

TEST(Delegated, ManyOfOthersCostNothing) {
  std::vector<Given> many;
  for (int i = 0; i < 500; ++i) {
    many.push_back(cover(fmt::format("x{}", i), "grey", fmt::format("u{}", i)));
  }
  many.emplace_back();
  const auto snapshot = build(many);
  ASSERT_EQ(snapshot->delegations.size(), 501U);
  const cedar::EntityUid carer{"Caregiver", "carer", cedar::hash_uid("Caregiver", "carer")};
  EXPECT_EQ(delegations_to(snapshot->delegations, carer).size(), 1U);
  EXPECT_TRUE(allows(*snapshot));
}

TEST(Delegated, ManyOfOneKeepNobodyElsesFromCounting) {
  std::vector<Given> many;
  for (const std::string_view from : {"dana", "eve"}) {
    for (int i = 0; i < 40; ++i) many.push_back(cover(fmt::format("{}{}", from, i), from, "cole"));
  }
  many.push_back(cover("z", "grey", "cole"));
  EXPECT_TRUE(allows(*build(many), by_user("cole")));
}

TEST(Delegated, PlainCedarKnowsNone) {
  EXPECT_FALSE(allows(*build({}, "", true)));
  Sources sources;
  sources.policies = {{"test.cedar", "permit (principal is Patient, action, resource);"}};
  sources.entities = Source{"entities.json", "[" + Given().json() + "]"};
  const auto snapshot = build_snapshot(sources, Mode::kCedar);
  ASSERT_TRUE(snapshot);
  EXPECT_FALSE(allows(**snapshot));
}

}  // namespace
}  // namespace wardlock::pdp
