#include "access/request/role_request_desk.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "access/grant/glass_for_test.h"
#include "access/request/tables.h"
#include "authn/message/tables.h"

namespace wardlock::access {
namespace {

using directory::KeptRelation;
using directory::Kind;
using directory::Relation;

/// A hospital in which people ask for roles, on each kind of database; the clock stands still.
class RoleRequestDeskTest : public GlassForTest {
 protected:
  RoleRequestDeskTest()
      : GlassForTest({kRoleRequestTables, kActionRequests, authn::kMessageTables}) {
    relate({.relation = Relation::kOwner, .subject = physician_.id, .object = chief_.id});
  }

  RoleWish wish_for(const Thing& role) const {
    return {.role = role.id, .reason = "covering for Dr. Grey", .ticket = "T-481"};
  }
  Result<ChangedRoleRequest> try_ask(const Thing& who, const RoleWish& wish) {
    return desk_->ask(by(who), wish);
  }
  RoleRequest ask(const Thing& who) { return must(try_ask(who, wish_for(physician_))).request; }
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
  /// Owners and clerk may.
  MayAnswer may() {
    return [this](const AnsweredRequest& answered) -> Result<void> {
      ++asked_;
      if (may_all_ || answered.by_owner) return {};
      return fail(ErrorCode::kPermissionDenied, "not you");
    };
  }
  Result<ChangedRoleRequest> try_approve(const Thing& who, const RoleRequest& request) {
    return desk_->approve(by(who), request.id, answer(), may());
  }
  Result<ChangedRoleRequest> try_refuse(const Thing& who, const RoleRequest& request,
                                        std::string_view words = "ask your ward") {
    return desk_->refuse(by(who), request.id, answer(words), may());
  }
  RoleRequest kept(const RoleRequest& request) {
    return must(desk_->find(request.tenant, request.id));
  }
  std::vector<KeptRelation> roles_of(const Thing& person) {
    auto all = relations({.relation = Relation::kRoleAssignment, .subject = person.id});
    std::erase_if(all, [&](const KeptRelation& each) { return !each.is_valid_at(now_); });
    return all;
  }
  std::size_t tend() {
    return must(desk_->tend(own(), [] { return true; }));
  }
  void change(const Thing& thing, std::string_view document) {
    write([&](directory::Edit& edit) -> Result<void> {
      TRY(edit.change(thing.id, std::nullopt, directory::json(document)));
      return {};
    });
  }

  RoleRequestSurroundings requests_{*store_, *registry_, surroundings_};
  std::unique_ptr<RoleRequestDesk> desk_ = std::make_unique<RoleRequestDesk>(requests_);
  const Thing physician_ = role("Physician");
  const Thing chief_ = person("chief");
  const Thing cole_ = person("cole");
  const Thing clerk_ = person("clerk");
  bool may_all_ = false;
  int asked_ = 0;
};
WARDLOCK_ON_EACH_DATABASE(RoleRequestDeskTest);

TEST_P(RoleRequestDeskTest, WhoAnswersIsToldAndThenWhoAsked) {
  const authn::Messages messages(*store_, surroundings_, {.has_notices = true});
  requests_.messages = &messages;
  write([](directory::Edit& edit) { return edit.enter_control_plane_roles(); });
  const Thing officer = person("officer");
  relate({.relation = Relation::kRoleAssignment,
          .subject = officer.id,
          .object = must(registry_->find_by_identifier("st-mary", "role.displayName",
                                                       "Wardlock::SecurityOfficer"))
                        .id});
  const auto told = [&] {
    std::string all;
    for (const authn::Message& each : must(messages.due(authn::MessageKind::kNotice, 10))) {
      all += std::string(to_string(each.about)) + " " + each.person + " " + each.details.of + "\n";
    }
    return all;
  };
  const RoleRequest asked = ask(swift_);
  const std::string to_chief = "request_waits " + chief_.id + " " + asked.id + "\n";
  EXPECT_EQ(told(), to_chief) << "who owns the role";
  now_ += kRequestMinute;
  must(try_approve(chief_, asked));
  EXPECT_EQ(told(), to_chief + "request_answered " + swift_.id + " " + asked.id + "\n");
  const Thing nobodys = role("Nurse");
  must(try_ask(cole_, wish_for(nobodys)));
  EXPECT_TRUE(told().contains("request_waits " + officer.id)) << "nobody owns that role";
}

TEST_P(RoleRequestDeskTest, AskedApprovedAndOver) {
  const RoleRequest asked = ask(swift_);
  EXPECT_EQ(asked.state, RoleRequestState::kOpen);
  EXPECT_EQ(asked.lasts_ms, kRequestHour) << "as is usual";
  EXPECT_EQ(asked.due_ms, now_ + kRequestDay);
  EXPECT_TRUE(last_event().contains(R"("action":"request_role")"));
  EXPECT_TRUE(last_event().contains("covering for Dr. Grey"));
  EXPECT_TRUE(roles_of(swift_).empty()) << "nothing yet";

  now_ += kRequestMinute;
  const ChangedRoleRequest given = must(try_approve(chief_, asked));
  const auto roles = roles_of(swift_);
  ASSERT_EQ(roles.size(), 1U);
  EXPECT_EQ(roles[0].object, physician_.id);
  EXPECT_EQ(roles[0].until_ms, now_ + kRequestHour) << "from the approval on";
  EXPECT_EQ(roles[0].made_by_id, chief_.id);
  const RoleRequest one = kept(asked);
  EXPECT_EQ(one.state, RoleRequestState::kGranted);
  EXPECT_EQ(one.relation, roles[0].id);
  EXPECT_EQ(one.signature.person, chief_.id);
  EXPECT_EQ(one.signature.meaning, "approved");
  EXPECT_EQ(one.signature.printed_name, "chief");
  EXPECT_EQ(one.signature.signed_ms, now_);
  EXPECT_EQ(one.signature.methods, (std::vector<std::string>{"pwd", "otp"}));
  EXPECT_TRUE(one.signature.content.starts_with("sha256:"));
  const std::string event = last_event();
  for (const std::string& part :
       {std::string(R"("action":"approve_role_request")"), one.id, swift_.id, chief_.id,
        one.signature.content, std::string("T-481")}) {
    EXPECT_TRUE(event.contains(part)) << part << " in " << event;
  }
  const auto entries = feed();
  EXPECT_EQ(entries.back().revision, given.revision);
  const auto relation = std::ranges::find(entries, one.relation, &directory::FeedEntry::id);
  ASSERT_NE(relation, entries.end());
  EXPECT_EQ(relation->revision, given.revision) << "in one transaction";

  EXPECT_EQ(tend(), 0U);
  now_ += kRequestHour;
  EXPECT_TRUE(roles_of(swift_).empty()) << "by itself";
  EXPECT_EQ(kept(asked).state_at(now_), RoleRequestState::kOver);
  EXPECT_EQ(tend(), 1U);
  EXPECT_EQ(kept(asked).state, RoleRequestState::kOver);
  EXPECT_EQ(kept(asked).signature.person, chief_.id) << "who approved stays";
  EXPECT_EQ(tend(), 0U);
  EXPECT_TRUE(desk_->ask(by(swift_), wish_for(physician_))) << "and may be asked anew";
}

TEST_P(RoleRequestDeskTest, NobodyAnswersTheirOwn) {
  relate({.relation = Relation::kOwner, .subject = physician_.id, .object = swift_.id});
  const RoleRequest asked = ask(swift_);
  may_all_ = true;
  EXPECT_EQ(code_of(try_approve(swift_, asked)), ErrorCode::kPermissionDenied);
  EXPECT_EQ(code_of(try_refuse(swift_, asked)), ErrorCode::kPermissionDenied);
  // Two accounts of one person, in either direction, and over a third.
  const Thing second = person("swift2");
  relate({.relation = Relation::kAccountOf, .subject = second.id, .object = swift_.id});
  EXPECT_EQ(code_of(try_approve(second, asked)), ErrorCode::kPermissionDenied);
  const Thing third = person("swift3");
  relate({.relation = Relation::kAccountOf, .subject = third.id, .object = swift_.id});
  EXPECT_EQ(code_of(try_approve(third, asked)), ErrorCode::kPermissionDenied);
  EXPECT_EQ(asked_, 0) << "whatever policies say";
  const RoleRequest of_third = ask(third);
  EXPECT_EQ(code_of(try_approve(swift_, of_third)), ErrorCode::kPermissionDenied);
  EXPECT_EQ(code_of(try_approve(second, of_third)), ErrorCode::kPermissionDenied);
  EXPECT_TRUE(roles_of(swift_).empty());
  EXPECT_TRUE(try_approve(cole_, asked)) << "somebody else";
}

TEST_P(RoleRequestDeskTest, WhoMayNotAnswerDoesNot) {
  const RoleRequest asked = ask(swift_);
  EXPECT_EQ(code_of(try_approve(cole_, asked)), ErrorCode::kPermissionDenied);
  EXPECT_EQ(code_of(try_refuse(cole_, asked)), ErrorCode::kPermissionDenied);
  // The owner is it no more when the answer comes.
  const auto owners = relations({.relation = Relation::kOwner, .subject = physician_.id});
  write([&](directory::Edit& edit) { return edit.end(owners.at(0).id); });
  EXPECT_EQ(code_of(try_approve(chief_, asked)), ErrorCode::kPermissionDenied);
  may_all_ = true;
  set_state(clerk_, "suspended");
  EXPECT_EQ(code_of(try_approve(clerk_, asked)), ErrorCode::kPermissionDenied);
  EXPECT_EQ(kept(asked).state, RoleRequestState::kOpen);
  EXPECT_TRUE(roles_of(swift_).empty());
}

TEST_P(RoleRequestDeskTest, AnAnswerIsSignedAfterAFreshSignIn) {
  const RoleRequest asked = ask(swift_);
  RoleAnswer stale = answer();
  stale.signature.authenticated_ms = now_ - 6 * kRequestMinute;
  RoleAnswer weak = answer();
  weak.signature.level = 1;
  RoleAnswer blank = answer();
  blank.signature.session = "";
  for (const RoleAnswer& each : {stale, weak, blank}) {
    EXPECT_EQ(code_of(desk_->approve(by(chief_), asked.id, each, may())),
              ErrorCode::kUnauthenticated);
  }
  EXPECT_TRUE(roles_of(swift_).empty());
}

TEST_P(RoleRequestDeskTest, ASignatureIsBoundToWhatWasAsked) {
  const RoleRequest asked = ask(swift_);
  const RoleRequest other = ask(cole_);
  const std::string first = must(try_approve(chief_, asked)).request.signature.content;
  const std::string second = must(try_approve(chief_, other)).request.signature.content;
  EXPECT_NE(first, second);
  EXPECT_EQ(first, kept(asked).signature.content);
}

TEST_P(RoleRequestDeskTest, ARefusalSaysWhyAndStays) {
  const RoleRequest asked = ask(swift_);
  EXPECT_EQ(code_of(try_refuse(chief_, asked, "")), ErrorCode::kInvalidArgument);
  const RoleRequest refused = must(try_refuse(chief_, asked)).request;
  EXPECT_EQ(refused.state, RoleRequestState::kRefused);
  EXPECT_EQ(refused.words, "ask your ward");
  EXPECT_EQ(kept(asked).signature.meaning, "refused");
  EXPECT_TRUE(last_event().contains("ask your ward"));
  EXPECT_EQ(code_of(try_approve(chief_, asked)), ErrorCode::kFailedPrecondition);
  EXPECT_EQ(code_of(desk_->withdraw(by(swift_), asked.id)), ErrorCode::kFailedPrecondition);
  EXPECT_EQ(code_of(desk_->end(by(swift_), asked.id, may())), ErrorCode::kFailedPrecondition);
  EXPECT_TRUE(roles_of(swift_).empty());
}

TEST_P(RoleRequestDeskTest, AskedTwice) {
  const RoleRequest asked = ask(swift_);
  EXPECT_EQ(code_of(try_ask(swift_, wish_for(physician_))), ErrorCode::kAlreadyExists);
  ask(cole_);
  must(try_approve(chief_, asked));
  EXPECT_EQ(code_of(try_ask(swift_, wish_for(physician_))), ErrorCode::kAlreadyExists)
      << "it is there";
  EXPECT_EQ(code_of(try_approve(chief_, asked)), ErrorCode::kFailedPrecondition);
  EXPECT_EQ(roles_of(swift_).size(), 1U);
}

TEST_P(RoleRequestDeskTest, WhatIsNotAskedAsItShouldBe) {
  RoleWish wish = wish_for(physician_);
  wish.role = cole_.id;
  EXPECT_EQ(code_of(try_ask(swift_, wish)), ErrorCode::kNotFound) << "no role";
  wish = wish_for(physician_);
  wish.scope = cole_.id;
  EXPECT_EQ(code_of(try_ask(swift_, wish)), ErrorCode::kNotFound) << "no place";
  wish = wish_for(physician_);
  wish.lasts_ms = 9 * kRequestHour;
  EXPECT_EQ(code_of(try_ask(swift_, wish)), ErrorCode::kInvalidArgument);
  set_state(cole_, "suspended");
  EXPECT_EQ(code_of(try_ask(cole_, wish_for(physician_))), ErrorCode::kPermissionDenied);
  EXPECT_EQ(code_of(try_ask(lind_, wish_for(physician_))), ErrorCode::kPermissionDenied);
  EXPECT_EQ(code_of(try_approve(
                chief_, {.id = "nothing", .tenant = {}, .person = {}, .role = {}, .reason = {}})),
            ErrorCode::kNotFound);
  for (std::size_t i = 0; i < kMostOpenRequests; ++i) {
    must(try_ask(swift_, wish_for(role("R" + std::to_string(i)))));
  }
  EXPECT_EQ(code_of(try_ask(swift_, wish_for(physician_))), ErrorCode::kFailedPrecondition)
      << "too many wait";
}

TEST_P(RoleRequestDeskTest, InOnePlaceOnly) {
  const Thing hospital = organisation("st-mary");
  const Thing seven = ward("ward-7", hospital);
  RoleWish wish = wish_for(physician_);
  wish.scope = seven.id;
  const RoleRequest asked = must(try_ask(swift_, wish)).request;
  must(try_ask(swift_, wish_for(physician_)));
  must(try_approve(chief_, asked));
  EXPECT_EQ(roles_of(swift_).at(0).scope, seven.id);
}

TEST_P(RoleRequestDeskTest, WithdrawnByWhoAskedAlone) {
  const RoleRequest asked = ask(swift_);
  EXPECT_EQ(code_of(desk_->withdraw(by(cole_), asked.id)), ErrorCode::kPermissionDenied);
  EXPECT_EQ(must(desk_->withdraw(by(swift_), asked.id)).request.state,
            RoleRequestState::kWithdrawn);
  EXPECT_EQ(code_of(try_approve(chief_, asked)), ErrorCode::kFailedPrecondition);
  EXPECT_TRUE(roles_of(swift_).empty());
  EXPECT_TRUE(try_ask(swift_, wish_for(physician_)));
}

TEST_P(RoleRequestDeskTest, NobodyAnsweredInTime) {
  const RoleRequest asked = ask(swift_);
  now_ += kRequestDay;
  EXPECT_EQ(code_of(try_approve(chief_, asked)), ErrorCode::kFailedPrecondition)
      << "before it is noted";
  EXPECT_TRUE(try_ask(swift_, wish_for(physician_))) << "and may be asked anew";
  EXPECT_EQ(tend(), 1U);
  EXPECT_EQ(kept(asked).state, RoleRequestState::kExpired);
  EXPECT_TRUE(roles_of(swift_).empty());
}

TEST_P(RoleRequestDeskTest, EndedEarlyByBoth) {
  for (const Thing* who : {&swift_, &chief_}) {
    const RoleRequest asked = ask(swift_);
    must(try_approve(chief_, asked));
    EXPECT_EQ(code_of(desk_->end(by(cole_), asked.id, may())), ErrorCode::kPermissionDenied);
    EXPECT_EQ(roles_of(swift_).size(), 1U);
    const RoleRequest over = must(desk_->end(by(*who), asked.id, may())).request;
    EXPECT_EQ(over.state, RoleRequestState::kEnded);
    EXPECT_EQ(over.closed_by, who->id);
    EXPECT_EQ(over.signature.person, chief_.id);
    EXPECT_TRUE(roles_of(swift_).empty());
    EXPECT_EQ(code_of(desk_->end(by(*who), asked.id, may())), ErrorCode::kFailedPrecondition);
  }
  const RoleRequest asked = ask(swift_);
  must(try_approve(chief_, asked));
  may_all_ = true;
  EXPECT_TRUE(desk_->end(by(cole_), asked.id, may())) << "somebody in charge";
}

TEST_P(RoleRequestDeskTest, WhatItNeedsIsGone) {
  const RoleRequest first = ask(swift_);
  set_state(physician_, "closed");
  may_all_ = true;
  EXPECT_EQ(code_of(try_approve(cole_, first)), ErrorCode::kFailedPrecondition)
      << "the role is retired";
  EXPECT_EQ(tend(), 1U);
  EXPECT_EQ(kept(first).state, RoleRequestState::kLapsed);
  set_state(physician_, "active");
  const RoleRequest second = ask(swift_);
  set_state(swift_, "suspended");
  EXPECT_EQ(code_of(try_approve(cole_, second)), ErrorCode::kFailedPrecondition);
  EXPECT_EQ(tend(), 1U);
  EXPECT_EQ(kept(second).state, RoleRequestState::kLapsed);
  set_state(swift_, "active");
  const RoleRequest third = ask(swift_);
  must(try_approve(cole_, third));
  write([&](directory::Edit& edit) { return edit.end(kept(third).relation); });
  EXPECT_EQ(tend(), 1U) << "somebody ended the assignment itself";
  EXPECT_EQ(kept(third).state, RoleRequestState::kLapsed);
}

TEST_P(RoleRequestDeskTest, WhatTheDirectoryRefusesIsNotApproved) {
  const RoleRequest asked = ask(swift_);
  const auto given = relate({.relation = Relation::kRoleAssignment,
                             .subject = swift_.id,
                             .object = physician_.id,
                             .from_ms = now_ + kRequestMinute});
  EXPECT_EQ(code_of(try_approve(chief_, asked)), ErrorCode::kAlreadyExists);
  EXPECT_EQ(kept(asked).state, RoleRequestState::kOpen) << "not without the role";
  EXPECT_EQ(kept(asked).signature.person, "");
}

TEST_P(RoleRequestDeskTest, AnotherTenantSeesNothing) {
  const RoleRequest asked = ask(swift_);
  directory::Mandate foreign = by(chief_);
  foreign.tenant = "st-john";
  EXPECT_FALSE(desk_->approve(foreign, asked.id, answer(), may()));
  EXPECT_FALSE(desk_->withdraw(foreign, asked.id));
  EXPECT_EQ(code_of(desk_->find("st-john", asked.id)), ErrorCode::kNotFound);
  EXPECT_TRUE(must(desk_->of_person("st-john", swift_.id, "", 10)).empty());
  EXPECT_TRUE(must(desk_->live("st-john", RoleRequestState::kOpen, "", 10)).empty());
  EXPECT_EQ(kept(asked).state, RoleRequestState::kOpen);
}

TEST_P(RoleRequestDeskTest, ListsGoOn) {
  const RoleRequest first = ask(swift_);
  now_ += 1;
  const RoleRequest second = ask(cole_);
  EXPECT_EQ(must(desk_->of_person(first.tenant, swift_.id, "", 10)).size(), 1U);
  EXPECT_TRUE(must(desk_->of_person(first.tenant, swift_.id, first.id, 10)).empty());
  const auto open = must(desk_->live(first.tenant, RoleRequestState::kOpen, "", 1));
  ASSERT_EQ(open.size(), 1U);
  EXPECT_EQ(open[0].id, first.id);
  EXPECT_EQ(must(desk_->live(first.tenant, RoleRequestState::kOpen, first.id, 10)).at(0).id,
            second.id);
  must(try_approve(chief_, first));
  EXPECT_EQ(must(desk_->live(first.tenant, RoleRequestState::kGranted, "", 10)).size(), 1U);
  EXPECT_TRUE(must(desk_->owns(first.tenant, chief_.id, physician_.id)));
  EXPECT_FALSE(must(desk_->owns(first.tenant, cole_.id, physician_.id)));
  EXPECT_EQ(must(desk_->find_role(first.tenant, "Physician")).id, physician_.id);
  EXPECT_EQ(must(desk_->find_role(first.tenant, physician_.id)).id, physician_.id);
  EXPECT_EQ(code_of(desk_->find_role(first.tenant, "Wizard")), ErrorCode::kNotFound);
}

/// Approved and withdrawn, or approved twice, at once: one of them comes first, and the role is
/// there if and only if it was an approval.
TEST_P(RoleRequestDeskTest, AnsweredAndWithdrawnAtOnce) {
  may_all_ = true;
  const MayAnswer anybody = [](const AnsweredRequest&) -> Result<void> { return {}; };
  for (int round = 0; round < 5; ++round) {
    const RoleRequest asked = ask(swift_);
    std::atomic<int> approved = 0;
    std::atomic<int> withdrawn = 0;
    std::vector<std::thread> threads;
    for (const Thing* who : {&chief_, &cole_}) {
      threads.emplace_back([&, who] {
        if (desk_->approve(by(*who), asked.id, answer(), anybody)) ++approved;
      });
    }
    threads.emplace_back([&] {
      if (desk_->withdraw(by(swift_), asked.id)) ++withdrawn;
    });
    for (std::thread& each : threads) each.join();
    EXPECT_EQ(approved + withdrawn, 1);
    EXPECT_EQ(roles_of(swift_).size(), static_cast<std::size_t>(approved.load()));
    if (approved == 1) must(desk_->end(by(swift_), asked.id, anybody));
  }
}

}  // namespace
}  // namespace wardlock::access
