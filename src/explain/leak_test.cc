// What an explanation must not tell: each test fails when one defence is removed.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "explain/explain_fixture.h"

namespace wardlock::explain {
namespace {

constexpr char kSchema[] = R"(
  entity Role, Ward, Study;
  @sensitive entity Program in [Study];
  entity User in [Role, Ward] = { name: String, ward?: Ward };
  entity Patient in [Ward, Program] = {
    careTeam: Set<User>, diagnosis: String,
    @sensitive hasPsychiatricNotes: Bool,
    social: { housing: String, @sensitive custody: String },
  } tags Long;
  entity Report in [Patient] = { patient: Patient };
  action view appliesTo { principal: User, resource: [Patient, Report], context: {
    now: datetime, purpose?: String, @sensitive token?: String,
    override?: { id: String, reason: String, expiresAt: datetime },
  } };
  namespace Wardlock {
    entity Grant = { principal: User, target: Patient, actions: Set<Action>, opensAt: datetime,
                     expiresAt: datetime, reason: String };
  }
)";

struct Facts {
  std::string psychiatric = "false", diagnosis = "flu", team = R"({"type":"User","id":"bob"})",
              ward = "w1", custody = "none", tag = "1", program = "", reason = "why",
              exists = "yes";
};

std::string entities(const Facts& facts) {
  std::string patient = fmt::format(
      R"({{"uid": {{"type": "Patient", "id": "p1"}},
          "parents": [{{"type": "Ward", "id": "{}"}}{}],
          "attrs": {{"careTeam": [{}], "diagnosis": "{}", "hasPsychiatricNotes": {},
                     "social": {{"housing": "rent", "custody": "{}"}}}},
          "tags": {{"key": {}}}}},)",
      facts.ward,
      facts.program.empty() ? ""
                            : fmt::format(R"(,{{"type": "Program", "id": "{}"}})", facts.program),
      facts.team, facts.diagnosis, facts.psychiatric, facts.custody, facts.tag);
  if (facts.exists == "no") patient.clear();
  return fmt::format(
      R"([{} {{"uid": {{"type": "User", "id": "ann"}}, "parents": [{{"type": "Role", "id": "Nurse"}}],
               "attrs": {{"name": "Ann", "ward": {{"type": "Ward", "id": "w9"}}}}}},
          {{"uid": {{"type": "Report", "id": "r1"}}, "parents": [],
            "attrs": {{"patient": {{"type": "Patient", "id": "p1"}}}}}},
          {{"uid": {{"type": "Wardlock::Grant", "id": "g1"}}, "parents": [],
            "attrs": {{"principal": {{"type": "User", "id": "ann"}},
                       "target": {{"type": "Patient", "id": "p1"}},
                       "actions": [{{"type": "Action", "id": "view"}}], "opensAt": "2023-01-01",
                       "expiresAt": "2024-01-01", "reason": "{}"}}}}])",
      patient, facts.reason);
}

/// A rule that is never satisfied, so that only its explanation can tell.
std::string rule(std::string_view condition,
                 std::string_view scope = "principal, action, resource") {
  return fmt::format("@id(\"r\") permit ({}) when {{ {} }} when {{ context has purpose }};", scope,
                     condition);
}

std::string told(const std::string& policies, const Facts& facts, const pdp::Caller& caller,
                 const Asking& asking = {}, const std::string& links = "") {
  const auto snapshot = build(policies, kSchema, entities(facts), links);
  return json_of(explained(*snapshot, asking, caller));
}

const std::vector<std::string> kWide = {"User.ward",
                                        "User in Role",
                                        "User in Ward",
                                        "Patient.careTeam",
                                        "Patient.social",
                                        "Patient in Ward",
                                        "Patient.hasPsychiatricNotes",
                                        "Report.patient",
                                        "Patient in Program"};

TEST(Leak, ASensitiveAttributeIsWithheldFromEverybody) {
  for (const pdp::Caller& caller : {kSeesAll, caller_seeing(kWide)}) {
    const std::string policies = rule("resource.hasPsychiatricNotes");
    const std::string without = told(policies, {.psychiatric = "false"}, caller);
    EXPECT_EQ(without, told(policies, {.psychiatric = "true"}, caller));
    EXPECT_TRUE(without.contains(R"("state":"withheld")")) << without;
    EXPECT_TRUE(without.contains("resource.hasPsychiatricNotes")) << "it is named";
  }
}

TEST(Leak, AnAttributeOutOfScopeIsWithheld) {
  const std::string policies = rule("resource.diagnosis == \"flu\"");
  const pdp::Caller caller = caller_seeing(kWide);
  EXPECT_EQ(told(policies, {.diagnosis = "flu"}, caller),
            told(policies, {.diagnosis = "psychosis"}, caller));
  EXPECT_NE(told(policies, {.diagnosis = "flu"}, kSeesAll),
            told(policies, {.diagnosis = "psychosis"}, kSeesAll))
      << "who may see it sees it";
}

TEST(Leak, AllAttributesAreThoseOfTheTypesInScope) {
  const std::string policies =
      "@id(\"r\") permit (principal, action, resource is Report) when { "
      "resource.patient.diagnosis == \"flu\" } when { context has purpose };";
  const Asking report{.resource = "r1", .resource_type = "Report"};
  pdp::Caller caller = kSeesAll;
  caller.scope.types = pdp::Names({"User", "Report"});
  EXPECT_EQ(told(policies, {.diagnosis = "flu"}, caller, report),
            told(policies, {.diagnosis = "other"}, caller, report));
  EXPECT_NE(told(policies, {.diagnosis = "flu"}, kSeesAll, report),
            told(policies, {.diagnosis = "other"}, kSeesAll, report));
}

TEST(Leak, WhetherASecretErrsIsWithheldToo) {
  const std::string policies = rule("resource.getTag(\"key\") + 9223372036854775807 > 0");
  const pdp::Caller caller = caller_seeing(kWide);
  EXPECT_EQ(told(policies, {.tag = "1"}, caller), told(policies, {.tag = "0"}, caller));
  EXPECT_NE(told(policies, {.tag = "1"}, kSeesAll), told(policies, {.tag = "0"}, kSeesAll));
}

TEST(Leak, ASecretDoesNotShowByWhatIsReachedBehindIt) {
  for (const char* condition :
       {"resource.hasPsychiatricNotes && context.purpose == \"x\"",
        "resource.hasPsychiatricNotes || context.purpose == \"x\"",
        "if resource.hasPsychiatricNotes then context.purpose == \"x\" else "
        "context.purpose == \"y\"",
        "(resource.hasPsychiatricNotes && principal.ward == principal.ward) "
        "== true"}) {
    EXPECT_EQ(told(rule(condition), {.psychiatric = "false"}, kSeesAll),
              told(rule(condition), {.psychiatric = "true"}, kSeesAll))
        << condition;
  }
}

TEST(Leak, ASecretDoesNotShowByTheOrderOfPermits) {
  const std::string policies =
      "@id(\"a\") permit (principal, action, resource) when { resource.hasPsychiatricNotes && "
      "context has purpose };"
      "@id(\"b\") permit (principal, action, resource) when { !resource.hasPsychiatricNotes && "
      "context has purpose };";
  EXPECT_EQ(told(policies, {.psychiatric = "false"}, kSeesAll),
            told(policies, {.psychiatric = "true"}, kSeesAll));
}

TEST(Leak, ASecretDoesNotShowInAForbidThatDecidesNothing) {
  const std::string policies =
      "@id(\"notes\") @obligation(\"redact\") forbid (principal, action, resource) when { "
      "resource.hasPsychiatricNotes };";
  const Asking asking{.obligations = {"redact"}};
  EXPECT_EQ(told(policies, {.psychiatric = "false"}, kSeesAll, asking),
            told(policies, {.psychiatric = "true"}, kSeesAll, asking));
}

TEST(Leak, ARecordWithASecretInsideIsNotShownWhole) {
  const std::string whole = rule("resource.social == {housing: \"rent\", custody: \"none\"}");
  EXPECT_EQ(told(whole, {.custody = "none"}, kSeesAll),
            told(whole, {.custody = "split"}, kSeesAll));
  const std::string inside = rule("resource.social.custody == \"none\"");
  EXPECT_EQ(told(inside, {.custody = "none"}, kSeesAll),
            told(inside, {.custody = "split"}, kSeesAll));
  const std::string beside = rule("resource.social.housing == \"x\"");
  EXPECT_TRUE(told(beside, {}, kSeesAll).contains(R"("value":"\"rent\"")"));
  const std::string roundabout = rule(
      "(if context has purpose then resource.social else resource.social).custody == \"none\"");
  EXPECT_EQ(told(roundabout, {.custody = "none"}, kSeesAll),
            told(roundabout, {.custody = "split"}, kSeesAll));
}

TEST(Leak, GroupsOfTheResourceAreWithheldOutOfScope) {
  for (const std::string& policies :
       {rule("true", "principal, action, resource in Ward::\"psychiatry\""),
        rule("resource in Ward::\"psychiatry\""), rule("resource in principal.ward"),
        rule("resource is Patient in Ward::\"psychiatry\"")}) {
    const pdp::Caller caller = caller_seeing({"User.ward"});
    EXPECT_EQ(told(policies, {.ward = "psychiatry"}, caller),
              told(policies, {.ward = "w9"}, caller))
        << policies;
    EXPECT_NE(told(policies, {.ward = "psychiatry"}, kSeesAll),
              told(policies, {.ward = "w9"}, kSeesAll));
  }
}

TEST(Leak, GroupsOfASensitiveTypeAreWithheldFromEverybody) {
  const std::string policies = rule("resource in Program::\"addiction\"");
  for (const pdp::Caller& caller : {kSeesAll, caller_seeing(kWide)}) {
    EXPECT_EQ(told(policies, {.program = "addiction"}, caller), told(policies, {}, caller));
  }
}

TEST(Leak, TagsAreWithheldOutOfScope) {
  const std::string policies = rule("resource.hasTag(\"key\") && resource.getTag(\"key\") == 1");
  const pdp::Caller caller = caller_seeing(kWide);
  EXPECT_EQ(told(policies, {.tag = "1"}, caller), told(policies, {.tag = "2"}, caller));
}

TEST(Leak, IdsOfOthersInWhatIsSeenAreWithheld) {
  const std::string text = told(rule("resource.careTeam.contains(principal)"), {}, kSeesAll);
  EXPECT_FALSE(text.contains("bob")) << text;
  EXPECT_TRUE(text.contains("[User::…]")) << text;
  const std::string own = told(rule("resource.careTeam.contains(principal)"),
                               {.team = R"({"type":"User","id":"ann"})"}, kSeesAll);
  EXPECT_TRUE(own.contains(R"([User::\"ann\"])")) << own;
}

TEST(Leak, IdsOfOthersInAPolicyAreWithheld) {
  const std::string text = told(
      "@id(\"r\") permit (principal == User::\"bob\", action, resource == Patient::\"p7\") when { "
      "principal == User::\"carl\" || resource.careTeam.contains(User::\"dora\") };",
      {}, kSeesAll);
  for (const char* name : {"bob", "p7", "carl", "dora"}) EXPECT_FALSE(text.contains(name)) << text;
}

TEST(Leak, WhetherAnEntityExistsIsWithheld) {
  const std::string policies =
      rule("resource has social && resource.diagnosis == \"x\" || resource.hasTag(\"key\")");
  const pdp::Caller caller = caller_seeing({});
  EXPECT_EQ(told(policies, {.exists = "yes"}, caller), told(policies, {.exists = "no"}, caller));
  const std::string text = told(policies, {.exists = "no"}, kSeesAll);
  EXPECT_FALSE(text.contains("exist")) << text;
}

TEST(Leak, TheGrantsReasonIsTheDirectorys) {
  const std::string policies =
      "@id(\"e\") @override(\"break-glass\") permit (principal, action, resource) when { context "
      "has "
      "override && context.override.reason like \"*a*\" || true };";
  const Asking asking{.grant = "g1"};
  const pdp::Caller caller = caller_seeing(kWide);
  EXPECT_EQ(told(policies, {.reason = "cardiac arrest"}, caller, asking),
            told(policies, {.reason = "other"}, caller, asking));
}

TEST(Leak, AGrantOfSomebodyElseIsNoneAtAll) {
  const std::string policies =
      "@id(\"e\") @override(\"break-glass\") permit (principal, action, resource) when { context "
      "has "
      "override };";
  EXPECT_EQ(told(policies, {}, kSeesAll, {.principal = "carl", .grant = "g1"}),
            told(policies, {}, kSeesAll, {.principal = "carl", .grant = "nothing"}));
}

TEST(Leak, ASensitiveKeyOfTheContextIsNotRepeated) {
  const Asking asking{.context = R"({"token": "s3cret"})"};
  const std::string text = told(rule("context.token == \"x\""), {}, kSeesAll, asking);
  EXPECT_FALSE(text.contains("s3cret")) << text;
  EXPECT_FALSE(told(rule("context == {}"), {}, kSeesAll, asking).contains("s3cret"));
}

constexpr char kTemplate[] =
    "@id(\"cares\") permit (principal == ?principal, action, resource == ?resource) when { context "
    "has purpose };";

std::string link_of(std::string_view id, std::string_view user, std::string_view patient) {
  return fmt::format(
      R"({{"templateId": "cares", "newId": "{}", "values": {{
          "?principal": {{"type": "User", "id": "{}"}},
          "?resource": {{"type": "Patient", "id": "{}"}}}}}})",
      id, user, patient);
}

TEST(Leak, LinksOfOthersAreNotTold) {
  const std::string none = told(kTemplate, {}, kSeesAll, {}, "[]");
  const std::string others =
      told(kTemplate, {}, kSeesAll, {},
           "[" + link_of("l1", "bob", "p1") + "," + link_of("l2", "ann", "p2") + "]");
  EXPECT_EQ(none, others);
  EXPECT_TRUE(none.contains("\"cares\"")) << "the template is";
}

TEST(Leak, WhetherThereIsALinkIsWithheldOutOfScope) {
  const pdp::Caller caller = caller_seeing(kWide);
  const std::string link = "[" + link_of("l1", "ann", "p1") + "]";
  EXPECT_EQ(told(kTemplate, {}, caller, {}, "[]"), told(kTemplate, {}, caller, {}, link));
  EXPECT_NE(told(kTemplate, {}, kSeesAll, {}, "[]"), told(kTemplate, {}, kSeesAll, {}, link));
}

TEST(Leak, LinksToGroupsOfASensitiveTypeAreNotTold) {
  const std::string policies =
      "@id(\"t\") permit (principal, action, resource in ?resource) when { context has purpose };";
  const std::string links = R"([{"templateId": "t", "newId": "l",
      "values": {"?resource": {"type": "Program", "id": "addiction"}}}])";
  const std::string text = told(policies, {.program = "addiction"}, kSeesAll, {}, links);
  EXPECT_EQ(text, told(policies, {}, kSeesAll, {}, links));
  EXPECT_EQ(text, told(policies, {}, kSeesAll, {}, "[]"));
  EXPECT_TRUE(text.contains(R"("state":"withheld")")) << text;
}

TEST(Leak, WhereThePolicyLiesIsNotTold) {
  EXPECT_FALSE(told(rule("true"), {}, kSeesAll).contains("test.cedar"));
}

TEST(Leak, WithoutASchemaTheScopeHolds) {
  const auto text = [](std::string_view secret, const pdp::Caller& caller) {
    const auto snapshot =
        build(rule("resource.notes == \"psychiatric\" && resource.info.a == 1"), "",
              fmt::format(R"([{{"uid": {{"type": "Patient", "id": "p1"}}, "parents": [],
                         "attrs": {{"notes": "{}", "info": {{"a": 2}}}}}}])",
                          secret));
    return json_of(explained(*snapshot, {}, caller));
  };
  const pdp::Caller caller = caller_seeing({"Patient.info"});
  EXPECT_EQ(text("psychiatric", caller), text("none", caller));
  EXPECT_NE(text("psychiatric", kSeesAll), text("none", kSeesAll));
}

}  // namespace
}  // namespace wardlock::explain
