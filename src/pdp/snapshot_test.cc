// What a snapshot is built from: several schemas, the types of principals, grants.
#include "pdp/snapshot.h"

#include <gtest/gtest.h>

#include "pdp/access.h"

namespace wardlock::pdp {
namespace {

constexpr std::int64_t kNow = 1'700'000'000'000;  // 2023-11-14T22:13:20Z

std::string error_of(const Sources& sources) {
  const auto snapshot = build_snapshot(sources, Mode::kStrict);
  return snapshot ? "" : snapshot.error().message;
}

Sources with_schemas(std::vector<Source> schemas) {
  Sources sources;
  sources.policies = {{"a.cedar", "permit (principal, action, resource);"}};
  sources.schemas = std::move(schemas);
  return sources;
}

TEST(Schemas, OfSeveralFilesAreOne) {
  const Sources sources = with_schemas(
      {{"a.cedarschema", "namespace Ward { entity Bed; } entity User in [Role];"},
       {"b.cedarschema", "entity Role; namespace Ward { entity Room; type Number = Long; }"},
       {"c.json", R"({"": {"entityTypes": {"Door": {"memberOfTypes": ["Ward::Room"]}},
                           "actions": {"open": {"appliesTo": {
                             "principalTypes": ["User"], "resourceTypes": ["Door"]}}}}})"}});
  const auto snapshot = build_snapshot(sources, Mode::kStrict);
  ASSERT_TRUE(snapshot) << snapshot.error().message;
  for (const char* type : {"User", "Role", "Ward::Bed", "Ward::Room", "Door"}) {
    EXPECT_TRUE((*snapshot)->schema()->find_entity_type(type)) << type;
  }
}

TEST(Schemas, SayInWhichFileTheyAreWrong) {
  const Source good{"good.cedarschema", "entity User;\n\nentity Role;\n"};
  EXPECT_TRUE(error_of(with_schemas({good, {"bad.cedarschema", "entity A;\nentity B in [C];"}}))
                  .contains("bad.cedarschema:2:14"));
  EXPECT_TRUE(error_of(with_schemas({good, {"bad.cedarschema", "entity A;\nentity ;"}}))
                  .contains("bad.cedarschema:2:8"));
  const std::string twice = error_of(with_schemas({good, {"again.cedarschema", "entity User;"}}));
  EXPECT_TRUE(twice.contains("again.cedarschema:1:8")) << twice;
  EXPECT_TRUE(twice.contains("declared twice")) << twice;
  const std::string both = error_of(
      with_schemas({{"x.cedarschema", "entity ;"}, {"y.json", "{"}, {"z.cedarschema", "type;"}}));
  for (const char* file : {"x.cedarschema", "y.json", "z.cedarschema"}) {
    EXPECT_TRUE(both.contains(file)) << both;
  }
}

/// What the PDP fills is not checked again for each request.
TEST(Schemas, DeclareTheKeysThatThePdpFillsAsTheyAre) {
  const auto error_with = [](const std::string& context) {
    return error_of(with_schemas({{"a.cedarschema",
                                   "entity User; action view appliesTo { principal: User, "
                                   "resource: User, context: {" +
                                       context + "} };"}}));
  };
  for (const char* context :
       {"now: Long", "now: String", "pep: String", "pep: {}", "pep: {id: Long}",
        "pep: {id: String, more: Long}", "authentication: Long", "authentication: {level: Long}",
        "authentication: {methods: Set<String>}",
        "authentication: {level: Long, methods: Set<Long>}",
        "authentication: {level: String, methods: Set<String>}",
        "authentication: {level: Long, methods: Set<String>, more: Bool}",
        "\"override\": {id: String, reason: String, expiresAt: datetime}"}) {
    EXPECT_TRUE(error_with(context).contains("action")) << context << error_with(context);
  }
  EXPECT_EQ(error_with("now?: datetime, pep?: {id: String, more?: Long}, "
                       "authentication: {level: Long, methods: Set<String>}, "
                       "override?: {id: String, reason: String, expiresAt: datetime}"),
            "");
}

TEST(Policies, KnowTheirFile) {
  Sources sources;
  sources.policies = {{"a.cedar", "permit (principal, action, resource);"},
                      {"b.cedar", "@id(\"b\") forbid (principal, action, resource);"}};
  const auto policies = parse_policies(sources);
  ASSERT_TRUE(policies) << policies.error().message;
  EXPECT_EQ(policies->find_policy("a.policy0")->body->source, "a.cedar");
  EXPECT_EQ(policies->find_policy("b")->body->source, "b.cedar");
}

constexpr char kRoles[] = R"([
  {"uid": {"type": "User", "id": "ada"}, "attrs": {},
   "parents": [{"type": "Role", "id": "Physician"}]},
  {"uid": {"type": "Role", "id": "Physician"}, "attrs": {}, "parents": []}])";

Arena arena;  ///< what the decisions borrow from

Result<AccessDecision> ask(const Snapshot& snapshot, std::string_view type, std::string_view id) {
  static const Caller caller = Caller::unrestricted("test");
  AccessRequest request;
  request.principal = {type, id, nullptr};
  request.action = "view";
  request.resource = {"Chart", "c1", nullptr};
  request.caller = &caller;
  return decide(snapshot, request, kNow, arena);
}

class Types : public testing::Test {
 protected:
  void build(const std::vector<TypeMapping::Renaming>& renamings,
             const std::optional<std::vector<std::string>>& principals) {
    Sources sources;
    sources.policies = {
        {"a.cedar", R"(permit (principal in Role::"Physician", action, resource);)"}};
    sources.entities = Source{"e.json", kRoles};
    auto types = TypeMapping::create(renamings, principals);
    ASSERT_TRUE(types) << types.error().message;
    sources.types = *types;
    auto built = build_snapshot(sources, Mode::kStrict);
    ASSERT_TRUE(built) << built.error().message;
    snapshot = *built;
  }

  bool is_refused(std::string_view type, std::string_view id) const {
    const auto decision = ask(*snapshot, type, id);
    return !decision && decision.error().code == ErrorCode::kInvalidArgument;
  }
  bool is_allowed(std::string_view type, std::string_view id) const {
    const auto decision = ask(*snapshot, type, id);
    return decision && decision->is_allowed;
  }

  std::shared_ptr<const Snapshot> snapshot;
};

TEST_F(Types, AGroupIsNoPrincipal) {
  build({}, {});
  EXPECT_TRUE(is_allowed("User", "ada"));
  EXPECT_TRUE(is_refused("Role", "Physician"));
  EXPECT_TRUE(is_refused("Role", "AnyOther"));
  build({}, {{"User"}});
  EXPECT_TRUE(is_allowed("User", "ada"));
  EXPECT_TRUE(is_refused("Role", "Physician"));
  EXPECT_TRUE(is_refused("Chart", "c1"));
}

TEST_F(Types, HaveOneNameEach) {
  build({{"user", "User"}, {"Role", "Bed"}}, {});
  EXPECT_TRUE(is_allowed("user", "ada"));
  EXPECT_TRUE(is_refused("User", "ada"));
  EXPECT_FALSE(is_allowed("Role", "Physician"));  // is a bed here
  for (const auto& renamings :
       std::vector<std::vector<TypeMapping::Renaming>>{{{"a", "User"}, {"b", "User"}},
                                                       {{"a", "User"}, {"a", "Role"}},
                                                       {{"", "User"}},
                                                       {{"a", "Us er"}},
                                                       {{"a", "Action"}},
                                                       {{"a", ""}}}) {
    EXPECT_FALSE(TypeMapping::create(renamings, {}));
  }
  EXPECT_FALSE(TypeMapping::create({}, {{"no name"}}));
}

TEST_F(Types, AreThoseOfTheSchema) {
  Sources sources = with_schemas({{"a.cedarschema", "entity User;"}});
  sources.types = *TypeMapping::create({{"user", "Usr"}}, {});
  EXPECT_TRUE(error_of(sources).contains("`Usr`"));
  sources.types = *TypeMapping::create({}, {{"Usr"}});
  EXPECT_TRUE(error_of(sources).contains("`Usr`"));
}

/// A grant with one attribute replaced (or, by "", left out).
std::string grant_json(std::string_view replaced = {}, std::string_view by = {}) {
  std::map<std::string, std::string, std::less<>> attributes = {
      {"principal", R"({"__entity": {"type": "User", "id": "ada"}})"},
      {"target", R"({"__entity": {"type": "Chart", "id": "c1"}})"},
      {"actions", R"([{"__entity": {"type": "Action", "id": "view"}}])"},
      {"opensAt", R"({"__extn": {"fn": "datetime", "arg": "2023-11-14"}})"},
      {"expiresAt", R"({"__extn": {"fn": "datetime", "arg": "2023-11-15"}})"},
      {"reason", R"("cardiac arrest")"},
      {"waives", R"(["a"])"}};
  if (!replaced.empty()) attributes.find(replaced)->second = by;
  std::string out;
  for (const auto& [name, value] : attributes) {
    if (!value.empty()) out += (out.empty() ? "" : ", ") + ("\"" + name + "\": ") + value;
  }
  return R"([{"uid": {"type": "Wardlock::Grant", "id": "g1"}, "attrs": {)" + out +
         R"(}, "parents": []}])";
}

Sources with_grant(const std::string& entities) {
  Sources sources;
  sources.policies = {{"a.cedar", R"(
    @override("break-glass") permit (principal, action, resource) when { context has override };
    @id("a") @waivable("break-glass") forbid (principal, action, resource);)"}};
  sources.entities = Source{"e.json", entities};
  return sources;
}

TEST(Grants, AreEntitiesOfTheDirectory) {
  const auto snapshot = build_snapshot(with_grant(grant_json()), Mode::kStrict);
  ASSERT_TRUE(snapshot) << snapshot.error().message;
  ASSERT_EQ((*snapshot)->grants.size(), 1U);
  const Caller caller = Caller::unrestricted("test");
  AccessRequest request;
  request.principal = {"User", "ada", nullptr};
  request.action = "view";
  request.resource = {"Chart", "c1", nullptr};
  request.caller = &caller;
  request.grant = "g1";
  const auto decision = decide(**snapshot, request, kNow, arena);
  ASSERT_TRUE(decision);
  EXPECT_EQ(decision->cause, Cause::kOverride);
  EXPECT_EQ(decision->expires_at, 1'700'006'400'000);  // 2023-11-15
  request.grant = "g2";
  EXPECT_FALSE(decide(**snapshot, request, kNow, arena)->is_allowed);
  request.grant = "g1";
  EXPECT_FALSE(decide(**snapshot, request, 1'700'006'400'000, arena)->is_allowed);
}

TEST(Grants, ThatAreMalformedAreRefused) {
  for (const auto& [name, value] : std::initializer_list<std::pair<const char*, const char*>>{
           {"principal", ""},
           {"principal", R"("ada")"},
           {"target", ""},
           {"target", "1"},
           {"actions", ""},
           {"actions", R"(["view"])"},
           {"actions", R"("view")"},
           {"opensAt", ""},
           {"opensAt", R"("2023-11-14")"},
           {"expiresAt", ""},
           {"expiresAt", R"({"__extn": {"fn": "datetime", "arg": "2023-11-14"}})"},
           {"expiresAt", R"({"__extn": {"fn": "duration", "arg": "1h"}})"},
           {"reason", ""},
           {"reason", R"("")"},
           {"reason", "7"},
           {"waives", R"("a")"},
           {"waives", "[1]"}}) {
    EXPECT_TRUE(error_of(with_grant(grant_json(name, value))).contains(name)) << name << value;
  }
  EXPECT_EQ(error_of(with_grant(grant_json("waives", ""))), "");
}

TEST(Grants, WaiveOnlyWhatHasANameOfItsOwn) {
  Sources sources = with_grant("[]");
  sources.policies[0].text += "@waivable(\"break-glass\") forbid (principal, action, resource);";
  EXPECT_TRUE(error_of(sources).contains("`@waivable` needs an `@id`"));
}

TEST(Obligations, ThatKeepSomethingBackAreKnownByTheirFirstWord) {
  for (const char* name :
       {"redact-psychiatric-notes", "mask", "deidentify", "anonymize-all", "pseudonymize"}) {
    EXPECT_TRUE(withholds(name)) << name;
  }
  for (const char* name : {"log-access", "redacted", "Mask", "", "-mask", "notify-redact"}) {
    EXPECT_FALSE(withholds(name)) << name;
  }
}

TEST(Obligations, ThatKeepSomethingBackAreFlagged) {
  Sources sources;
  sources.policies = {{"a.cedar", R"(permit (principal, action, resource);
    @obligation("redact-notes") forbid (principal, action, resource);)"}};
  const auto snapshot = build_snapshot(sources, Mode::kStrict);
  const Caller caller = Caller::unrestricted("test");
  AccessRequest request;
  request.principal = {"User", "ada", nullptr};
  request.action = "view";
  request.resource = {"Chart", "c1", nullptr};
  request.caller = &caller;
  EXPECT_FALSE(decide(**snapshot, request, kNow, arena)->is_withheld);
  const std::array<std::string_view, 1> supported = {"redact-notes"};
  request.supported_obligations = supported;
  EXPECT_TRUE(decide(**snapshot, request, kNow, arena)->is_withheld);
}

}  // namespace
}  // namespace wardlock::pdp
