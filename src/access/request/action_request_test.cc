#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "access/consent/tables.h"
#include "access/delegation/tables.h"
#include "access/grant/glass_for_test.h"
#include "access/request/kept_open_approvals.h"
#include "access/request/role_request_desk.h"
#include "access/request/tables.h"
#include "directory/feed/open_grants.h"
#include "directory/registry/read_from.h"

namespace wardlock::access {
namespace {

using directory::OpenGrant;
using directory::Relation;

/// A hospital in which people ask others to agree to what they do, on each kind of database; the
/// clock stands still.
class ActionRequestTest : public GlassForTest {
 protected:
  ActionRequestTest()
      : GlassForTest({kDelegationTables, kRoleRequestTables, kConsentTables, kActionRequests}) {
    relate({.relation = Relation::kOwner, .subject = pump_.id, .object = chief_.id});
  }

  ActionWish wish_for(const Thing& target) const {
    return {.action = "updateFirmware",
            .target = target.id,
            .reason = "recall 2026-7",
            .ticket = "T-481"};
  }
  Result<ChangedRoleRequest> try_ask(const Thing& who, const ActionWish& wish) {
    return desk_->ask(by(who), wish);
  }
  RoleRequest ask(const Thing& who) { return must(try_ask(who, wish_for(pump_))).request; }
  RoleAnswer answer(std::string_view words = "") const {
    return {.words = std::string(words),
            .signature = {.person = {},
                          .printed_name = {},
                          .meaning = {},
                          .content = {},
                          .session = "s-1",
                          .level = 2,
                          .methods = {"pwd", "otp"},
                          .authenticated_ms = now_}};
  }
  /// Owners may, or all.
  MayAnswer may() {
    return [this](const AnsweredRequest& answered) -> Result<void> {
      EXPECT_EQ(answered.request.action, "updateFirmware");
      ++asked_;
      if (may_all_ || answered.by_owner) return {};
      return fail(ErrorCode::kPermissionDenied, "not you");
    };
  }
  Result<ChangedRoleRequest> try_approve(const Thing& who, const RoleRequest& request) {
    return desk_->approve(by(who), request.id, answer(), may());
  }
  RoleRequest approved(const Thing& who) { return must(try_approve(chief_, ask(who))).request; }
  RoleRequest kept(const RoleRequest& request) {
    return must(desk_->find(request.tenant, request.id));
  }
  /// What policies are told of.
  std::vector<OpenGrant> open() {
    return must(directory::read_from<std::vector<OpenGrant>>(*store_, [&](storage::Work& work) {
      return KeptOpenApprovals().read_all(work, mandate_.tenant);
    }));
  }
  std::optional<OpenGrant> open_one(const RoleRequest& request) {
    return must(directory::read_from<std::optional<OpenGrant>>(*store_, [&](storage::Work& work) {
      return KeptOpenApprovals().read(work, request.tenant, request.id);
    }));
  }
  std::size_t tend() {
    return must(desk_->tend(own(), [] { return true; }));
  }

  RoleRequestSurroundings requests_{*store_, *registry_, surroundings_};
  std::unique_ptr<RoleRequestDesk> desk_ = std::make_unique<RoleRequestDesk>(requests_);
  const Thing model_ = device_model(organisation("acme"), "P4");
  const Thing pump_ = device(model_, "SN-7");
  const Thing chief_ = person("chief");
  const Thing cole_ = person("cole");
  bool may_all_ = false;
  int asked_ = 0;
};
WARDLOCK_ON_EACH_DATABASE(ActionRequestTest);

TEST_P(ActionRequestTest, AskedApprovedAndOver) {
  const RoleRequest asked = ask(swift_);
  EXPECT_EQ(asked.state, RoleRequestState::kOpen);
  EXPECT_EQ(asked.lasts_ms, kRequestHour);
  const std::string first_event = last_event();
  for (const std::string& part :
       {std::string(R"("action":"request_action")"), asked.id, swift_.id,
        fmt::format(R"("device":"{}")", pump_.id), std::string("recall 2026-7")}) {
    EXPECT_TRUE(first_event.contains(part)) << part << " in " << first_event;
  }
  EXPECT_TRUE(open().empty()) << "nobody has agreed";
  EXPECT_EQ(feed().back().kind, directory::kOpenApprovalEntry);

  now_ += kRequestMinute;
  const ChangedRoleRequest given = must(try_approve(chief_, asked));
  const auto all = open();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].id, asked.id);
  EXPECT_EQ(all[0].person, swift_.id);
  EXPECT_EQ(all[0].target, pump_.id);
  EXPECT_EQ(all[0].actions, std::vector<std::string>{"updateFirmware"});
  EXPECT_EQ(all[0].expires_ms, now_ + kRequestHour) << "from the approval on";
  EXPECT_LE(all[0].opens_ms, now_);
  ASSERT_TRUE(all[0].approval);
  EXPECT_EQ(all[0].approval->approvers, std::vector<std::string>{chief_.id});
  EXPECT_EQ(all[0].approval->ticket, "T-481");
  EXPECT_EQ(all[0].hidden, "");
  EXPECT_TRUE(open_one(asked));
  const RoleRequest one = kept(asked);
  EXPECT_EQ(one.state, RoleRequestState::kGranted);
  EXPECT_EQ(one.relation, "") << "nobody has another role for it";
  EXPECT_EQ(one.signature.meaning, "approved");
  const std::string event = last_event();
  for (const std::string& part : {std::string(R"("action":"approve_action_request")"), asked.id,
                                  swift_.id, chief_.id, one.signature.content}) {
    EXPECT_TRUE(event.contains(part)) << part << " in " << event;
  }
  EXPECT_EQ(feed().back().revision, given.revision);
  EXPECT_EQ(feed().back().id, asked.id);

  EXPECT_EQ(tend(), 0U);
  now_ += kRequestHour;
  EXPECT_EQ(tend(), 1U);
  EXPECT_EQ(kept(asked).state, RoleRequestState::kOver);
  EXPECT_TRUE(open().empty());
  EXPECT_TRUE(try_ask(swift_, wish_for(pump_))) << "and may be asked anew";
}

TEST_P(ActionRequestTest, NobodyApprovesTheirOwnUnderNoAccount) {
  relate({.relation = Relation::kOwner, .subject = pump_.id, .object = swift_.id});
  const Thing second = person("swift2");
  relate({.relation = Relation::kAccountOf, .subject = second.id, .object = swift_.id});
  relate({.relation = Relation::kOwner, .subject = pump_.id, .object = second.id});
  may_all_ = true;
  const RoleRequest asked = ask(swift_);
  EXPECT_EQ(code_of(try_approve(swift_, asked)), ErrorCode::kPermissionDenied);
  EXPECT_EQ(code_of(try_approve(second, asked)), ErrorCode::kPermissionDenied);
  EXPECT_EQ(code_of(try_approve(swift_, ask(second))), ErrorCode::kPermissionDenied);
  EXPECT_EQ(asked_, 0) << "whatever policies say";
  EXPECT_TRUE(open().empty());
  EXPECT_TRUE(try_approve(chief_, asked));
}

TEST_P(ActionRequestTest, OwnersOfTheThingAnswerAndOthersDoNot) {
  const RoleRequest asked = ask(swift_);
  EXPECT_EQ(code_of(try_approve(cole_, asked)), ErrorCode::kPermissionDenied);
  const Thing other = device(model_, "SN-8");
  relate({.relation = Relation::kOwner, .subject = other.id, .object = cole_.id});
  EXPECT_EQ(code_of(try_approve(cole_, asked)), ErrorCode::kPermissionDenied) << "of another";
  RoleAnswer stale = answer();
  stale.signature.authenticated_ms = now_ - 6 * kRequestMinute;
  EXPECT_EQ(code_of(desk_->approve(by(chief_), asked.id, stale, may())),
            ErrorCode::kUnauthenticated);
  EXPECT_TRUE(open().empty());
  EXPECT_EQ(must(desk_->refuse(by(chief_), asked.id, answer("not today"), may())).request.state,
            RoleRequestState::kRefused);
  EXPECT_TRUE(last_event().contains("refuse_action_request"));
  EXPECT_EQ(code_of(try_approve(chief_, asked)), ErrorCode::kFailedPrecondition);
  EXPECT_TRUE(open().empty());
}

TEST_P(ActionRequestTest, EndedEarlyByBothAndNobodyElse) {
  for (const Thing* who : {&swift_, &chief_}) {
    const RoleRequest one = approved(swift_);
    ASSERT_EQ(open().size(), 1U);
    EXPECT_EQ(code_of(desk_->end(by(cole_), one.id, may())), ErrorCode::kPermissionDenied);
    EXPECT_EQ(must(desk_->end(by(*who), one.id, may())).request.state, RoleRequestState::kEnded);
    EXPECT_TRUE(last_event().contains("end_action_request"));
    EXPECT_EQ(feed().back().kind, directory::kOpenApprovalEntry);
    EXPECT_TRUE(open().empty());
    EXPECT_FALSE(open_one(one));
    EXPECT_EQ(code_of(desk_->end(by(*who), one.id, may())), ErrorCode::kFailedPrecondition);
  }
}

TEST_P(ActionRequestTest, OneThatPoliciesHaveNoUseOfLapses) {
  const RoleRequest one = approved(swift_);
  EXPECT_EQ(must(desk_->lapse(by(chief_), one.id)).request.state, RoleRequestState::kLapsed);
  EXPECT_TRUE(open().empty());
  EXPECT_EQ(code_of(desk_->lapse(by(chief_), one.id)), ErrorCode::kFailedPrecondition);
  EXPECT_EQ(code_of(desk_->lapse(by(chief_), ask(swift_).id)), ErrorCode::kFailedPrecondition);
}

TEST_P(ActionRequestTest, AskedTwiceOrForNothing) {
  ask(swift_);
  EXPECT_EQ(code_of(try_ask(swift_, wish_for(pump_))), ErrorCode::kAlreadyExists);
  ActionWish other = wish_for(pump_);
  other.action = "calibrate";
  EXPECT_TRUE(try_ask(swift_, other));
  EXPECT_TRUE(try_ask(swift_, wish_for(device(model_, "SN-8"))));
  must(try_approve(chief_, ask(cole_)));
  EXPECT_EQ(code_of(try_ask(cole_, wish_for(pump_))), ErrorCode::kAlreadyExists) << "it is there";
  ActionWish wrong = wish_for(pump_);
  wrong.target = "nothing";
  EXPECT_EQ(code_of(try_ask(cole_, wrong)), ErrorCode::kNotFound);
  wrong = wish_for(pump_);
  wrong.lasts_ms = 2 * kRequestHour;
  EXPECT_EQ(code_of(try_ask(cole_, wrong)), ErrorCode::kInvalidArgument);
  wrong = wish_for(pump_);
  wrong.reason = "";
  EXPECT_EQ(code_of(try_ask(cole_, wrong)), ErrorCode::kInvalidArgument);
  set_state(cole_, "suspended");
  other.target = pump_.id;
  EXPECT_EQ(code_of(try_ask(cole_, other)), ErrorCode::kPermissionDenied);
}

TEST_P(ActionRequestTest, WhoIsNotAtWorkHasNone) {
  const RoleRequest one = approved(swift_);
  set_state(swift_, "suspended");
  ASSERT_TRUE(open_one(one));
  EXPECT_EQ(open_one(one)->hidden, "who asked is not at work") << "at once";
  EXPECT_EQ(tend(), 1U);
  EXPECT_EQ(kept(one).state, RoleRequestState::kLapsed);
  EXPECT_FALSE(open_one(one));
  set_state(swift_, "active");
  EXPECT_TRUE(open().empty()) << "who comes back asks anew";
}

TEST_P(ActionRequestTest, OfAPatientWhoTurnedOutToBeAnother) {
  may_all_ = true;
  const RoleRequest one =
      must(try_approve(chief_, must(try_ask(swift_, wish_for(lind_))).request)).request;
  const Thing star = patient("MR-300");
  merge(lind_, star);
  ASSERT_TRUE(open_one(one));
  EXPECT_EQ(open_one(one)->target, star.id);
}

TEST_P(ActionRequestTest, AnotherTenantSeesNothing) {
  const RoleRequest one = approved(swift_);
  const auto foreign = directory::read_from<std::vector<OpenGrant>>(
      *store_, [&](storage::Work& work) { return KeptOpenApprovals().read_all(work, "st-john"); });
  EXPECT_TRUE(must(Result<std::vector<OpenGrant>>(foreign)).empty());
  directory::Mandate other = by(chief_);
  other.tenant = "st-john";
  EXPECT_EQ(code_of(desk_->lapse(other, one.id)), ErrorCode::kNotFound);
  EXPECT_EQ(open().size(), 1U);
}

/// Used and ended at once: what was read after the end was told never has it.
TEST_P(ActionRequestTest, EndedWhileOthersRead) {
  for (int round = 0; round < 5; ++round) {
    const RoleRequest one = approved(swift_);
    std::atomic<bool> is_over = false;
    std::atomic<int> late = 0;
    std::vector<std::thread> threads;
    threads.emplace_back([&] {
      EXPECT_TRUE(desk_->end(by(chief_), one.id, may()));
      is_over = true;
    });
    for (int i = 0; i < 2; ++i) {
      threads.emplace_back([&] {
        for (int turn = 0; turn < 20; ++turn) {
          const bool was_over = is_over;
          if (open_one(one) && was_over) ++late;
        }
      });
    }
    for (std::thread& each : threads) each.join();
    EXPECT_EQ(late, 0);
    EXPECT_FALSE(open_one(one));
  }
}

}  // namespace
}  // namespace wardlock::access
