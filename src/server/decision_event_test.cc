#include "server/decision_event.h"

#include <gtest/gtest.h>

#include "event/draft.h"
#include "pdp/snapshot.h"

namespace wardlock::server {
namespace {

/// An allow under a grant with that reason, among policies that say so.
class DecisionEvent : public testing::Test {
 protected:
  event::Event of_override(const std::string& reason) {
    const std::string entities =
        R"([{"uid": {"type": "Wardlock::Grant", "id": "g1"}, "parents": [], "attrs": {
             "principal": {"__entity": {"type": "User", "id": "ada"}},
             "target": {"__entity": {"type": "Chart", "id": "c1"}},
             "actions": [{"__entity": {"type": "Action", "id": "view"}}],
             "opensAt": {"__extn": {"fn": "datetime", "arg": "2023-11-14"}},
             "expiresAt": {"__extn": {"fn": "datetime", "arg": "2023-11-15"}},
             "reason": ")" +
        reason + R"(", "waives": []}}])";
    const auto built =
        pdp::build_snapshot({.policies = {{"p.cedar", R"(@id("glass") @override("break-glass")
                          permit (principal, action, resource) when { context has override };)"}},
                             .entities = pdp::Source{"e.json", entities}},
                            pdp::Mode::kStrict);
    EXPECT_TRUE(built) << built.error().message;
    snapshot_ = *built;
    request_.principal = {"User", "ada", nullptr};
    request_.action = "view";
    request_.resource = {"Chart", "c1", nullptr};
    request_.grant = "g1";
    request_.caller = &caller_;
    request_.is_recorded = true;
    const auto decision = pdp::decide(*snapshot_, request_, kNow, arena_);
    EXPECT_TRUE(decision && decision->is_allowed);
    return decision_event({.request = http_,
                           .tenant = "st-mary",
                           .node = "n1",
                           .now = kNow,
                           .directory_revision = directory_revision_},
                          *snapshot_, request_, *decision, "an-id");
  }

  static constexpr std::int64_t kNow = 1'700'000'000'000;
  std::uint64_t directory_revision_ = 0;
  const pdp::Caller caller_ = pdp::Caller::unrestricted("gateway");
  const net::HttpRequest http_{.method = "POST", .remote_address = "192.0.2.7"};
  pdp::AccessRequest request_;
  std::shared_ptr<const pdp::Snapshot> snapshot_;
  Arena arena_;
};

TEST_F(DecisionEvent, says_who_did_what_under_which_grant) {
  const event::Event event = of_override("cardiac arrest");
  EXPECT_EQ(event.kind, event::Kind::kOverrideUse);
  EXPECT_EQ(event.outcome, event::Outcome::kSuccess);
  EXPECT_EQ(event.decision_id, "an-id");
  EXPECT_EQ(event.principal_id, "ada");
  EXPECT_EQ(event.resource_id, "c1");
  EXPECT_EQ(event.caller, "gateway");
  EXPECT_EQ(event.source_address, "192.0.2.7");
  EXPECT_EQ(event.tenant, "st-mary");
  EXPECT_EQ(event.cause, "override");
  EXPECT_EQ(event.grant, "g1");
  EXPECT_EQ(event.grant_reason, "cardiac arrest");
  EXPECT_EQ(event.grant_expires_at, 1'700'006'400'000);
  ASSERT_EQ(event.policies.size(), 1U);
  EXPECT_EQ(event.policies[0], "glass");
  EXPECT_EQ(event.policy_set, snapshot_->policy_set());
  EXPECT_EQ(event.directory_revision, std::nullopt) << "there is no directory";
  directory_revision_ = 88;
  EXPECT_EQ(of_override("cardiac arrest").directory_revision, 88);
}

TEST_F(DecisionEvent, names_both_persons_of_what_was_approved) {
  of_override("cardiac arrest");
  const auto decided = pdp::decide(*snapshot_, request_, kNow, arena_);
  ASSERT_TRUE(decided);
  pdp::AccessDecision decision = *decided;
  decision.grant.reset();
  const cedar::EntityUid chief{"User", "chief", 0};
  decision.approval = {.id = "a1", .approver = chief, .expires_at = kNow + 1000};
  const Occasion occasion{.request = http_, .tenant = "st-mary", .node = "n1", .now = kNow};
  const auto told = [&] {
    return decision_event(occasion, *snapshot_, request_, decision, "an-id");
  };
  EXPECT_EQ(told().kind, event::Kind::kDecision);
  EXPECT_EQ(told().principal_id, "ada");
  EXPECT_EQ(told().grant, "a1");
  EXPECT_EQ(told().grant_expires_at, kNow + 1000);
  EXPECT_EQ(told().affected_type, "User");
  EXPECT_EQ(told().affected_id, "chief");
  decision.delegation = {.id = "d1", .delegator = &chief};
  EXPECT_EQ(told().grant, "d1") << "of what is another's right the record is";
  decision.delegation.reset();
  decision.grant = "g1";
  EXPECT_EQ(told().grant, "g1");
}

TEST_F(DecisionEvent, a_reason_that_is_too_long_is_cut_and_keeps_nobody_from_helping) {
  std::string reason = "x";
  for (int i = 0; i < 3000; ++i) reason += "ü";
  const event::Event event = of_override(reason);
  EXPECT_EQ(event.grant_reason, reason.substr(0, 4095)) << "whole characters";
  std::string draft;
  const auto written = event::write_draft(event, draft);
  EXPECT_TRUE(written) << written.error().message;
}

/// It stands in the clear, and is shown and exported.
TEST_F(DecisionEvent, has_a_purpose_that_could_be_one) {
  const auto purpose_of = [&](const boost::json::value& purpose) {
    const boost::json::object context{{"purpose", purpose}};
    request_.context = &context;
    return std::string(of_override("cardiac arrest").purpose);
  };
  EXPECT_EQ(purpose_of("TREAT"), "TREAT");
  EXPECT_EQ(purpose_of(7), "");
  EXPECT_EQ(purpose_of(boost::json::string(129, 'x')), "");
  for (const char* other : {"\033[31m", "a\nb", "\u202Etxt"})
    EXPECT_EQ(purpose_of(boost::json::string(other)), "");
}

TEST_F(DecisionEvent, long_ids_of_policies_keep_no_decision_from_being_recorded) {
  of_override("cardiac arrest");
  auto decision = pdp::decide(*snapshot_, request_, kNow, arena_);
  ASSERT_TRUE(decision);
  const std::string id(10'000, 'p');
  const std::vector<std::string_view> ids(99, id);
  decision->policies = ids;
  const event::Event event =
      decision_event({.request = http_, .tenant = "st-mary", .node = "n1", .now = kNow}, *snapshot_,
                     request_, *decision, "an-id");
  EXPECT_EQ(event.policies.size(), 1U);
  std::string draft;
  const auto written = event::write_draft(event, draft);
  EXPECT_TRUE(written) << written.error().message;
}

/// Questions in the words of who asked.
class UndecidedEvent : public testing::Test {
 protected:
  UndecidedEvent() {
    const auto built =
        pdp::build_snapshot({.policies = {{"p.cedar", "permit (principal, action, resource);"}},
                             .schemas = {{"s.cedarschema",
                                          R"(entity User, Chart; @audit("care") action charts;
                         action view in [charts] appliesTo { principal: User, resource: Chart };
                         action count appliesTo { principal: User, resource: Chart };)"}}},
                            pdp::Mode::kStrict);
    EXPECT_TRUE(built) << built.error().message;
    snapshot_ = *built;
    request_.principal = {"User", "ada", nullptr};
    request_.action = "view";
    request_.resource = {"Chart", "c1", nullptr};
    request_.caller = &caller_;
  }

  std::string class_of_search(std::string_view action) {
    request_.action = action;
    return std::string(
        search_event(occasion_, *snapshot_, request_, 3, "an-id", arena_).record_class);
  }
  event::Event refused() {
    return refused_question_event(occasion_, *snapshot_, request_, ErrorCode::kPermissionDenied,
                                  "an-id", arena_);
  }

  const pdp::Caller caller_ = pdp::Caller::unrestricted("gateway");
  const net::HttpRequest http_{.method = "POST", .remote_address = "192.0.2.7"};
  const Occasion occasion_{.request = http_, .tenant = "st-mary", .node = "n1", .now = 1000};
  pdp::AccessRequest request_;
  std::shared_ptr<const pdp::Snapshot> snapshot_;
  Arena arena_;
};

TEST_F(UndecidedEvent, a_search_is_of_the_class_of_its_action) {
  EXPECT_EQ(class_of_search("view"), "care");
  EXPECT_EQ(class_of_search("Action::\"view\""), "care");
  for (const auto* other :
       {"", "count", "fly", "Action::\"fly\"", "Action::\"", "User::\"view\""}) {
    EXPECT_EQ(class_of_search(other), "") << other;
  }
}

TEST_F(UndecidedEvent, a_refused_question_says_who_what_and_why) {
  const event::Event event = refused();
  EXPECT_EQ(event.kind, event::Kind::kRefusal);
  EXPECT_EQ(event.outcome, event::Outcome::kFailure);
  EXPECT_EQ(event.record_class, "care");
  EXPECT_EQ(event.caller, "gateway");
  EXPECT_EQ(event.principal_id, "ada");
  EXPECT_EQ(event.action, "view");
  EXPECT_EQ(event.resource_id, "c1");
  EXPECT_EQ(event.cause, "permission_denied");
  EXPECT_FALSE(event.allowed);
}

TEST_F(UndecidedEvent, nobody_is_refused_without_a_record_by_saying_much) {
  const std::string much(200'000, 'x');
  const std::vector<std::string_view> methods(32, much);
  request_.principal = {much, much, nullptr};
  request_.action = much;
  request_.resource = {much, much, nullptr};
  request_.authentication = pdp::Authentication{.level = 2, .methods = methods};
  std::string draft;
  const auto written = event::write_draft(refused(), draft);
  EXPECT_TRUE(written) << written.error().message;
}

}  // namespace
}  // namespace wardlock::server
