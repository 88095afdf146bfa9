#include "explain/words.h"

#include <gtest/gtest.h>

#include "cedar/parser/parser.h"
#include "pdp/snapshot.h"

namespace wardlock::explain {
namespace {

constexpr char kSchema[] = R"(
  entity Role, Ward;
  entity Hospital = { name: String, majorIncident: Bool };
  entity User in [Role, Ward] = {
    ward?: Ward, hospital?: Hospital, contractUntil?: datetime,
    @doc("trained to change the dose.") infusionAuthorised?: Bool,
  } tags { until: datetime };
  entity Patient in [Ward] = {
    careTeam: Set<User>, hasNotes: Bool, recordNumber: String, consent: { research: Bool },
  };
  action view appliesTo { principal: User, resource: Patient, context: {
    now: datetime, urgent?: Bool, justification?: String, rate?: Long, ip?: ipaddr,
    authentication?: { level: Long, methods: Set<String> },
    override?: { id: String, reason: String, expiresAt: datetime },
  } };
)";

class WordsTest : public testing::Test {
 protected:
  void SetUp() override {
    pdp::Sources sources;
    sources.policies = {{"p.cedar", "permit (principal, action, resource);"}};
    sources.schemas = {{"s.cedarschema", kSchema}};
    auto built = pdp::build_snapshot(sources, pdp::Mode::kStrict);
    ASSERT_TRUE(built) << built.error().message;
    snapshot_ = *built;
    request_ = {cedar::make_uid(arena_, "User", "ann"), cedar::make_uid(arena_, "Action", "view"),
                cedar::make_uid(arena_, "Patient", "p1")};
  }

  std::string need(std::string_view expression, bool value = true) {
    const auto parsed = cedar::parse_expression(expression, arena_);
    EXPECT_TRUE(parsed) << expression;
    const cedar::Template body;
    const cedar::Policy policy{"p", &body};
    const Viewer viewer(*snapshot_, scope_, request_);
    return Words(snapshot_->schema(), request_, viewer)
        .need(policy, {cedar::Part::Kind::kCondition, 0, *parsed, {}}, value);
  }

  /// Of the first part of a policy.
  std::string scope_need(std::string_view scope) {
    const auto parsed = cedar::parse_policy("permit (" + std::string(scope) + ");", "p");
    EXPECT_TRUE(parsed) << scope;
    const cedar::Policy policy{"p", parsed->get()};
    const Viewer viewer(*snapshot_, scope_, request_);
    const Words words(snapshot_->schema(), request_, viewer);
    const cedar::Part part = cedar::parts_of(**parsed).front();
    return words.need(policy, part, true) + " | " + words.cedar_text(policy, part);
  }

  Arena arena_;
  std::shared_ptr<const pdp::Snapshot> snapshot_;
  pdp::Scope scope_;
  cedar::Request request_{};
};

TEST(WordsOfNames, AreSplitAtCapitals) {
  EXPECT_EQ(words_of("careTeam"), "care team");
  EXPECT_EQ(words_of("LabReport"), "lab report");
  EXPECT_EQ(words_of("MRIUnit"), "MRI unit");
  EXPECT_EQ(words_of("otp_device"), "otp device");
  EXPECT_EQ(words_of("deviceIP"), "device IP");
  EXPECT_EQ(words_of("A"), "a");
  EXPECT_EQ(words_of(""), "");
}

TEST_F(WordsTest, ConditionsAreSaidInEnglish) {
  EXPECT_EQ(need("resource.careTeam.contains(principal)"),
            "the patient's care team includes the user");
  EXPECT_EQ(need("principal has ward"), "the user has a ward");
  EXPECT_EQ(need("resource in principal.ward"), "the patient is in the user's ward");
  EXPECT_EQ(need("principal in Role::\"Nurse\""), "the user is in the role Nurse");
  EXPECT_EQ(need("principal in [Role::\"A\", Role::\"B\"]"),
            "the user is in the role A or the role B");
  EXPECT_EQ(need("context.authentication.level >= 2"), "the authentication level is at least 2");
  EXPECT_EQ(need("context.authentication.methods.containsAll([\"pwd\", \"otp\"])"),
            "the authentication methods include all of \"pwd\" and \"otp\"");
  EXPECT_EQ(need("context.now < principal.contractUntil"),
            "the time is before the user's contract until");
  EXPECT_EQ(need("context has justification"), "a justification is given");
  EXPECT_EQ(need("context.justification != \"\""), "the justification is not empty");
  EXPECT_EQ(need("context has override"), "an open break-glass grant is named");
  EXPECT_EQ(need("resource.consent.research"), "the patient's consent is research");
  EXPECT_EQ(need("principal.hasTag(resource.recordNumber)"),
            "the user has an entry for the patient's record number");
  EXPECT_EQ(need("context.now < principal.getTag(resource.recordNumber).until"),
            "the time is before “until” of the user's entry for the patient's record number");
  EXPECT_EQ(need("context.ip.isInRange(ip(\"10.0.0.0/8\"))"), "the ip is in the range 10.0.0.0/8");
  EXPECT_EQ(need("principal is Patient"), "the user is a patient");
}

TEST_F(WordsTest, AndTheirOpposite) {
  EXPECT_EQ(need("resource.careTeam.contains(principal)", false),
            "the patient's care team does not include the user");
  EXPECT_EQ(need("principal has ward", false), "the user has no ward");
  EXPECT_EQ(need("context.rate < 5", false), "the rate is at least 5");
  EXPECT_EQ(need("context.rate >= 5", false), "the rate is less than 5");
  EXPECT_EQ(need("context.now <= principal.contractUntil", false),
            "the time is after the user's contract until");
  EXPECT_EQ(need("resource.hasNotes", false), "the patient has no notes");
  EXPECT_EQ(need("principal.hospital.majorIncident", false),
            "the user's hospital is not major incident");
  EXPECT_EQ(need("context.justification == \"\"", false), "the justification is not empty");
  EXPECT_EQ(need("context.urgent", false), "the request does not say: urgent");
  EXPECT_EQ(need("context.urgent == false"), "the request does not say: urgent");
  EXPECT_EQ(need("context has override", false), "no open break-glass grant is named");
  EXPECT_EQ(need("true", false), "never so");
}

TEST_F(WordsTest, TheSchemasWordsStandBehind) {
  EXPECT_EQ(need("principal.infusionAuthorised"),
            "the user is infusion authorised (trained to change the dose)");
  EXPECT_EQ(need("principal has infusionAuthorised"),
            "it is recorded whether the user is infusion authorised (trained to change the dose)");
}

TEST_F(WordsTest, WhatHasNoWordsIsCedar) {
  EXPECT_EQ(need("(if context.urgent then 1 else 2) == 1"),
            "`if context.urgent then 1 else 2` is 1");
  EXPECT_EQ(need("ip()"), "`ip()` holds");
  EXPECT_EQ(need("{a: 1}.a == 1", false), "`{a: 1}`'s a is not 1");
}

TEST_F(WordsTest, TheScope) {
  EXPECT_EQ(scope_need("principal in Role::\"Nurse\", action, resource"),
            "the user is in the role Nurse | principal in Role::\"Nurse\"");
  EXPECT_EQ(scope_need("principal is User in Ward::\"w\", action, resource"),
            "who asks is a user in the ward w | principal is User in Ward::\"w\"");
  EXPECT_EQ(scope_need("principal, action in [Action::\"view\"], resource"),
            "the action is in view | action in [Action::\"view\"]");
  EXPECT_EQ(scope_need("principal, action, resource is Patient"),
            "what is asked about is a patient | resource is Patient");
}

TEST_F(WordsTest, IdsOfOthersAreNotWritten) {
  EXPECT_EQ(scope_need("principal == User::\"bob\", action, resource"),
            "the user is a certain user (not shown) | principal == User::…");
  EXPECT_EQ(scope_need("principal == User::\"ann\", action, resource"),
            "the user is the user ann | principal == User::\"ann\"");
  EXPECT_EQ(need("resource.careTeam.contains(User::\"bob\")"),
            "the patient's care team includes a certain user (not shown)");
  EXPECT_EQ(need("(if context.urgent then User::\"bob\" else principal) == principal"),
            "`if context.urgent then User::… else principal` is the same as the user");
}

TEST_F(WordsTest, TwoOfOneTypeAreToldApart) {
  request_.resource = cedar::make_uid(arena_, "User", "bob");
  EXPECT_EQ(need("principal == resource", false),
            "the asking user is not the same as the user asked about");
}

TEST_F(WordsTest, AreShortWhateverThePolicy) {
  std::string many = "[";
  for (int i = 0; i < 10'000; ++i) many += "\"a long member of the set\", ";
  EXPECT_LT(need("context.authentication.methods.containsAny(" + many + "\"x\"])").size(), 320U);
  std::string deep = "context.rate";
  for (int i = 0; i < 400; ++i) deep += " + context.rate";
  EXPECT_LT(need(deep + " == 1").size(), 320U);
  EXPECT_LT(need("context.justification == \"" + std::string(100'000, 'x') + "\"").size(), 320U);
}

}  // namespace
}  // namespace wardlock::explain
