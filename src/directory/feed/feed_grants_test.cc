#include <gtest/gtest.h>

#include <map>

#include "directory/feed/open_grants.h"
#include "directory/feed/seen_for_test.h"

namespace wardlock::directory {
namespace {

constexpr std::int64_t kHour = 3'600'000;
constexpr std::string_view kGrantSchema = R"(
namespace Wardlock {
entity Grant = {
  principal: User, target: Patient, actions: Set<Action>, opensAt: datetime, expiresAt: datetime,
  reason: String, waives?: Set<String>,
};
type Named = { type: String, id: String };
entity Delegation = {
  delegator: Named, delegate: Named, target: Named, actions: Set<Action>, opensAt: datetime,
  expiresAt: datetime, by: String, purpose: String, ticket: String, onward: Bool,
  passesOn?: String,
};
type Provision = { place: String, permits: Bool, beginsAt?: datetime, endsAt?: datetime,
  purposes?: Set<String>, actors?: Set<Named>, actions?: Set<String>, labels?: Set<String>,
  classes?: Set<String> };
entity Consent = { patient: Named, provisions: Set<Provision> };
entity Approval = { principal: Named, target: Named, action: Action, approvers: Set<Named>,
  ticket: String, opensAt: datetime, expiresAt: datetime };
type Approved = { id: String, approvers: Set<Named>, ticket: String, expiresAt: datetime };
}
@audit("therapy") action setLimit appliesTo { principal: User, resource: Patient,
  context: { approval?: Wardlock::Approved } };
)";

/// Grants that a test keeps in memory.
class GrantsInMemory final : public OpenGrants {
 public:
  Result<std::vector<OpenGrant>> read_all(storage::Work&, std::string_view) const override {
    std::vector<OpenGrant> all;
    for (const auto& [id, grant] : grants) all.push_back(grant);
    return all;
  }
  Result<std::optional<OpenGrant>> read(storage::Work&, std::string_view,
                                        std::string_view id) const override {
    const auto found = grants.find(std::string(id));
    if (found == grants.end()) return std::nullopt;
    return found->second;
  }

  std::map<std::string, OpenGrant> grants;
};

class FeedGrantsTest : public SeenForTest {
 protected:
  FeedGrantsTest() {
    schema_text_ += kGrantSchema;
    grants_from_ = &grants_;
  }

  OpenGrant grant(std::string_view id = "0190e8a0-0000-7000-8000-00000000000a") const {
    return {.id = std::string(id),
            .person = swift_.id,
            .target = lind_.id,
            .actions = {"view"},
            .reason = "unconscious",
            .opens_ms = now_ - 60'000,
            .expires_ms = now_ + 4 * kHour};
  }
  OpenGrant delegation() const {
    OpenGrant open = grant("0190e8a0-0000-7000-8000-00000000000d");
    open.reason = "FAMRQT";
    open.delegation = OpenDelegation{.delegator = lind_.id, .by = "patient", .ticket = "T-1"};
    return open;
  }
  std::string seen_delegation(const OpenGrant& grant) const {
    return seen("Wardlock::Delegation", grant.id);
  }
  OpenGrant consent() const {
    OpenGrant open{.id = "0190e8a0-0000-7000-8000-00000000000c",
                   .person = {},
                   .target = lind_.id,
                   .actions = {},
                   .reason = {},
                   .expires_ms = now_ + kHour};
    open.consent = {
        OpenProvision{.place = "1",
                      .purposes = std::vector<std::string>{"HRESCH"},
                      .actors = std::vector<std::string>{swift_.id, std::string(kOwnCareTeam)}}};
    return open;
  }
  OpenGrant approval() const {
    OpenGrant open = grant("0190e8a0-0000-7000-8000-00000000000e");
    open.actions = {"setLimit"};
    open.approval = OpenApproval{.approvers = {chief_.id}, .ticket = "T-1"};
    return open;
  }
  std::string seen_approval() const { return seen("Wardlock::Approval", approval().id); }
  std::string why_not(const OpenGrant& grant) const {
    return feed_->why_not_granted(grant.id).value_or("it is seen");
  }
  std::string seen_consent() const { return seen("Wardlock::Consent", consent().id); }
  void keep(const OpenGrant& grant) {
    grants_.grants.insert_or_assign(grant.id, grant);
    tell(grant.id, grant.approval     ? kOpenApprovalEntry
                   : grant.consent    ? kOpenConsentEntry
                   : grant.delegation ? kOpenDelegationEntry
                                      : kOpenGrantEntry);
  }
  void end(const OpenGrant& grant) {
    grants_.grants.erase(grant.id);
    tell(grant.id);
  }
  void tell(const std::string& id, std::string_view kind = kOpenGrantEntry) {
    write([&](Edit& edit) {
      return edit.tell_beside({.what = What::kChanged, .kind = kind, .id = id, .after = "{}"},
                              {.kind = event::Kind::kOverrideChange, .action = "test"});
    });
  }
  std::string seen_grant(const OpenGrant& grant) const { return seen("Wardlock::Grant", grant.id); }

  GrantsInMemory grants_;
  const Thing swift_ = user("swift");
  const Thing chief_ = user("chief");
  const Thing lind_ = patient_known_as("p-200");
};
WARDLOCK_ON_EACH_DATABASE(FeedGrantsTest);

TEST_P(FeedGrantsTest, AGrantIsAnEntityOfWhatPoliciesSee) {
  load();
  const OpenGrant open = grant();
  keep(open);
  EXPECT_EQ(seen_grant(open), "") << "not followed yet";
  EXPECT_TRUE(follow());
  EXPECT_TRUE(seen_grant(open).contains(R"(actions: [Action::"view"])"));
  EXPECT_TRUE(seen_grant(open).contains(R"(principal: User::"swift")"));
  EXPECT_TRUE(seen_grant(open).contains(R"(target: Patient::"p-200")"));
  EXPECT_TRUE(seen_grant(open).contains(R"(reason: "unconscious")"));
  EXPECT_EQ(feed_->why_not_granted(open.id), std::nullopt);
  const std::string followed = seen_grant(open);
  load();
  EXPECT_EQ(seen_grant(open), followed) << "read anew it is the same";
}

TEST_P(FeedGrantsTest, OneThatWasEndedIsGone) {
  const OpenGrant open = grant();
  keep(open);
  load();
  ASSERT_NE(seen_grant(open), "");
  end(open);
  EXPECT_TRUE(follow());
  EXPECT_EQ(seen_grant(open), "");
  EXPECT_EQ(feed_->why_not_granted(open.id), "it is not open");
}

TEST_P(FeedGrantsTest, ItExpiresWithoutTheDatabaseAndStaysSoThoughTheClockIsSetBack) {
  const OpenGrant open = grant();
  keep(open);
  load();
  EXPECT_EQ(feed_->next_moment(), open.expires_ms);
  EXPECT_FALSE(feed_->follow_clock(open.expires_ms - 1));
  EXPECT_TRUE(feed_->follow_clock(open.expires_ms));
  EXPECT_EQ(seen_grant(open), "");
  now_ += 1;
  tell(open.id);  // something is told of it, and it is still kept
  EXPECT_FALSE(feed_->follow_clock(now_));
  follow();
  EXPECT_EQ(seen_grant(open), "");
}

TEST_P(FeedGrantsTest, WhoIsNotSeenHasNone) {
  const OpenGrant open = grant();
  keep(open);
  load();
  set_state(swift_, "suspended");
  EXPECT_TRUE(follow());
  EXPECT_EQ(seen_grant(open), "");
  EXPECT_TRUE(feed_->why_not_granted(open.id).value_or("").contains("the person"));
  load();
  EXPECT_EQ(seen_grant(open), "");
  set_state(swift_, "active");
  follow();
  EXPECT_NE(seen_grant(open), "");
}

TEST_P(FeedGrantsTest, WhoseNameChangesHasItUnderTheNewOne) {
  known_by_ = {{Kind::kPatient, "recordNumber"}};
  const Thing wu = create(Kind::kPatient, R"({"recordNumber":"T-1","isConfidential":false})");
  OpenGrant open = grant();
  open.target = wu.id;
  keep(open);
  load();
  EXPECT_TRUE(seen_grant(open).contains(R"(Patient::"T-1")")) << seen_grant(open);
  change(wu, R"({"recordNumber":"MR-300","isConfidential":false})");
  follow();
  EXPECT_TRUE(seen_grant(open).contains(R"(Patient::"MR-300")")) << seen_grant(open);
}

TEST_P(FeedGrantsTest, OneOfAPatientWhoWasMergedIsReadAnew) {
  const OpenGrant open = grant();
  keep(open);
  const Thing alma = patient_known_as("p-100");
  load();
  grants_.grants.at(open.id).target = alma.id;  // as who keeps it says after the merge
  write([&](Edit& edit) -> Result<void> {
    TRY(edit.merge_patients(lind_.id, alma.id));
    return {};
  });
  EXPECT_TRUE(follow());
  EXPECT_TRUE(seen_grant(open).contains(R"(target: Patient::"p-100")"));
}

TEST_P(FeedGrantsTest, WhatDoesNotFitTheSchemaIsHiddenAndSaysWhy) {
  load();
  OpenGrant open = grant();
  open.actions = {"fly"};
  keep(open);
  follow();
  EXPECT_EQ(seen_grant(open), "");
  EXPECT_TRUE(feed_->why_not_granted(open.id).value_or("").contains("`fly`"));
  open = grant();
  open.target = swift_.id;
  keep(open);
  follow();
  EXPECT_EQ(seen_grant(open), "");
  EXPECT_NE(feed_->why_not_granted(open.id), std::nullopt);
  open.target = lind_.id;
  open.waives = {"confidential"};
  keep(open);
  follow();
  EXPECT_TRUE(seen_grant(open).contains(R"(waives: ["confidential"])"));
  EXPECT_EQ(feed_->why_not_granted(open.id), std::nullopt);
}

TEST_P(FeedGrantsTest, ASchemaWithoutTheTypeHasNone) {
  schema_text_.resize(schema_text_.size() - kGrantSchema.size());
  const OpenGrant open = grant();
  keep(open);
  load();
  EXPECT_EQ(seen_grant(open), "");
  EXPECT_TRUE(feed_->why_not_granted(open.id).value_or("").contains("Wardlock::Grant"));
}

TEST_P(FeedGrantsTest, ADelegationIsAnEntityWithNamesOfAnyType) {
  load();
  OpenGrant open = delegation();
  keep(open);
  EXPECT_EQ(seen_delegation(open), "") << "not followed yet";
  EXPECT_TRUE(follow());
  const std::string followed = seen_delegation(open);
  for (const char* part :
       {R"(delegate: {id: "swift", type: "User"})", R"(delegator: {id: "p-200", type: "Patient"})",
        R"(target: {id: "p-200", type: "Patient"})", R"(actions: [Action::"view"])",
        R"(by: "patient")", "onward: false", R"(purpose: "FAMRQT")", R"(ticket: "T-1")"}) {
    EXPECT_TRUE(followed.contains(part)) << part << " in " << followed;
  }
  EXPECT_FALSE(followed.contains("passesOn"));
  EXPECT_EQ(seen_grant(open), "") << "no grant of that id";
  EXPECT_EQ(feed_->why_not_granted(open.id), std::nullopt);
  load();
  EXPECT_EQ(seen_delegation(open), followed) << "read anew it is the same";
  open.delegation->passes_on = "another";
  open.delegation->may_pass_on = true;
  keep(open);
  EXPECT_TRUE(follow());
  EXPECT_TRUE(seen_delegation(open).contains(R"(passesOn: "another")"));
  EXPECT_TRUE(seen_delegation(open).contains("onward: true"));
}

TEST_P(FeedGrantsTest, ADelegationThatEndsIsGone) {
  const OpenGrant open = delegation();
  keep(open);
  load();
  ASSERT_NE(seen_delegation(open), "");
  grants_.grants.erase(open.id);
  tell(open.id, kOpenDelegationEntry);
  EXPECT_TRUE(follow());
  EXPECT_EQ(seen_delegation(open), "");
  keep(open);
  follow();
  ASSERT_NE(seen_delegation(open), "");
  EXPECT_TRUE(feed_->follow_clock(open.expires_ms));
  EXPECT_EQ(seen_delegation(open), "") << "by the clock";
  now_ += 1;
  follow();
  EXPECT_EQ(seen_delegation(open), "") << "and stays so";
}

TEST_P(FeedGrantsTest, ADelegationOfSomebodyWhoIsNotSeenIsNone) {
  const OpenGrant open = delegation();
  keep(open);
  load();
  set_state(swift_, "suspended");
  EXPECT_TRUE(follow());
  EXPECT_EQ(seen_delegation(open), "");
  set_state(swift_, "active");
  follow();
  EXPECT_NE(seen_delegation(open), "");
  OpenGrant other = delegation();
  other.delegation->delegator = "0190e8a0-0000-7000-8000-0000000000ff";
  keep(other);
  follow();
  EXPECT_EQ(seen_delegation(other), "");
  EXPECT_TRUE(feed_->why_not_granted(other.id).value_or("").contains("who delegates"));
  other = delegation();
  other.hidden = "the delegate is not at work";
  keep(other);
  follow();
  EXPECT_EQ(seen_delegation(other), "");
  EXPECT_EQ(feed_->why_not_granted(other.id), "the delegate is not at work");
}

TEST_P(FeedGrantsTest, AConsentIsAnEntityOfWhatPoliciesSee) {
  load();
  keep(consent());
  EXPECT_TRUE(follow());
  for (const std::string_view part :
       {R"(patient: {id: "p-200", type: "Patient"})", R"({id: "swift", type: "User"})",
        R"({id: "own", type: "Wardlock::CareTeam"})", R"(purposes: ["HRESCH"])",
        R"(permits: false)", R"(place: "1")"}) {
    EXPECT_TRUE(seen_consent().contains(part)) << part << " in " << seen_consent();
  }
  EXPECT_FALSE(seen_consent().contains("labels")) << "not restricted";
  const std::string followed = seen_consent();
  load();
  EXPECT_EQ(seen_consent(), followed) << "read anew it is the same";
  end(consent());
  EXPECT_TRUE(follow());
  EXPECT_EQ(seen_consent(), "");
}

TEST_P(FeedGrantsTest, OfAConsentsActorsOnlyThoseWhomPoliciesSee) {
  keep(consent());
  load();
  set_state(swift_, "suspended");
  EXPECT_TRUE(follow());
  EXPECT_FALSE(seen_consent().contains("swift"));
  EXPECT_TRUE(seen_consent().contains("actors")) << "it is restricted all the same";
  expect_like_fresh();
}

TEST_P(FeedGrantsTest, AConsentIsOverForEver) {
  keep(consent());
  load();
  EXPECT_TRUE(feed_->follow_clock(consent().expires_ms));
  EXPECT_EQ(seen_consent(), "");
  tell(consent().id, kOpenConsentEntry);
  follow();
  EXPECT_EQ(seen_consent(), "") << "though the clock was set back";
}

TEST_P(FeedGrantsTest, APatientWhoBecomesAnotherTakesConsentsAlong) {
  keep(consent());
  load();
  const Thing star = patient_known_as("p-300");
  OpenGrant moved = consent();
  moved.target = star.id;
  grants_.grants.insert_or_assign(moved.id, moved);
  write([&](Edit& edit) -> Result<void> {
    TRY(edit.merge_patients(lind_.id, star.id));
    return {};
  });
  EXPECT_TRUE(follow());
  EXPECT_TRUE(seen_consent().contains("p-300")) << "under the same revision: " << seen_consent();
}

TEST_P(FeedGrantsTest, AnApprovalIsAnEntityOfOneActionOnOneThing) {
  load();
  keep(approval());
  EXPECT_TRUE(follow());
  for (const std::string_view part :
       {R"(principal: {id: "swift", type: "User"})", R"(target: {id: "p-200", type: "Patient"})",
        R"(approvers: [{id: "chief", type: "User"}])", R"(action: Action::"setLimit")",
        R"(ticket: "T-1")"}) {
    EXPECT_TRUE(seen_approval().contains(part)) << part << " in " << seen_approval();
  }
  EXPECT_EQ(feed_->why_not_granted(approval().id), std::nullopt);
  const std::string followed = seen_approval();
  load();
  EXPECT_EQ(seen_approval(), followed) << "read anew it is the same";
  grants_.grants.clear();
  tell(approval().id, kOpenApprovalEntry);
  EXPECT_TRUE(follow());
  EXPECT_EQ(seen_approval(), "") << "it was ended";
}

TEST_P(FeedGrantsTest, AnApprovalExpiresByTheClockAndStaysSo) {
  keep(approval());
  load();
  ASSERT_NE(seen_approval(), "");
  EXPECT_TRUE(feed_->follow_clock(approval().expires_ms));
  EXPECT_EQ(seen_approval(), "");
  tell(approval().id, kOpenApprovalEntry);
  follow();
  EXPECT_EQ(seen_approval(), "") << "though the clock was set back";
}

TEST_P(FeedGrantsTest, AnApprovalIsOfPeopleWhomPoliciesSee) {
  keep(approval());
  load();
  for (const Thing& each : {swift_, chief_}) {
    set_state(each, "suspended");
    EXPECT_TRUE(follow());
    EXPECT_EQ(seen_approval(), "") << each.id;
    set_state(each, "active");
    follow();
    EXPECT_NE(seen_approval(), "");
  }
  OpenGrant other = approval();
  other.target = "0190e8a0-0000-7000-8000-0000000000ff";
  keep(other);
  follow();
  EXPECT_EQ(why_not(other), "policies do not see what it is for");
  other = approval();
  other.approval->approvers = {chief_.id, swift_.id};
  keep(other);
  follow();
  EXPECT_EQ(why_not(other), "nobody approves their own deeds");
}

TEST_P(FeedGrantsTest, AnActionSaysWhetherItTakesAnApproval) {
  load();
  const auto limit = feed_->action("setLimit");
  ASSERT_TRUE(limit) << limit.error().message;
  EXPECT_TRUE(limit->takes_approval);
  EXPECT_EQ(limit->action_class, "therapy");
  EXPECT_TRUE(feed_->action(R"(Action::"setLimit")")->takes_approval);
  EXPECT_FALSE(feed_->action("view")->takes_approval);
  EXPECT_FALSE(feed_->action("fly"));
}

TEST_P(FeedGrantsTest, AnApprovalOfWhatNeedsNoneIsNone) {
  load();
  OpenGrant other = approval();
  other.actions = {"view"};
  keep(other);
  follow();
  EXPECT_TRUE(why_not(other).contains("gives `view` no `approval`")) << why_not(other);
  other.actions = {"fly"};
  keep(other);
  follow();
  EXPECT_TRUE(why_not(other).contains("no one action `fly`"));
  other.actions = {};
  keep(other);
  follow();
  EXPECT_EQ(seen_approval(), "");
  schema_text_.resize(schema_text_.size() - kGrantSchema.size());
  keep(approval());
  load();
  EXPECT_TRUE(why_not(approval()).contains("Wardlock::Approval"));
}

}  // namespace
}  // namespace wardlock::directory
