#include "pdp/consented.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "codec/json.h"
#include "pdp/access.h"
#include "pdp/consent_codes.h"

namespace wardlock::pdp {
namespace {

constexpr std::int64_t kNow = 1'700'000'000'000;  // 2023-11-14T22:13:20Z

constexpr char kSchema[] = R"(
  namespace Wardlock {
    type Named = { type: String, id: String };
    type Provision = { place: String, permits: Bool, beginsAt?: datetime, endsAt?: datetime,
      purposes?: Set<String>, actors?: Set<Named>, actions?: Set<String>, labels?: Set<String>,
      classes?: Set<String> };
    entity Consent = { patient: Named, provisions: Set<Provision> };
    type Consented = { refused: Bool, refusedInEmergency: Bool, permitted: Bool,
      agreed: Set<String>, provisions: Set<String> };
    type Delegated = { id: String, by: String, purpose: String, ticket: String, expiresAt: datetime };
    entity Delegation = { delegator: Named, delegate: Named, target: Named, actions: Set<Action>,
      opensAt: datetime, expiresAt: datetime, by: String, purpose: String, ticket: String,
      onward: Bool, passesOn?: String };
    type Override = { id: String, reason: String, expiresAt: datetime };
    entity Grant = { principal: User, target: Patient, actions: Set<Action>, opensAt: datetime,
      expiresAt: datetime, reason: String, waives?: Set<String> };
  }
  entity Org;
  entity User in [Org];
  @audit("patient") entity Patient = { careTeam?: Set<User>, sensitivity?: Set<String>,
    confidentiality?: String };
  entity Note in [Patient] = { sensitivity?: Set<String>, confidentiality?: String,
    dataClass?: Set<String> };
  entity Sample = { donor: Patient };
  action disclose;
  type Care = { purpose?: String, consent?: Wardlock::Consented, override?: Wardlock::Override,
    delegation?: Wardlock::Delegated };
  action view appliesTo { principal: [User, Patient], resource: [Patient, Note, Sample], context: Care };
  action export in [disclose] appliesTo { principal: [User, Patient], resource: [Patient, Note], context: Care };
  action stop appliesTo { principal: [User, Patient], resource: [Patient, Note], context: {} };
)";

constexpr char kPolicies[] = R"(
  @id("all") permit (principal, action, resource);
  @id("glass") @override("break-glass") permit (principal is User, action, resource)
    when { context has override };
  @id("refused") @waivable("break-glass") forbid (principal, action, resource)
    when { context has consent && context.consent.refused };
  @id("refused-in-emergencies") forbid (principal, action, resource)
    when { context has consent && context.consent.refusedInEmergency &&
           (context.consent.refused || context has override) };
  @id("agreed") forbid (principal, action == Action::"export", resource)
    unless { context has consent && context has purpose &&
             context.consent.agreed.contains(context.purpose) };
)";

constexpr char kGrant[] =
    R"({"uid": {"type": "Wardlock::Grant", "id": "g"}, "parents": [], "attrs": {
  "principal": {"__entity": {"type": "User", "id": "grey"}},
  "target": {"__entity": {"type": "Patient", "id": "p1"}},
  "actions": [{"__entity": {"type": "Action", "id": "view"}}],
  "opensAt": {"__extn": {"fn": "datetime", "arg": "2023-01-01"}},
  "expiresAt": {"__extn": {"fn": "datetime", "arg": "2024-01-01"}}, "reason": "r", "waives": ["refused"]}})";

/// A consent of a patient; provisions as JSON, e.g. `{"place": "1", "permits": false}`.
std::string consent(std::string_view id, std::string_view provisions,
                    std::string_view patient = "p1") {
  return fmt::format(
      R"({{"uid": {{"type": "Wardlock::Consent", "id": "{}"}}, "parents": [], "attrs": {{
        "patient": {{"type": "Patient", "id": "{}"}}, "provisions": [{}]}}}})",
      id, patient, provisions);
}

std::string deny(std::string_view more = "", std::string_view place = "1") {
  return fmt::format(R"({{"place": "{}", "permits": false{}{}}})", place, more.empty() ? "" : ", ",
                     more);
}

std::string permit(std::string_view more = "", std::string_view place = "1") {
  return fmt::format(R"({{"place": "{}", "permits": true{}{}}})", place, more.empty() ? "" : ", ",
                     more);
}

struct Wanted {
  std::string principal = "grey";
  std::string principal_type = "User";
  std::string action = "view";
  std::string type = "Patient";
  std::string resource = "p1";
  std::string purpose = "";
  std::string grant = "";
  std::int64_t at = kNow;
  std::string context = "{}";
};

class ConsentedTest : public testing::Test {
 protected:
  void have(const std::vector<std::string>& consents, std::string_view schema = kSchema,
            std::string_view policies = kPolicies) {
    std::string all = fmt::format("[{}", kGrant);
    const auto add = [&](std::string_view type, std::string_view id, std::string_view attributes,
                         std::string_view parents) {
      all +=
          fmt::format(R"(, {{"uid": {{"type": "{}", "id": "{}"}}, "attrs": {}, "parents": [{}]}})",
                      type, id, attributes, parents);
    };
    constexpr std::string_view kOfP1 = R"({"type": "Patient", "id": "p1"})";
    add("Org", "acme", "{}", "");
    add("User", "grey", "{}", "");
    add("User", "cole", "{}", R"({"type": "Org", "id": "acme"})");
    add("Patient", "p1", R"({"careTeam": [{"__entity": {"type": "User", "id": "grey"}}]})", "");
    add("Patient", "p2", "{}", "");
    add("Note", "psy",
        R"({"sensitivity": ["PSY"], "confidentiality": "R", "dataClass": ["Observation"]})", kOfP1);
    add("Note", "plain", R"({"sensitivity": [], "confidentiality": "N", "dataClass": ["Media"]})",
        kOfP1);
    add("Note", "unlabelled", "{}", kOfP1);
    add("Note", "both", "{}", fmt::format(R"({}, {{"type": "Patient", "id": "p2"}})", kOfP1));
    add("Sample", "s1", R"({"donor": {"__entity": {"type": "Patient", "id": "p1"}}})", "");
    for (const std::string& each : consents) all += ", " + each;
    all += "]";
    Sources sources;
    sources.policies = {{"test.cedar", std::string(policies)}};
    sources.schemas = {{"test.cedarschema", std::string(schema)}};
    sources.entities = Source{"entities.json", all};
    auto built = build_snapshot(sources, Mode::kStrict);
    ASSERT_TRUE(built) << built.error().message;
    snapshot_ = *built;
  }

  Result<AccessDecision> ask(const Wanted& wanted) {
    context_ = codec::parse_json(wanted.context).value().as_object();
    if (!wanted.purpose.empty()) context_["purpose"] = wanted.purpose;
    return decide(*snapshot_,
                  {.principal = {wanted.principal_type, wanted.principal},
                   .action = wanted.action,
                   .resource = {wanted.type, wanted.resource},
                   .context = &context_,
                   .grant = wanted.grant,
                   .caller = &caller_},
                  wanted.at, arena_);
  }
  bool allows(const Wanted& wanted) {
    const auto decision = ask(wanted);
    EXPECT_TRUE(decision) << (decision ? "" : decision.error().message);
    return decision && decision->is_allowed;
  }
  std::vector<std::string> counted(const Wanted& wanted) {
    const auto decision = ask(wanted);
    EXPECT_TRUE(decision);
    return decision ? std::vector<std::string>(decision->consents.begin(), decision->consents.end())
                    : std::vector<std::string>();
  }

  std::shared_ptr<const Snapshot> snapshot_;
  Caller caller_ = Caller::unrestricted("ward");
  boost::json::object context_;
  Arena arena_;
};

using Ids = std::vector<std::string>;

TEST_F(ConsentedTest, WithoutConsentsNothingChanges) {
  have({});
  EXPECT_TRUE(allows({}));
  EXPECT_EQ(counted({}), Ids());
  have({consent("c", deny(), "p2")});
  EXPECT_TRUE(allows({})) << "another's";
  EXPECT_FALSE(allows({.resource = "p2"}));
  EXPECT_TRUE(allows({.action = "stop", .resource = "p2"})) << "an action that declares none";
}

TEST_F(ConsentedTest, ADenyRefusesAllThatIsThePatients) {
  have({consent("c", deny())});
  EXPECT_FALSE(allows({}));
  EXPECT_FALSE(allows({.type = "Note", .resource = "plain"}));
  EXPECT_FALSE(allows({.type = "Note", .resource = "both"})) << "in two patients";
  EXPECT_FALSE(allows({.type = "Sample", .resource = "s1"})) << "an attribute says whose it is";
  EXPECT_TRUE(allows({.resource = "p2"}));
  EXPECT_EQ(counted({}), Ids{"c#1"});
  EXPECT_TRUE(allows({.principal = "p1", .principal_type = "Patient"})) << "the patient";
}

TEST_F(ConsentedTest, ExceptionsDecideInThePlaceOfWhatTheyAreExceptionsTo) {
  have({consent("c", deny() + "," +
                         permit(R"("actors": [{"type": "Wardlock::CareTeam", "id": ""}])", "1.1") +
                         "," + deny(R"("purposes": ["HRESCH"])", "1.1.1"))});
  EXPECT_TRUE(allows({.purpose = "TREAT"}));
  EXPECT_EQ(counted({.purpose = "TREAT"}), Ids{"c#1.1"});
  EXPECT_FALSE(allows({.principal = "cole", .purpose = "TREAT"}));
  EXPECT_FALSE(allows({.purpose = "CLINTRCH"})) << "an exception to the exception";
  EXPECT_EQ(counted({.purpose = "CLINTRCH"}), Ids{"c#1.1.1"});
}

TEST_F(ConsentedTest, ADenyGivesWayInAnEmergencyOnlyWhereAnExceptionSaysSo) {
  const Wanted glass{.grant = "g"};
  have({consent("c", deny())});
  EXPECT_FALSE(allows(glass));
  for (const std::string_view purpose : {"BTG", "ETREAT", "TREAT"}) {
    have({consent("c",
                  deny() + "," + permit(fmt::format(R"("purposes": ["{}"])", purpose), "1.1"))});
    EXPECT_TRUE(allows(glass)) << purpose;
    EXPECT_FALSE(allows({})) << purpose << ": the purpose is not known";
  }
  have({consent("c", deny() + "," + permit(R"("purposes": ["HRESCH"])", "1.1"))});
  EXPECT_FALSE(allows(glass)) << "another exception is none for emergencies";
  have(
      {consent("c", deny() + "," +
                        permit(R"("purposes": ["BTG"], "actors": [{"type": "User", "id": "cole"}])",
                               "1.1"))});
  EXPECT_FALSE(allows(glass)) << "for somebody else";
  have({consent("c", deny(R"("purposes": ["BTG"])"))});
  EXPECT_TRUE(allows({.purpose = "TREAT", .grant = "g"})) << "no refusal, and no override";
}

TEST_F(ConsentedTest, WhatIsRefusedForEmergenciesAloneIsNoOverride) {
  have({consent("c", deny(R"("purposes": ["BTG"])")),
        consent("d", deny(R"("purposes": ["HRESCH"])"))});
  EXPECT_FALSE(allows({.purpose = "HRESCH", .grant = "g"}));
  have({consent("d", deny(R"("purposes": ["HRESCH"])"))});
  EXPECT_TRUE(allows({.purpose = "HRESCH", .grant = "g"})) << "it is care, then";
}

TEST_F(ConsentedTest, WhoRefusesABrokenGlassAloneIsSeenOtherwise) {
  have({consent("a", deny(R"("purposes": ["BTG"])"))});
  EXPECT_TRUE(allows({})) << "without a purpose, and without a grant";
  EXPECT_TRUE(allows({.purpose = "TREAT"}));
  EXPECT_FALSE(allows({.purpose = "BTG"}));
  have({consent("a", deny(R"("purposes": ["ETREAT"])"))});
  EXPECT_FALSE(allows({})) << "an emergency may be none that breaks the glass";
}

TEST_F(ConsentedTest, NobodySaysThatTheGlassIsBroken) {
  have({consent("c", deny() + "," + permit(R"("purposes": ["BTG"])", "1.1"))});
  EXPECT_FALSE(allows({.purpose = "BTG"})) << "without a grant it is a word";
  EXPECT_TRUE(allows({.purpose = "BTG", .grant = "g"}));
  have({consent("c", permit(R"("purposes": ["BTG"])"))});
  EXPECT_FALSE(allows({.action = "export", .purpose = "BTG"}));
  for (const std::string_view purpose : {"ETREAT", "TREAT"}) {
    have({consent("c",
                  deny() + "," + permit(fmt::format(R"("purposes": ["{}"])", purpose), "1.1"))});
    EXPECT_TRUE(allows({.purpose = "BTG"})) << purpose << " is more than that";
  }
}

TEST_F(ConsentedTest, OfSeveralADenyDecides) {
  have({consent("a", deny(R"("purposes": ["HRESCH"])")), consent("b", permit())});
  EXPECT_FALSE(allows({.purpose = "HRESCH"})) << "a later permit opens nothing";
  EXPECT_TRUE(allows({.purpose = "TREAT"}));
  EXPECT_FALSE(allows({})) << "no purpose: it may be the one";
  EXPECT_FALSE(allows({.purpose = "nonsense"}));
  EXPECT_EQ(counted({.purpose = "HRESCH"}), (Ids{"a#1", "b#1"}));
}

TEST_F(ConsentedTest, PurposesCoverThoseBelowThem) {
  have({consent("a", deny(R"("purposes": ["CLINTRCH"])"))});
  EXPECT_FALSE(allows({.purpose = "PRECLINTRCH"}));
  EXPECT_FALSE(allows({.purpose = "HRESCH"})) << "it may be that research";
  EXPECT_TRUE(allows({.purpose = "DSRCH"}));
}

TEST_F(ConsentedTest, APermitAgreesToPurposes) {
  const auto exported = [](std::string purpose) {
    return Wanted{
        .action = "export", .type = "Note", .resource = "plain", .purpose = std::move(purpose)};
  };
  have({});
  EXPECT_FALSE(allows(exported("HRESCH")));
  have({consent("a", permit(R"("purposes": ["HRESCH"])"))});
  EXPECT_TRUE(allows(exported("HRESCH")));
  EXPECT_TRUE(allows(exported("CLINTRCH"))) << "below it";
  EXPECT_FALSE(allows(exported("PurposeOfUse"))) << "above it";
  EXPECT_FALSE(allows(exported("HMARKT")));
  EXPECT_FALSE(allows(exported("")));
  have({consent("a", permit(R"("purposes": ["HRESCH"])")),
        consent("b", deny(R"("actions": ["disclose"])"))});
  EXPECT_FALSE(allows(exported("HRESCH"))) << "and refused by another";
  have({consent("a",
                permit(R"("purposes": ["HRESCH"])") + "," + deny(R"("labels": ["PSY"])", "1.1"))});
  EXPECT_TRUE(allows(exported("HRESCH")));
  EXPECT_FALSE(
      allows({.action = "export", .type = "Note", .resource = "psy", .purpose = "HRESCH"}));
}

TEST_F(ConsentedTest, EachOfSeveralPatientsAgrees) {
  const Wanted both{.action = "export", .type = "Note", .resource = "both", .purpose = "HRESCH"};
  have({consent("a", permit(R"("purposes": ["HRESCH"])"))});
  EXPECT_FALSE(allows(both));
  have({consent("a", permit(R"("purposes": ["HRESCH"])")),
        consent("b", permit(R"("purposes": ["HRESCH"])"), "p2")});
  EXPECT_TRUE(allows(both));
  have({consent("a", permit(R"("purposes": ["HRESCH"])")),
        consent("b", permit(R"("purposes": ["HMARKT"])"), "p2")});
  EXPECT_FALSE(allows(both));
}

TEST_F(ConsentedTest, ActorsAreOnesOrGroups) {
  have({consent("a", deny(R"("actors": [{"type": "Org", "id": "acme"}])"))});
  EXPECT_FALSE(allows({.principal = "cole"}));
  EXPECT_TRUE(allows({}));
  EXPECT_FALSE(allows({.principal = "nobody-knows"})) << "what groups they are in, nobody knows";
  have({consent("a", deny(R"("actors": [{"type": "User", "id": "lee"}])"))});
  EXPECT_TRUE(allows({})) << "that one is surely not this one";
  have({consent("a", deny(R"("actors": [])"))});
  EXPECT_TRUE(allows({})) << "of those whom it is about none is there";
  have({consent("a", deny(R"("actors": [{"type": "Wardlock::CareTeam", "id": ""}])", "1"), "p2")});
  EXPECT_FALSE(allows({.resource = "p2"})) << "a patient whose team nobody knows";
}

TEST_F(ConsentedTest, WhoMayBelongThereIsNotSurelyAnother) {
  std::string schema = kSchema;
  schema.replace(
      schema.find("entity User in [Org];"), 21,
      "entity Club; entity Role; entity Ward;"
      "entity User in [Org, Role] = { scopedRoles?: Set<{ role: Role, scope: Ward }> };");
  constexpr std::string_view kScoped =
      R"({"uid": {"type": "User", "id": "swift"}, "parents": [], "attrs": {"scopedRoles":
      [{"role": {"__entity": {"type": "Role", "id": "Researcher"}},
        "scope": {"__entity": {"type": "Ward", "id": "icu"}}}]}})";
  have({consent("a", deny(R"("actors": [{"type": "Role", "id": "Researcher"}])")),
        std::string(kScoped)},
       schema);
  EXPECT_FALSE(allows({.principal = "swift"})) << "has the role in one place";
  EXPECT_TRUE(allows({}));
  have({consent(
            "a",
            permit(R"("actors": [{"type": "Role", "id": "Researcher"}], "purposes": ["TREAT"])")),
        std::string(kScoped)},
       schema);
  EXPECT_FALSE(allows({.principal = "swift", .action = "export", .purpose = "TREAT"}))
      << "and has not surely what is permitted to all who have it";
  have({consent("a", deny(R"("actors": [{"type": "Club", "id": "rotary"}])"))}, schema);
  EXPECT_FALSE(allows({})) << "who is in a club the schema does not say";
}

TEST_F(ConsentedTest, ActionsGoByTheirNamesAndGroups) {
  const Wanted exported{.action = "export", .purpose = "HRESCH"};
  have({consent("a", permit()), consent("b", deny(R"("actions": ["disclose"])"))});
  EXPECT_FALSE(allows(exported));
  EXPECT_TRUE(allows({}));
  have({consent("b", deny(R"("actions": ["access"])"))});
  EXPECT_FALSE(allows({})) << "the schema does not say which of its actions that is";
  have({consent("a", permit(R"("actions": ["access"])"))});
  EXPECT_FALSE(allows(exported)) << "and then nothing is permitted by it";
}

TEST_F(ConsentedTest, OfAnotherActionNothingIsSaid) {
  const cedar::EntityUid view{"Action", "view", cedar::hash_uid("Action", "view")};
  const cedar::EntityUid exporting{"Action", "export", cedar::hash_uid("Action", "export")};
  const auto says = [&](const Wanted& wanted) {
    const auto decision = ask(wanted);
    return decision && decision->policies.size() == 1 && decision->policies[0] == "said";
  };
  constexpr std::string_view kSaid =
      R"(@id("said") forbid (principal, action, resource) when { context has consent };)";
  have({consent("a", permit(R"("actions": ["disclose"])"))}, kSchema, kSaid);
  EXPECT_FALSE(says({}));
  EXPECT_TRUE(says({.action = "export"}));
  EXPECT_FALSE(may_have_consents(*snapshot_, view));
  EXPECT_TRUE(may_have_consents(*snapshot_, exporting));
  have({consent("a", permit(R"("actions": ["access"])"))}, kSchema, kSaid);
  EXPECT_TRUE(says({})) << "which of its actions that is the schema does not say";
  EXPECT_TRUE(may_have_consents(*snapshot_, view));
}

TEST_F(ConsentedTest, WhoAsksForTheirOwnNeedsTheOtherPatientsConsentAlone) {
  const Wanted own{.principal = "p1",
                   .principal_type = "Patient",
                   .action = "export",
                   .type = "Note",
                   .resource = "both",
                   .purpose = "HRESCH"};
  have({consent("b", permit(R"("purposes": ["HRESCH"])"), "p2")});
  EXPECT_TRUE(allows(own));
  have({consent("a", permit(R"("purposes": ["HRESCH"])"))});
  EXPECT_FALSE(allows(own)) << "p2 has not agreed";
}

TEST_F(ConsentedTest, SensitivitiesAndClasses) {
  const auto note = [](std::string id) {
    return Wanted{.type = "Note", .resource = std::move(id)};
  };
  for (const std::string_view code : {"PSY", "BH", "SPI"}) {
    have({consent("a", deny(fmt::format(R"("labels": ["{}"])", code)))});
    EXPECT_FALSE(allows(note("psy"))) << code;
    EXPECT_TRUE(allows(note("plain"))) << code;
    EXPECT_FALSE(allows(note("unlabelled"))) << code << ": it may be";
  }
  have({consent("a", deny(R"("labels": ["HIV"])"))});
  EXPECT_TRUE(allows(note("psy")));
  have({consent("a", deny(R"("classes": ["Observation"])"))});
  EXPECT_FALSE(allows(note("psy")));
  EXPECT_TRUE(allows(note("plain")));
  EXPECT_FALSE(allows(note("unlabelled")));
}

TEST_F(ConsentedTest, ConfidentialityIsAMarkForPermitsToStayBelowAndForDeniesToBeginAt) {
  const auto note = [](std::string id) {
    return Wanted{.type = "Note", .resource = std::move(id)};
  };
  have({consent("a", deny(R"("labels": ["R"])"))});
  EXPECT_FALSE(allows(note("psy")));
  EXPECT_TRUE(allows(note("plain")));
  EXPECT_FALSE(allows(note("unlabelled")));
  have({consent("a", deny() + "," + permit(R"("labels": ["N"])", "1.1"))});
  EXPECT_FALSE(allows(note("psy")));
  EXPECT_TRUE(allows(note("plain")));
  EXPECT_FALSE(allows(note("unlabelled")));
  have({consent("a", deny(R"("labels": ["N"])"))});
  EXPECT_FALSE(allows(note("psy"))) << "more than it";
}

TEST_F(ConsentedTest, ItsTimeIsLookedAtWithEachQuestion) {
  have({consent("a",
                deny(R"("beginsAt": {"__extn": {"fn": "datetime", "arg": "2023-11-14T22:13:20Z"}},
                             "endsAt": {"__extn": {"fn": "datetime", "arg": "2023-11-14T22:13:21Z"}})"))});
  EXPECT_TRUE(allows({.at = kNow - 1}));
  EXPECT_FALSE(allows({.at = kNow}));
  EXPECT_FALSE(allows({.at = kNow + 999}));
  EXPECT_TRUE(allows({.at = kNow + 1000}));
}

TEST_F(ConsentedTest, WhatSaysNothingDenies) {
  have({consent("a", "")});
  EXPECT_FALSE(allows({}));
  have({consent("a", permit("", "7"))});
  EXPECT_FALSE(allows({})) << "there is no first one";
}

TEST_F(ConsentedTest, NobodyPassesOnWhatThePatientRefusesThem) {
  constexpr std::string_view kDelegation =
      R"({"uid": {"type": "Wardlock::Delegation", "id": "d"}, "parents": [], "attrs": {
        "delegator": {"type": "User", "id": "grey"}, "delegate": {"type": "User", "id": "cole"},
        "target": {"type": "Patient", "id": "p1"}, "actions": [{"__entity": {"type": "Action", "id": "view"}}],
        "opensAt": {"__extn": {"fn": "datetime", "arg": "2023-01-01"}},
        "expiresAt": {"__extn": {"fn": "datetime", "arg": "2024-01-01"}},
        "by": "person", "purpose": "", "ticket": "", "onward": false}})";
  constexpr std::string_view kNotCole = R"("actors": [{"type": "User", "id": "cole"}])";
  constexpr std::string_view kNotGrey = R"("actors": [{"type": "User", "id": "grey"}])";
  Sources sources;
  sources.policies = {{"test.cedar", R"(
    @id("own") permit (principal == User::"grey", action, resource);
    @id("cover") permit (principal, action, resource) when { context has delegation };
    @id("refused") forbid (principal, action, resource)
      when { context has consent && context.consent.refused };)"}};
  sources.schemas = {{"test.cedarschema", kSchema}};
  const auto allows_cole = [&](const std::string& consents) {
    const std::string all = fmt::format(
        R"([{}, {{"uid": {{"type": "User", "id": "grey"}}, "attrs": {{}}, "parents": []}},
            {{"uid": {{"type": "User", "id": "cole"}}, "attrs": {{}}, "parents": []}},
            {{"uid": {{"type": "Patient", "id": "p1"}}, "attrs": {{}}, "parents": []}}{}])",
        kDelegation, consents);
    sources.entities = Source{"entities.json", all};
    auto built = build_snapshot(sources, Mode::kStrict);
    EXPECT_TRUE(built) << (built ? "" : built.error().message);
    snapshot_ = *built;
    return allows({.principal = "cole"});
  };
  EXPECT_TRUE(allows_cole(""));
  EXPECT_FALSE(allows_cole(", " + consent("c", deny(kNotCole))));
  EXPECT_FALSE(allows_cole(", " + consent("c", deny(kNotGrey))));
}

TEST_F(ConsentedTest, NobodySaysItInAQuestion) {
  have({});
  const auto refused = ask({.context = R"({"consent": {"agreed": ["HRESCH"]}})"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
}

TEST_F(ConsentedTest, SchemasThatDoNotFitAreRefused) {
  const auto fault = [](std::string_view from, std::string_view to) {
    std::string schema(kSchema);
    schema.replace(schema.find(from), from.size(), to);
    Sources sources;
    sources.policies = {{"test.cedar", "permit (principal, action, resource);"}};
    sources.schemas = {{"test.cedarschema", schema}};
    const auto built = build_snapshot(sources, Mode::kStrict);
    return built ? std::string() : built.error().message;
  };
  EXPECT_EQ(fault("entity Org;", "entity Org;"), "");
  EXPECT_TRUE(fault("agreed: Set<String>,", "agreed: String,").contains("consent"));
  EXPECT_TRUE(fault("refused: Bool, ", "").contains("consent"));
  EXPECT_TRUE(fault("consent?:", "consent:").contains("optional"));
  EXPECT_TRUE(fault("@audit(\"patient\") ", "").contains("mark the patients' type"));
  EXPECT_TRUE(fault("labels?: Set<String>", "labels?: String").contains("labels"));
  EXPECT_TRUE(fault("place: String,", "").contains("place"));
}

TEST_F(ConsentedTest, AConsentThatIsNoneIsNoSnapshot) {
  Sources sources;
  sources.policies = {{"test.cedar", "permit (principal, action, resource);"}};
  for (const std::string_view attributes :
       {"{}", R"({"patient": "p1", "provisions": []})", R"({"patient": {"type": "P", "id": "1"}})",
        R"({"patient": {"type": "", "id": "1"}, "provisions": []})",
        R"({"patient": {"type": "P", "id": "1"}, "provisions": 1})"}) {
    sources.entities = Source{
        "entities.json",
        fmt::format(
            R"([{{"uid": {{"type": "Wardlock::Consent", "id": "c"}}, "parents": [], "attrs": {}}}])",
            attributes)};
    EXPECT_FALSE(build_snapshot(sources, Mode::kStrict)) << attributes;
  }
}

TEST_F(ConsentedTest, OthersAreNotLookedAt) {
  std::vector<std::string> many;
  for (int i = 0; i < 5000; ++i) {
    many.push_back(consent(fmt::format("c-{}", i), deny(), fmt::format("other-{}", i)));
  }
  many.push_back(consent("own", deny()));
  have(many);
  const auto of = [&](std::string_view id) {
    return consents_of(snapshot_->consents, {"Patient", id, cedar::hash_uid("Patient", id)});
  };
  EXPECT_EQ(of("p1").size(), 1);
  EXPECT_EQ(of("other-4999").size(), 1);
  EXPECT_TRUE(of("p2").empty());
  EXPECT_FALSE(allows({}));
  EXPECT_TRUE(allows({.resource = "p2"}));
}

CodeFit fit_of(std::string_view asked, std::string_view named) {
  return purpose_fit(Purpose::find(asked).value(), Purpose::find(named).value());
}

TEST(ConsentCodes, StandBelowEachOther) {
  EXPECT_TRUE(is_purpose("BTG") && is_purpose("HQUALIMP") && is_purpose("PurposeOfUse"));
  EXPECT_FALSE(is_purpose("btg") || is_purpose("") || is_purpose("MEDNEC"));
  EXPECT_EQ(fit_of("BTG", "TREAT"), CodeFit::kCovered);
  EXPECT_EQ(fit_of("HRESCH", "DSRCH"), CodeFit::kBroader);
  EXPECT_EQ(fit_of("TREAT", "BTG"), CodeFit::kApart) << "whoever means it says it";
  EXPECT_EQ(fit_of("HPAYMT", "TREAT"), CodeFit::kApart);
  EXPECT_TRUE(is_sensitivity("HIV") && is_sensitivity("GDIS"));
  EXPECT_FALSE(is_sensitivity("N") || is_sensitivity(""));
  EXPECT_EQ(sensitivity_fit("ETHUD", "SUD"), CodeFit::kCovered);
  EXPECT_LT(confidentiality_level("U"), confidentiality_level("V"));
  EXPECT_EQ(confidentiality_level("PSY"), std::nullopt);
}

}  // namespace
}  // namespace wardlock::pdp
