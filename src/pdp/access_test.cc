#include "pdp/access.h"

#include <gtest/gtest.h>

#include "cedar/parser/parser.h"
#include "codec/json.h"

namespace wardlock::pdp {
namespace {

const Caller kCaller = Caller::unrestricted("test");
constexpr std::int64_t kNow = 1'700'000'000'000;

constexpr char kSchema[] = R"(
  entity Role;
  entity User in [Role] = { level: Long, @source("request") device?: String };
  entity Chart = { owner: User, @source("request") draft?: Bool };
  type Override = { id: String, reason: String, expiresAt: datetime };
  action view appliesTo {
    principal: User, resource: Chart,
    context: { now: datetime, override?: Override, purpose?: String, from?: ipaddr, by?: User }
  };
  action edit appliesTo { principal: User, resource: Chart, context: { rate: Long } };
)";

constexpr char kEntities[] = R"([
  {"uid": {"type": "User", "id": "ada"}, "attrs": {"level": 3}, "parents": []},
  {"uid": {"type": "Chart", "id": "c1"},
   "attrs": {"owner": {"__entity": {"type": "User", "id": "ada"}}}, "parents": []}
])";

std::shared_ptr<const Snapshot> build(const std::string& policies, const char* schema,
                                      const char* entities = kEntities, Mode mode = Mode::kStrict) {
  Sources sources;
  sources.policies = {{"test.cedar", policies}};
  if (schema != nullptr) sources.schemas = {{"test.cedarschema", schema}};
  sources.entities = Source{"entities.json", entities};
  auto snapshot = build_snapshot(sources, mode);
  EXPECT_TRUE(snapshot) << snapshot.error().message;
  return snapshot ? *snapshot : nullptr;
}

Arena arena;  ///< what the decisions borrow from

/// A request with JSON parts that live as long as it does.
struct Question {
  std::string principal_type = "User", principal = "ada", action = "view", resource = "c1";
  std::string principal_properties = "{}", resource_properties = "{}", action_properties = "{}",
              context = "{}";
  std::string resource_type = "Chart";
};

Result<AccessDecision> ask(const Snapshot& snapshot, const Question& q) {
  const codec::Json principal = *codec::parse_json(q.principal_properties);
  const codec::Json resource = *codec::parse_json(q.resource_properties);
  const codec::Json action = *codec::parse_json(q.action_properties);
  const codec::Json context = *codec::parse_json(q.context);
  const AccessRequest request{.principal = {q.principal_type, q.principal, &principal.as_object()},
                              .action = q.action,
                              .action_properties = &action.as_object(),
                              .resource = {q.resource_type, q.resource, &resource.as_object()},
                              .context = &context.as_object(),
                              .grant = "",
                              .supported_obligations = {},
                              .caller = &kCaller};
  return decide(snapshot, request, kNow, arena);
}

/// Whether a policy with this condition permits.
bool permits(const std::string& condition, const Question& q, const char* schema) {
  const auto snapshot =
      build("permit (principal, action, resource) when { " + condition + " };", schema);
  const auto decision = ask(*snapshot, q);
  EXPECT_TRUE(decision) << decision.error().message;
  return decision && decision->is_allowed;
}

std::string error_of(const Question& q, const char* schema) {
  const auto snapshot = build("permit (principal, action, resource);", schema);
  const auto decision = ask(*snapshot, q);
  return decision ? "" : decision.error().message;
}

TEST(Attributes, TheDirectoryCountsAndDifferencesAreNoted) {
  const auto snapshot =
      build("permit (principal, action, resource) when { principal.level == 3 };", kSchema);
  const auto decision = ask(*snapshot, {.principal_properties = R"({"level": 9})"});
  ASSERT_TRUE(decision);
  EXPECT_TRUE(decision->is_allowed);
  ASSERT_EQ(decision->notes.size(), 1U);
  EXPECT_NE(decision->notes[0].find("differs from the directory"), std::string::npos);
}

TEST(Attributes, TheApplicationOwnsWhatTheSchemaSays) {
  EXPECT_TRUE(permits("principal has device && principal.device == \"d1\"",
                      {.principal_properties = R"({"device": "d1"})"}, kSchema));
  EXPECT_TRUE(permits("resource has draft && resource.draft && resource.owner == principal",
                      {.resource_properties = R"({"draft": true})"}, kSchema));
}

TEST(Attributes, AnUnknownEntityGetsNothingOfTheDirectorys) {
  const auto snapshot =
      build("permit (principal, action, resource) when { principal.level == 9 };", kSchema);
  const auto decision =
      ask(*snapshot, {.principal = "eve", .principal_properties = R"({"level": 9})"});
  ASSERT_TRUE(decision);
  EXPECT_FALSE(decision->is_allowed);
  EXPECT_FALSE(decision->notes.empty());
}

TEST(Attributes, WithoutASchemaTheRequestAddsWhatIsNotStored) {
  EXPECT_TRUE(permits("principal.level == 3 && principal.extra == \"x\"",
                      {.principal_properties = R"({"level": 9, "extra": "x"})"}, nullptr));
  EXPECT_TRUE(permits("principal.extra == 1",
                      {.principal = "eve", .principal_properties = R"({"extra": 1})"}, nullptr));
}

TEST(Attributes, UndeclaredOnesAreLeftOutAndNoted) {
  const auto snapshot = build("permit (principal, action, resource);", kSchema);
  const auto decision = ask(*snapshot, {.principal_properties = R"({"nickname": "a"})"});
  ASSERT_TRUE(decision);
  EXPECT_EQ(decision->notes.size(), 1U);
}

TEST(Attributes, EscapesCountOnlyWhereTheSchemaExpectsThem) {
  EXPECT_TRUE(permits(
      "principal.x[\"__entity\"].id == \"a\"",
      {.principal_properties = R"({"x": {"__entity": {"type": "User", "id": "a"}}})"}, nullptr));
  EXPECT_TRUE(permits("context.by == User::\"ada\"",
                      {.context = R"({"by": {"type": "User", "id": "ada"}})"}, kSchema));
  EXPECT_TRUE(permits("context.from.isInRange(ip(\"10.0.0.0/8\"))",
                      {.context = R"({"from": "10.1.2.3"})"}, kSchema));
}

TEST(Context, NullIsAbsent) {
  EXPECT_TRUE(permits("!(context has purpose)", {.context = R"({"purpose": null})"}, kSchema));
  EXPECT_TRUE(permits("!(context has x)", {.context = R"({"x": null})"}, nullptr));
}

TEST(Context, ThePdpFillsItsKeys) {
  EXPECT_TRUE(permits("context.now == datetime(\"2023-11-14T22:13:20Z\")", {}, kSchema));
  EXPECT_TRUE(permits("context.now == datetime(\"2023-11-14T22:13:20Z\")", {}, nullptr));
  EXPECT_TRUE(
      permits("context.action.method == \"GET\" && context.authentication.level == 0 && "
              "context.pep.id == \"test\" && !(context has override)",
              {.action_properties = R"({"method": "GET"})"}, nullptr));
  // With a schema only what the action's context declares.
  EXPECT_TRUE(permits("!(context has pep) && !(context has action)", {}, kSchema));
}

TEST(Context, UndeclaredKeysAreLeftOutAndNoted) {
  const auto snapshot = build("permit (principal, action, resource);", kSchema);
  const auto decision = ask(*snapshot, {.context = R"({"colour": "red"})"});
  ASSERT_TRUE(decision);
  EXPECT_TRUE(decision->is_allowed);
  ASSERT_EQ(decision->notes.size(), 1U);
  EXPECT_NE(decision->notes[0].find("colour"), std::string::npos);
}

TEST(Requests, AreRefusedWhereTheyMakeNoSense) {
  for (const char* key : {"action", "authentication", "now", "override", "pep"}) {
    EXPECT_NE(error_of({.context = std::string("{\"") + key + "\": 1}"}, nullptr), "") << key;
    EXPECT_NE(error_of({.context = std::string("{\"") + key + "\": 1}"}, kSchema), "") << key;
  }
  const auto refused = [](const Question& q, const char* schema) {
    EXPECT_NE(error_of(q, schema), "") << q.principal_type << ' ' << q.action << ' ' << q.context;
  };
  refused({.principal_type = ""}, nullptr);
  refused({.principal_type = "a b"}, nullptr);
  refused({.principal_type = "User::\"x\""}, nullptr);
  refused({.principal_type = "__cedar::User"}, nullptr);
  refused({.principal_type = "Action"}, nullptr);
  refused({.principal_type = "if"}, nullptr);
  refused({.principal = "a\nb"}, nullptr);
  refused({.principal = "\u202Eada"}, nullptr);
  refused({.resource = std::string("c\0", 2)}, nullptr);
  refused({.action = "vi\tew"}, nullptr);
  refused({.action = "Action::\"view"}, nullptr);
  refused({.context = R"({"x": 1.5})"}, nullptr);
  refused({.context = R"({"x": 9223372036854775808})"}, nullptr);
  refused({.principal_properties = R"({"x": [1, 2.5]})"}, nullptr);
  refused({.principal_properties = R"({"level": "three"})"}, kSchema);
  refused({.principal_properties = R"({"device": 1})"}, kSchema);
  refused({.action = "delete"}, kSchema);
  refused({.action = "edit"}, kSchema);  // without its required rate
  refused({.action = "edit", .context = R"({"rate": "1"})"}, kSchema);
  refused({.context = R"({"from": "not an address"})"}, kSchema);
  refused({.context = R"({"by": {"type": "Chart", "id": "c1"}})"}, kSchema);
  refused({.principal_type = "Role", .principal = "Physician"}, kSchema);
  refused({.resource_type = "User"}, kSchema);
}

TEST(Requests, AnActionCanBeNamedInFull) {
  EXPECT_TRUE(permits("action == Action::\"view\"", {.action = "Action::\"view\""}, kSchema));
  EXPECT_TRUE(permits("action == Ns::Action::\"go\"", {.action = "Ns::Action::\"go\""}, nullptr));
}

TEST(Snapshots, AreRefusedWithAllThatIsWrong) {
  const auto error = [](const Sources& sources) {
    const auto snapshot = build_snapshot(sources, Mode::kStrict);
    return snapshot ? std::string() : snapshot.error().message;
  };
  const auto policies = [](const char* text) {
    return Sources{.policies = {{"a.cedar", text}}, .links = {}, .schemas = {}, .entities = {}};
  };
  EXPECT_NE(error(policies("permit(principal, action);")).find("a.cedar:1:"), std::string::npos);
  EXPECT_NE(error(policies("@override(\"break-glass\") permit(principal, action, resource);")), "");
  Sources twice = policies("@id(\"x\") permit(principal, action, resource);");
  twice.policies.push_back({"b.cedar", twice.policies[0].text});
  EXPECT_NE(error(twice).find("`x` occurs twice"), std::string::npos);
  Sources bad_schema = policies("");
  bad_schema.schemas = {{"s.cedarschema", "entity User in [Nothing];"}};
  EXPECT_NE(error(bad_schema).find("Nothing"), std::string::npos);
  bad_schema.schemas = {
      {"s.cedarschema",
       "entity U; action a appliesTo { principal: U, resource: U, context: { now: Long } };"}};
  EXPECT_NE(error(bad_schema).find("now"), std::string::npos);
  bad_schema.schemas = {
      {"s.cedarschema",
       "entity U; action a appliesTo { principal: U, resource: U, context: { override: "
       "{ id: String, reason: String, expiresAt: datetime } } };"}};
  EXPECT_NE(error(bad_schema).find("optional"), std::string::npos);
  Sources bad_entities = policies("");
  bad_entities.entities = Source{"e.json", "[{]"};
  EXPECT_NE(error(bad_entities).find("e.json"), std::string::npos);
  Sources bad_link = policies("permit(principal == ?principal, action, resource);");
  bad_link.links = Source{"l.json", R"([{"templateId": "policy0", "newId": "a", "values": {}}])"};
  EXPECT_NE(error(bad_link).find("?principal"), std::string::npos);
}

TEST(Snapshots, NamePoliciesByAnnotationThenByFile) {
  Sources sources;
  sources.policies = {{"dir/a.cedar", "permit(principal, action, resource);"},
                      {"dir/b.cedar",
                       "@id(\"mine\") forbid(principal, action, resource); "
                       "permit(principal, action, resource);"}};
  const auto snapshot = build_snapshot(sources, Mode::kStrict);
  ASSERT_TRUE(snapshot);
  std::vector<std::string> ids;
  for (const auto& policy : (*snapshot)->policies().policies()) ids.push_back(policy.id);
  EXPECT_EQ(ids, (std::vector<std::string>{"a.policy0", "mine", "b.policy1"}));
  EXPECT_TRUE((*snapshot)->policy_set().starts_with("sha256:"));
}

TEST(Grants, CountOnlyWhenTheSnapshotHasThem) {
  auto snapshot = build(
      "@id(\"glass\") @override(\"break-glass\") permit (principal, action, resource) "
      "when { context has override && context.override.reason == \"cardiac arrest\" };",
      kSchema);
  const codec::Json none = boost::json::object();
  AccessRequest request{.principal = {"User", "ada", nullptr},
                        .action = "view",
                        .action_properties = nullptr,
                        .resource = {"Chart", "c1", nullptr},
                        .context = nullptr,
                        .grant = "g1",
                        .supported_obligations = {},
                        .caller = &kCaller};
  EXPECT_FALSE(decide(*snapshot, request, kNow, arena)->is_allowed);

  // The same snapshot with an open grant.
  auto with_grant = std::const_pointer_cast<Snapshot>(snapshot);
  Grant grant;
  grant.id = "g1";
  grant.principal = cedar::make_uid(arena, "User", "ada");
  grant.target = cedar::make_uid(arena, "Chart", "c1");
  const std::array actions = {cedar::Value::entity(cedar::make_uid(arena, "Action", "view"))};
  grant.actions = actions;
  grant.expires_at = kNow + 1;
  grant.reason = "cardiac arrest";
  with_grant->grants.push_back(grant);
  const auto decision = decide(*snapshot, request, kNow, arena);
  ASSERT_TRUE(decision);
  EXPECT_TRUE(decision->is_allowed);
  EXPECT_EQ(decision->cause, Cause::kOverride);
  EXPECT_EQ(decision->grant, "g1");
  EXPECT_FALSE(decide(*snapshot, request, kNow + 1, arena)->is_allowed);
  request.grant = "";
  EXPECT_FALSE(decide(*snapshot, request, kNow, arena)->is_allowed);
  request.grant = "g1";
  request.action = "edit";  // declares no override
  const codec::Json rate = boost::json::object{{"rate", 1}};
  request.context = &rate.as_object();
  const auto edit = decide(*snapshot, request, kNow, arena);
  ASSERT_TRUE(edit);
  EXPECT_FALSE(edit->is_allowed);
  EXPECT_FALSE(edit->is_override_possible);
}

TEST(Access, AnEntityThatIsPrincipalAndResourceIsDescribedOnce) {
  const auto snapshot = build(
      "permit (principal, action, resource);"
      "forbid (principal, action, resource) when { resource has blocked && resource.blocked };",
      nullptr);
  Question q{.principal_properties = R"({"device": "d1"})",
             .resource_properties = R"({"blocked": true, "device": "d1"})",
             .resource_type = "User"};
  q.resource = q.principal;
  EXPECT_EQ(ask(*snapshot, q)->cause, Cause::kForbid);
  for (const char* absent : {R"({"blocked": null})", "{}", R"({"blocked": true})"}) {
    q.principal_properties = absent;
    EXPECT_EQ(ask(*snapshot, q)->cause, Cause::kForbid) << absent;
    std::swap(q.principal_properties, q.resource_properties);
    EXPECT_EQ(ask(*snapshot, q)->cause, Cause::kForbid) << absent;
    std::swap(q.principal_properties, q.resource_properties);
  }
  q.principal_properties = R"({"blocked": false})";
  const auto decision = ask(*snapshot, q);
  ASSERT_FALSE(decision);
  EXPECT_TRUE(decision.error().message.contains("`properties.blocked` differs"))
      << decision.error().message;
}

TEST(Access, RefusesAnActionThatIsNone) {
  const auto snapshot = build("permit (principal, action, resource);", nullptr);
  EXPECT_TRUE(ask(*snapshot, {.action = R"(Ward::Action::"view")"}));
  for (const char* action :
       {R"(User::"view")", R"(Actions::"view")", R"(Action::X::"view")", R"(Action::"view\0")",
        R"(Action::"view\u{202e}")", R"(Action::"\x1bview")", R"(Action::"vi\u{9b}ew")"}) {
    EXPECT_FALSE(ask(*snapshot, {.action = action})) << action;
  }
}

}  // namespace
}  // namespace wardlock::pdp
