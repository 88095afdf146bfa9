#include "administration/policy_gate.h"

#include <gtest/gtest.h>

#include "administration/own_policies.h"
#include "administration/question.h"
#include "directory/registry/hospital_for_test.h"
#include "event/draft.h"

namespace wardlock::administration {
namespace {

using directory::name_of;  // for WARDLOCK_ON_EACH_DATABASE
using directory::tested_databases;

using directory::Edit;
using directory::Kind;
using directory::Relation;
using directory::Thing;

std::shared_ptr<const pdp::Snapshot> own_snapshot() {
  auto built = build_policies(own_policies());
  EXPECT_TRUE(built) << (built ? "" : built.error().message);
  return built ? *built : nullptr;
}

TEST(OwnPolicies, AreSound) { EXPECT_NE(own_snapshot(), nullptr); }

TEST(OwnPolicies, OthersMustBeAskedTheSame) {
  pdp::Sources without_schema = own_policies();
  without_schema.schemas.clear();
  EXPECT_FALSE(build_policies(without_schema));
  pdp::Sources without_merge = own_policies();
  std::string& schema = without_merge.schemas.front().text;
  schema.replace(schema.find("\"merge\""), 7, "\"unite\"");
  for (auto& policies : without_merge.policies) {
    const std::size_t at = policies.text.find("Wardlock::Action::\"merge\"");
    if (at != std::string::npos) policies.text.replace(at, 25, "Wardlock::Action::\"unite\"");
  }
  const auto refused = build_policies(without_merge);
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().message.contains("`merge`")) << refused.error().message;
  pdp::Sources broken = own_policies();
  broken.policies.front().text += "permit (principal, action, resource) when { resource.colour };";
  EXPECT_FALSE(build_policies(broken));
}

class PolicyGateTest : public directory::HospitalForTest {
 protected:
  PolicyGateTest() {
    write([](Edit& edit) { return edit.enter_control_plane_roles(); });
  }

  Thing own_role(const std::string& name) {
    return *registry_->find_by_identifier("st-mary", "role.displayName", "Wardlock::" + name);
  }
  /// A person who has these roles of administration.
  Thing with_roles(const std::string& name, std::initializer_list<const char*> roles) {
    const Thing made = person(name);
    for (const char* role : roles) {
      relate(
          {.relation = Relation::kRoleAssignment, .subject = made.id, .object = own_role(role).id});
    }
    return made;
  }
  PolicyGate& gate_for(const Thing& who) {
    asker_ = {.id = who.id,
              .kind = who.kind,
              .roles = *registry_->control_plane_roles("st-mary", who.id, directory::Reach::kNow)};
    return gate_for_asker();
  }
  PolicyGate& gate_for_asker() {
    gate_.emplace(
        PolicyGate::Parts{.policies = *policies_,
                          .registry = *registry_,
                          .mandate = mandate_,
                          .asker = asker_,
                          .now = now_,
                          .new_id = [this] { return "decision-" + std::to_string(told_.size()); },
                          .tell = [this](const event::Event& event) -> Result<void> {
                            if (!can_record_) return fail(ErrorCode::kUnavailable, "no log");
                            std::string draft;
                            if (auto written = event::write_draft(event, draft); !written)
                              return written;
                            told_.emplace_back(event::read_draft(draft)->clear_json);
                            return {};
                          }});
    return *gate_;
  }
  std::string refusal_of(const Result<void>& checked) {
    if (checked) return "allowed";
    EXPECT_EQ(checked.error().code, ErrorCode::kPermissionDenied);
    return checked.error().message;
  }

  std::shared_ptr<const pdp::Snapshot> policies_ = own_snapshot();
  Asker asker_;
  std::optional<PolicyGate> gate_;
  std::vector<std::string> told_;
  bool can_record_ = true;
};
WARDLOCK_ON_EACH_DATABASE(PolicyGateTest);

TEST_P(PolicyGateTest, RolesThatBeginLaterCount) {
  const Thing admin = with_roles("admin", {"Administrator"});
  const Thing grey = person("grey");
  const Thing team = group("Team");
  EXPECT_TRUE(gate_for(admin).check(Deed::kIssueCredential, grey));
  EXPECT_TRUE(gate_for(admin)
                  .check(Deed::kRelate, Relation::kMembership, admin, team)
                  .error()
                  .message.contains("their own"));
  relate({.relation = Relation::kRoleAssignment,
          .subject = team.id,
          .object = own_role("SecurityOfficer").id,
          .from_ms = now_ + 1000});
  EXPECT_NE(refusal_of(gate_for(admin).check(Deed::kRelate, Relation::kMembership, grey, team)),
            "allowed");
  relate({.relation = Relation::kMembership, .subject = grey.id, .object = team.id});
  EXPECT_NE(refusal_of(gate_for(admin).check(Deed::kIssueCredential, grey)), "allowed");
}

TEST_P(PolicyGateTest, NobodyChangesWhatTheirOwnGroupsHave) {
  const Thing officer = with_roles("officer", {"SecurityOfficer"});
  const Thing inner = group("Inner");
  const Thing outer = group("Outer");
  const Thing role = own_role("Administrator");
  EXPECT_TRUE(gate_for(officer).check(Deed::kRelate, Relation::kRoleAssignment, outer, role));
  relate({.relation = Relation::kMembership, .subject = officer.id, .object = inner.id});
  relate({.relation = Relation::kMembership, .subject = inner.id, .object = outer.id});
  for (const Thing* group : {&inner, &outer}) {
    EXPECT_TRUE(
        refusal_of(gate_for(officer).check(Deed::kRelate, Relation::kRoleAssignment, *group, role))
            .contains("a group that they are in"));
  }
}

TEST_P(PolicyGateTest, AnotherAccountIsStillTheSamePerson) {
  const Thing officer = with_roles("officer", {"SecurityOfficer", "Administrator"});
  const Thing other = person("officer-2");
  const Thing third = person("third");
  const Thing team = group("Team");
  const Thing role = own_role("HelpDesk");
  EXPECT_TRUE(gate_for(officer).check(Deed::kRelate, Relation::kRoleAssignment, other, role));
  relate({.relation = Relation::kAccountOf, .subject = other.id, .object = officer.id});
  relate({.relation = Relation::kMembership, .subject = other.id, .object = team.id});
  constexpr std::string_view kOwn = "their own";
  for (const Thing* target : {&other, &team}) {
    EXPECT_NE(refusal_of(
                  gate_for(officer).check(Deed::kRelate, Relation::kRoleAssignment, *target, role)),
              "allowed");
  }
  EXPECT_TRUE(refusal_of(gate_for(officer).check(Deed::kChange, other)).contains(kOwn));
  EXPECT_TRUE(
      refusal_of(gate_for(officer).check(Deed::kEndRelation, Relation::kAccountOf, other, officer))
          .contains(kOwn));
  EXPECT_TRUE(
      refusal_of(gate_for(officer).check(Deed::kRelate, Relation::kAccountOf, third, officer))
          .contains(kOwn))
      << "nobody says that somebody's account is theirs";
  EXPECT_TRUE(gate_for(officer).check(Deed::kRelate, Relation::kRoleAssignment, third, role));
}

TEST_P(PolicyGateTest, WhoHasNoRoleMayNothing) {
  const Thing nurse = person("nurse");
  PolicyGate& gate = gate_for(person("grey"));
  for (std::size_t i = 0; i < kDeeds; ++i) {
    const auto deed = static_cast<Deed>(i);
    const bool is_of_relation = deed == Deed::kRelate || deed == Deed::kEndRelation;
    const bool is_of_kind = deed == Deed::kCreate || deed == Deed::kImport;
    const auto checked =
        is_of_relation ? gate.check(deed, Relation::kRoleAssignment, nurse, own_role("HelpDesk"))
        : is_of_kind   ? gate.check(deed, Kind::kPerson)
                       : gate.check(deed, nurse);
    EXPECT_NE(refusal_of(checked), "allowed") << to_string(deed);
  }
}

TEST_P(PolicyGateTest, SaysWhyInWordsForWhoAsks) {
  const Thing help = with_roles("help", {"HelpDesk"});
  PolicyGate& gate = gate_for(help);
  EXPECT_EQ(
      refusal_of(gate.check(Deed::kCreate, Kind::kDevice)),
      "none of your roles allows `create` with devices; docs/administration.md says which do");
  EXPECT_EQ(refusal_of(gate.check_state(help, "suspended")),
            "Nobody changes their own record, roles, groups or state; ask somebody else.");
}

TEST_P(PolicyGateTest, WhoSignedInWithOneProofIsToldHowManyItTakes) {
  const Thing admin = with_roles("admin", {"Administrator"});
  AskerSignIn sign_in{.level = 1, .methods = {"pwd"}, .at_ms = now_, .session = "session-1"};
  PolicyGate& weak = gate_for(admin);
  asker_.sign_in = &sign_in;
  EXPECT_EQ(refusal_of(weak.check(Deed::kRead, Kind::kPerson)),
            "Administering Wardlock takes two proofs; sign in again with another one.");
  EXPECT_EQ(weak.wanted_level(), 2);
  sign_in.level = 2;
  PolicyGate& strong = gate_for(admin);
  asker_.sign_in = &sign_in;
  EXPECT_TRUE(strong.check(Deed::kRead, Kind::kPerson));
  EXPECT_FALSE(
      strong.check(Deed::kRelate, Relation::kRoleAssignment, person("nurse"), own_role("Auditor")));
  EXPECT_FALSE(strong.wanted_level()) << "no sign-in would help";
}

TEST_P(PolicyGateTest, ACredentialHasNoLevel) {
  PolicyGate& gate = gate_for(with_roles("admin", {"Administrator"}));
  EXPECT_TRUE(gate.check(Deed::kRead, Kind::kPerson));
  EXPECT_FALSE(gate.check(Deed::kEndSessions, person("nurse")));
  EXPECT_FALSE(gate.wanted_level());
}

TEST_P(PolicyGateTest, TheStateThatIsWantedCounts) {
  const Thing nurse = person("nurse");
  PolicyGate& gate = gate_for(with_roles("help", {"HelpDesk"}));
  EXPECT_TRUE(gate.check_state(nurse, "suspended"));
  EXPECT_FALSE(gate.check_state(nurse, "left"));
  EXPECT_FALSE(gate.check(Deed::kSetState, nurse));
}

TEST_P(PolicyGateTest, RolesOfAdministrationAreGivenByOfficersToOthers) {
  const Thing nurse = person("nurse");
  const Thing admin = with_roles("admin", {"Administrator"});
  const Thing officer = with_roles("officer", {"SecurityOfficer", "Administrator"});
  const Thing role = own_role("Auditor");
  const Thing ward_role = directory::HospitalForTest::role("Nurse");
  PolicyGate& by_admin = gate_for(admin);
  EXPECT_TRUE(by_admin.check(Deed::kRelate, Relation::kRoleAssignment, nurse, ward_role));
  EXPECT_FALSE(by_admin.check(Deed::kRelate, Relation::kRoleAssignment, nurse, role));
  EXPECT_FALSE(by_admin.check(Deed::kRelate, Relation::kRoleAssignment, admin, ward_role));
  PolicyGate& by_officer = gate_for(officer);
  EXPECT_TRUE(by_officer.check(Deed::kRelate, Relation::kRoleAssignment, nurse, role));
  EXPECT_FALSE(by_officer.check(Deed::kRelate, Relation::kRoleAssignment, officer, role));
  EXPECT_FALSE(by_officer.check(Deed::kEndRelation, Relation::kRoleAssignment, officer, role));
}

TEST_P(PolicyGateTest, WhoAnswersForAThingApprovesWhatIsDoneToIt) {
  const AskerSignIn sign_in{.level = 2, .methods = {"pwd", "otp"}, .at_ms = now_, .session = "s-1"};
  const Thing pump = device(device_model(organisation("acme"), "P4"), "SN-7");
  const auto refusal = [&](const Thing& who, const Thing& whose, const ApprovalStanding& approval,
                           bool has_signed_in = true) {
    gate_for(who);
    asker_.sign_in = has_signed_in ? &sign_in : nullptr;
    return refusal_of(gate_for_asker().check_approval(whose, pump, approval));
  };
  const Thing chief = person("chief");
  const Thing grey = person("grey");
  const Thing officer = with_roles("officer", {"SecurityOfficer"});
  const ApprovalStanding by_owner{
      .action = "updateFirmware", .action_class = "firmware", .by_owner = true};
  EXPECT_EQ(refusal(chief, grey, by_owner), "allowed");
  EXPECT_TRUE(told_.back().contains(R"("action":"answerApproval")")) << told_.back();
  EXPECT_TRUE(told_.back().contains(R"("changed":"updateFirmware")")) << told_.back();
  EXPECT_NE(refusal(chief, chief, by_owner), "allowed");
  EXPECT_NE(refusal(chief, grey, by_owner, false), "allowed") << "with a credential";
  ApprovalStanding other = by_owner;
  other.by_owner = false;
  EXPECT_NE(refusal(chief, grey, other), "allowed");
  EXPECT_EQ(refusal(officer, grey, other), "allowed");
  other.action_class = "safety";
  EXPECT_NE(refusal(officer, grey, other), "allowed") << "that is for who answers for the thing";
  other.by_owner = true;
  EXPECT_EQ(refusal(chief, grey, other), "allowed");
}

TEST_P(PolicyGateTest, WhoAnswersARequestGivesNoMoreThanWhoAssigns) {
  const AskerSignIn sign_in{.level = 2, .methods = {"pwd", "otp"}, .at_ms = now_, .session = "s-1"};
  const auto gate = [&](const Thing& who) -> PolicyGate& {
    gate_for(who);
    asker_.sign_in = &sign_in;
    return gate_for_asker();
  };
  const Thing chief = person("chief");
  const Thing grey = person("grey");
  const Thing physician = role("Physician");
  EXPECT_TRUE(gate(chief).check_answer(grey, physician, true, true)) << "who answers for the role";
  EXPECT_EQ(told_.size(), 2U) << "the answer, and the assignment";
  EXPECT_TRUE(told_.back().contains(R"("action":"relate")"));
  EXPECT_NE(refusal_of(gate(chief).check_answer(grey, physician, false, true)), "allowed");
  EXPECT_NE(
      refusal_of(gate(chief).check(Deed::kRelate, Relation::kRoleAssignment, grey, physician)),
      "allowed")
      << "without a request they assign nothing";
  EXPECT_NE(refusal_of(gate(chief).check_answer(chief, physician, true, true)), "allowed");
  const Thing officer = with_roles("officer", {"SecurityOfficer"});
  const Thing auditor = own_role("Auditor");
  EXPECT_NE(refusal_of(gate(chief).check_answer(grey, auditor, true, true)), "allowed")
      << "a role of administration";
  EXPECT_TRUE(gate(officer).check_answer(grey, auditor, false, true));
  EXPECT_TRUE(gate(officer).check_answer(grey, physician, false, false));
  EXPECT_NE(refusal_of(gate_for(officer).check_answer(grey, physician, false, false)), "allowed")
      << "with a credential, and not signed in";
  // In a group of the approver's the assignment is forbidden, and so is the approval.
  const Thing team = group("Team");
  relate({.relation = Relation::kMembership, .subject = officer.id, .object = team.id});
  EXPECT_TRUE(refusal_of(gate(officer).check_answer(team, physician, false, true))
                  .contains("a group that they are in"));
}

TEST_P(PolicyGateTest, AGroupGivesWhatItHas) {
  const Thing nurse = person("nurse");
  const Thing outer = group("Outer");
  const Thing inner = group("Inner");
  relate({.relation = Relation::kMembership, .subject = inner.id, .object = outer.id});
  const Thing personnel = with_roles("personnel", {"Provisioning"});
  EXPECT_TRUE(gate_for(personnel).check(Deed::kRelate, Relation::kMembership, nurse, inner));
  relate({.relation = Relation::kRoleAssignment,
          .subject = outer.id,
          .object = own_role("Auditor").id});
  PolicyGate& gate = gate_for(personnel);
  EXPECT_EQ(refusal_of(gate.check(Deed::kRelate, Relation::kMembership, nurse, inner)),
            "Who administers Wardlock is said by security officers.");
  EXPECT_FALSE(gate.check(Deed::kChange, inner));
  EXPECT_TRUE(gate.check(Deed::kRelate, Relation::kMembership, nurse, group("Other")));
}

TEST_P(PolicyGateTest, CredentialsOfAdministratorsAreForOfficers) {
  const Thing nurse = person("nurse");
  const Thing officer = with_roles("officer", {"SecurityOfficer"});
  PolicyGate& gate = gate_for(with_roles("admin", {"Administrator"}));
  EXPECT_TRUE(gate.check(Deed::kIssueCredential, nurse));
  EXPECT_FALSE(gate.check(Deed::kIssueCredential, officer));
  EXPECT_FALSE(gate.check(Deed::kRevokeCredential, officer));
  EXPECT_TRUE(gate_for(nurse).check(Deed::kIssueCredential, nurse));
}

TEST_P(PolicyGateTest, ClientsThatAdministerAreForOfficers) {
  const Thing admin = with_roles("admin", {"Administrator"});
  const Thing officer = with_roles("officer", {"SecurityOfficer"});
  const Thing service =
      create(Kind::kService, R"({"clientId":"gw","displayName":"Gateway","purpose":"x"})");
  const ClientStanding plain{.id = "c-1", .thing = {}};
  const ClientStanding console{.id = "c-1", .thing = {}, .administers = true};
  const ClientStanding gateway{.id = "c-1", .thing = service.id};
  for (std::size_t i = 0; i < kClientDeeds; ++i) {
    const auto deed = static_cast<ClientDeed>(i);
    EXPECT_TRUE(gate_for(admin).check(deed, plain)) << to_string(deed);
    EXPECT_TRUE(gate_for(admin).check(deed, gateway)) << to_string(deed);
    // What registers by itself administers nothing, whoever invites it.
    EXPECT_EQ(gate_for(officer).check(deed, console).has_value(), deed != ClientDeed::kRegister)
        << to_string(deed);
    EXPECT_NE(refusal_of(gate_for(person("p" + std::to_string(i))).check(deed, plain)), "allowed");
    if (deed == ClientDeed::kRead) continue;
    EXPECT_TRUE(refusal_of(gate_for(admin).check(deed, console)).contains("OAuth clients"))
        << to_string(deed);
  }
  relate({.relation = Relation::kRoleAssignment,
          .subject = service.id,
          .object = own_role("Provisioning").id,
          .from_ms = now_ + 1000});
  EXPECT_NE(refusal_of(gate_for(admin).check(ClientDeed::kChange, gateway)), "allowed")
      << "what it will have counts";
  EXPECT_NE(refusal_of(gate_for(admin).check(ClientDeed::kRenewSecret, gateway)), "allowed");
}

TEST_P(PolicyGateTest, AnybodyIsNobodyWhoAdministers) {
  asker_ = {.id = std::string(kAnybodyKind), .roles = {}, .is_anybody = true};
  const auto refused = gate_for_asker().check(ClientDeed::kRegister, {.id = {}, .thing = {}});
  EXPECT_NE(refusal_of(refused), "allowed");
  ASSERT_EQ(told_.size(), 1U);
  EXPECT_TRUE(told_.front().contains("registerClient")) << told_.front();
}

TEST_P(PolicyGateTest, NoServiceSaysItselfWhatItMayGetAsAClient) {
  const Thing service =
      create(Kind::kService, R"({"clientId":"gw","displayName":"Gateway","purpose":"x"})");
  relate({.relation = Relation::kRoleAssignment,
          .subject = service.id,
          .object = own_role("SecurityOfficer").id});
  const ClientStanding own{.id = "c-1", .thing = service.id};
  for (const ClientDeed deed : {ClientDeed::kCreate, ClientDeed::kChange, ClientDeed::kEnable}) {
    EXPECT_NE(refusal_of(gate_for(service).check(deed, own)), "allowed") << to_string(deed);
  }
  EXPECT_TRUE(gate_for(service).check(ClientDeed::kDisable, own));
  EXPECT_TRUE(gate_for(service).check(ClientDeed::kChange, {.id = "c-2", .thing = {}}));
}

TEST_P(PolicyGateTest, WhatIsAskedOfAClientIsOnRecord) {
  const Thing admin = with_roles("admin", {"Administrator"});
  EXPECT_TRUE(gate_for(admin).check(ClientDeed::kChange, {.id = "c-1", .thing = {}}));
  ASSERT_EQ(told_.size(), 1U);
  EXPECT_TRUE(told_.front().contains("changeClient")) << told_.front();
  EXPECT_TRUE(told_.front().contains("Wardlock::Client")) << told_.front();
  can_record_ = false;
  const auto unrecorded = gate_for(admin).check(ClientDeed::kRead, {.id = "c-1", .thing = {}});
  ASSERT_FALSE(unrecorded);
  EXPECT_EQ(unrecorded.error().code, ErrorCode::kUnavailable);
}

TEST_P(PolicyGateTest, EachQuestionIsOnRecordOnce) {
  const Thing nurse = person("nurse");
  PolicyGate& gate = gate_for(with_roles("admin", {"Administrator"}));
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(gate.check(Deed::kCreate, Kind::kPerson));
    EXPECT_TRUE(gate.check(Deed::kChange, nurse));
  }
  EXPECT_TRUE(gate.check(Deed::kCreate, Kind::kDevice));
  ASSERT_EQ(told_.size(), 3U);
  EXPECT_TRUE(told_[0].contains(R"("Wardlock::Kind")")) << told_[0];
  EXPECT_TRUE(told_[0].contains(R"("administrator-edits-the-directory")")) << told_[0];
  EXPECT_TRUE(told_[0].contains(R"("administration")")) << told_[0];
  EXPECT_TRUE(told_[0].contains(policies_->policy_set())) << told_[0];
}

TEST_P(PolicyGateTest, WhatCannotBeRecordedIsNotAllowed) {
  can_record_ = false;
  PolicyGate& gate = gate_for(with_roles("admin", {"Administrator"}));
  EXPECT_EQ(gate.check(Deed::kCreate, Kind::kPerson).error().code, ErrorCode::kUnavailable);
  can_record_ = true;
  EXPECT_TRUE(gate.check(Deed::kCreate, Kind::kPerson));
}

TEST_P(PolicyGateTest, PoliciesAreApprovedByWhoHasSignedIn) {
  const Thing approver = with_roles("approver", {"PolicyApprover"});
  const PolicyStanding production{.environment = "production", .meaning = "privacy"};
  EXPECT_TRUE(
      refusal_of(gate_for(approver).check(PolicyDeed::kApprove, production)).contains("sign in"));
  EXPECT_FALSE(gate_->wanted_level()) << "a token is no sign-in that could be surer";
  const AskerSignIn weak{.level = 1, .methods = {"pwd"}, .at_ms = now_};
  gate_for(approver);
  asker_.sign_in = &weak;
  EXPECT_FALSE(gate_->check(PolicyDeed::kApprove, production));
  EXPECT_EQ(gate_->wanted_level(), 2);
  const AskerSignIn sure{.level = 2, .methods = {"pwd", "otp"}, .at_ms = now_};
  gate_for(approver);
  asker_.sign_in = &sure;
  told_.clear();
  EXPECT_TRUE(gate_->check(PolicyDeed::kApprove, production));
  ASSERT_EQ(told_.size(), 1U);
  EXPECT_TRUE(told_.front().contains("approvePolicy")) << told_.front();
  EXPECT_TRUE(told_.front().contains("privacy")) << told_.front();
  EXPECT_FALSE(gate_->check(PolicyDeed::kDraft, production));
}

TEST(OwnPolicies, MustSayWhichApprovalsAChangeNeeds) {
  pdp::Sources without = own_policies();
  for (auto* files : {&without.schemas, &without.policies}) {
    for (pdp::Source& source : *files) {
      for (std::size_t at; (at = source.text.find("needApproval")) != std::string::npos;) {
        source.text.replace(at, 12, "wantApproval");
      }
    }
  }
  const auto refused = build_policies(without);
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().message.contains("`needApproval`")) << refused.error().message;
}

}  // namespace
}  // namespace wardlock::administration
