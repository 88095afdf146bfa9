#include "authn/account/enrolment.h"

#include <gtest/gtest.h>

#include "authn/account/account_for_test.h"
#include "authn/token.h"

namespace wardlock::authn {
namespace {

class EnrolmentTest : public AccountsForTest {
 protected:
  directory::Mandate by(const Thing& somebody, std::string reason = "seen with a badge") {
    return {.tenant = std::string(kTenant),
            .actor_type = "User",
            .actor_id = somebody.id,
            .reason = std::move(reason)};
  }
  EnrolmentToken invite(const Thing& person) {
    auto invited =
        enrolments_->invite(mandate_, person.id, EnrolmentPurpose::kInvitation, now_ + 24 * kHour);
    EXPECT_TRUE(invited) << invited.error().message;
    return std::move(*invited);
  }
  BegunEnrolment begin(const Secret& token) {
    auto begun = enrolments_->begin(kTenant, token);
    EXPECT_TRUE(begun) << begun.error().message;
    return std::move(*begun);
  }
  ErrorCode not_begun(const Secret& token, std::string_view tenant = kTenant) {
    const auto begun = enrolments_->begin(tenant, token);
    EXPECT_FALSE(begun);
    return begun ? ErrorCode::kCancelled : begun.error().code;
  }
  bool is_known(const Secret& handle) { return enrolments_->find(kTenant, handle).has_value(); }
  static ErrorCode code_of_error(const auto& result) {
    return result ? ErrorCode::kCancelled : result.error().code;
  }

  const ErrorCode unknown_ = ErrorCode::kUnauthenticated;
  const ErrorCode can_sign_in_ = ErrorCode::kAlreadyExists;
};
WARDLOCK_ON_EACH_DATABASE(EnrolmentTest);

TEST_P(EnrolmentTest, AnInvitationEnrolsOnce) {
  const EnrolmentToken invited = invite(grey_);
  EXPECT_FALSE(everything_kept().contains(invited.token.reveal()));
  const BegunEnrolment begun = begin(invited.token);
  EXPECT_EQ(begun.enrolment.person, grey_.id);
  EXPECT_EQ(enrolments_->find(kTenant, begun.handle)->purpose, EnrolmentPurpose::kInvitation);
  EXPECT_EQ(code_of_error(enrolments_->finish(mandate_, begun.handle)),
            ErrorCode::kFailedPrecondition)
      << "nothing is enrolled yet";
  give_recovery_codes(grey_);
  EXPECT_FALSE(enrolments_->finish(mandate_, begun.handle)) << "codes alone sign nobody in";
  give_password(grey_);
  ASSERT_TRUE(enrolments_->finish(mandate_, begun.handle));
  EXPECT_EQ(not_begun(invited.token), unknown_);
  EXPECT_FALSE(is_known(begun.handle));
  EXPECT_FALSE(enrolments_->finish(mandate_, begun.handle));
  EXPECT_TRUE(last_event().contains("finish_enrolment"));
}

TEST_P(EnrolmentTest, WhoCanSignInIsNotInvited) {
  const auto invited = [&](const Thing& person) {
    return code_of_error(
        enrolments_->invite(mandate_, person.id, EnrolmentPurpose::kInvitation, now_ + kHour));
  };
  const Thing carded = person("carded");
  const Thing linked = person("linked");
  const Thing keyed = person("keyed");
  const Thing coded = person("coded");
  give_password(grey_);
  ASSERT_TRUE(accounts_->map_certificate(change(carded), {.place = "upn:carded"}));
  ASSERT_TRUE(accounts_->link_account(change(linked), "https://id.example", "7"));
  webauthn::TestAuthenticator key;
  give_passkey(keyed, key);
  give_app(coded);
  EXPECT_EQ(invited(grey_), can_sign_in_);
  EXPECT_EQ(invited(carded), can_sign_in_);
  EXPECT_EQ(invited(linked), can_sign_in_);
  EXPECT_EQ(invited(keyed), can_sign_in_);
  EXPECT_EQ(invited(coded), ErrorCode::kCancelled) << "codes alone sign nobody in";
}

TEST_P(EnrolmentTest, WhoCameInMeanwhileNeedsTheTokenNoMore) {
  const EnrolmentToken invited = invite(grey_);
  const Authenticator card =
      accounts_->map_certificate(change(grey_), {.place = "upn:grey"}).value();
  EXPECT_EQ(not_begun(invited.token), can_sign_in_);
  ASSERT_TRUE(accounts_->mark_lost(change(grey_), card.id));
  EXPECT_EQ(not_begun(invited.token), can_sign_in_) << "two let in who has lost something";
  const Thing lee = person("lee");
  const BegunEnrolment begun = begin(invite(lee).token);
  now_ += 1;
  give_password(lee);
  ASSERT_TRUE(accounts_->map_certificate(change(lee), {.place = "upn:lee"}));
  EXPECT_FALSE(is_known(begun.handle)) << "nothing more is enrolled with it";
  EXPECT_EQ(code_of_error(enrolments_->finish(mandate_, begun.handle)), unknown_);
}

TEST_P(EnrolmentTest, NobodyAloneTakesAWayInAndInvitesAnew) {
  const auto invited = [&] {
    return code_of_error(
        enrolments_->invite(mandate_, grey_.id, EnrolmentPurpose::kInvitation, now_ + kHour));
  };
  const Authenticator lost = give_password(grey_);
  ASSERT_TRUE(accounts_->revoke(change(grey_), lost.id));
  EXPECT_EQ(invited(), can_sign_in_);
  const Thing expiring = person("expiring");
  AccountChange limited = change(expiring);
  limited.expires_ms = now_ + kMinute;
  ASSERT_TRUE(accounts_->set_password(limited, Secret(kGoodPassword))->kept);
  now_ += kMinute;
  EXPECT_EQ(code_of_error(enrolments_->invite(mandate_, expiring.id, EnrolmentPurpose::kInvitation,
                                              now_ + kHour)),
            can_sign_in_);
  outside_password_ = true;
  required_ = AssuranceLevel::kAal2;
  const Thing outside = person("outside");
  const App app = give_app(outside);
  ASSERT_TRUE(accounts_->mark_lost(change(outside), app.id));
  EXPECT_EQ(code_of_error(enrolments_->invite(mandate_, outside.id, EnrolmentPurpose::kInvitation,
                                              now_ + kHour)),
            can_sign_in_)
      << "the second of their two proofs";
}

TEST_P(EnrolmentTest, WhatOnlyUnlocksOrWasTakenBackAtOnceIsNoWayInThatEnded) {
  ASSERT_TRUE(accounts_->set_pin(change(grey_), Secret("271828")));
  ASSERT_TRUE(accounts_->set_pin(change(grey_), Secret("314159")));
  ASSERT_TRUE(accounts_->offer_totp(change(grey_)));
  const BegunEnrolment begun = begin(invite(grey_).token);
  now_ += 1;
  give_password(grey_);
  give_password(grey_, "eleven green kettles by noon");
  EXPECT_TRUE(is_known(begun.handle)) << "the first one came of the same enrolment";
  ASSERT_TRUE(enrolments_->finish(mandate_, begun.handle));
}

TEST_P(EnrolmentTest, WhatWasEnrolledAndUsedEndsTheToken) {
  const EnrolmentToken invited = invite(grey_);
  begin(invited.token);
  give_password(grey_);
  const BegunEnrolment again = begin(invited.token);
  EXPECT_EQ(told(show_password(AccountsForTest::begin("grey"))), "done aal1 pwd");
  EXPECT_EQ(not_begun(invited.token), can_sign_in_);
  EXPECT_FALSE(is_known(again.handle));
  EXPECT_EQ(code_of_error(enrolments_->finish(mandate_, again.handle)), unknown_);
}

TEST_P(EnrolmentTest, WhosePasswordIsElsewhereIsInvitedOnlyWhereItIsNotEnough) {
  const auto invited = [&] {
    return code_of_error(
        enrolments_->invite(mandate_, grey_.id, EnrolmentPurpose::kInvitation, now_ + kHour));
  };
  outside_password_ = true;
  EXPECT_EQ(invited(), can_sign_in_);
  required_ = AssuranceLevel::kAal2;
  const BegunEnrolment begun = begin(invite(grey_).token);
  EXPECT_TRUE(is_known(begun.handle));
  required_ = AssuranceLevel::kAal1;
  EXPECT_FALSE(is_known(begun.handle)) << "less is asked of them now";
  EXPECT_EQ(code_of_error(enrolments_->finish(mandate_, begun.handle)), unknown_);
  required_ = AssuranceLevel::kAal2;
  give_app(grey_);
  EXPECT_TRUE(is_known(begun.handle)) << "what the enrolment itself gave";
  now_ += 1;
  EXPECT_EQ(invited(), can_sign_in_) << "they have two factors, and one is not to be gone round";
}

TEST_P(EnrolmentTest, APasswordElsewhereThatComesInBetweenEndsTheToken) {
  const EnrolmentToken invited = invite(grey_);
  const BegunEnrolment begun = begin(invited.token);
  give_password(grey_);
  outside_password_ = false;
  EXPECT_EQ(not_begun(invited.token), can_sign_in_);
  EXPECT_FALSE(is_known(begun.handle));
  EXPECT_EQ(code_of_error(enrolments_->finish(mandate_, begun.handle)), unknown_);
}

TEST_P(EnrolmentTest, ATokenThatIsBegunWithAnewEndsWhatWasBegun) {
  const EnrolmentToken invited = invite(grey_);
  const BegunEnrolment first = begin(invited.token);
  const BegunEnrolment second = begin(invited.token);
  EXPECT_FALSE(is_known(first.handle));
  EXPECT_TRUE(is_known(second.handle));
  now_ += 30 * kMinute;
  EXPECT_FALSE(is_known(second.handle));
  EXPECT_TRUE(is_known(begin(invited.token).handle));
}

TEST_P(EnrolmentTest, AnotherInvitationReplacesTheOneBefore) {
  const EnrolmentToken first = invite(grey_);
  const EnrolmentToken second = invite(grey_);
  EXPECT_EQ(not_begun(first.token), unknown_);
  EXPECT_TRUE(*enrolments_->withdraw(mandate_, grey_.id));
  EXPECT_EQ(not_begun(second.token), unknown_);
  EXPECT_FALSE(*enrolments_->withdraw(mandate_, grey_.id));
}

TEST_P(EnrolmentTest, ATokenIsForItsTenantAndTime) {
  const EnrolmentToken invited = invite(grey_);
  EXPECT_EQ(not_begun(invited.token, "st-john"), unknown_);
  EXPECT_EQ(not_begun(Secret("")), unknown_);
  EXPECT_EQ(not_begun(Secret("wle_x")), unknown_);
  const BegunEnrolment begun = begin(invited.token);
  EXPECT_FALSE(enrolments_->find("st-john", begun.handle));
  EXPECT_EQ(not_begun(begun.handle), unknown_);
  now_ += 24 * kHour;
  EXPECT_EQ(not_begun(invited.token), unknown_);
}

TEST_P(EnrolmentTest, InvitationsAreForPeopleAtWorkAndNotForLong) {
  const auto invited = [&](const std::string& person, EnrolmentPurpose purpose,
                           std::int64_t until) {
    return code_of_error(enrolments_->invite(mandate_, person, purpose, until));
  };
  const auto kind = EnrolmentPurpose::kInvitation;
  EXPECT_EQ(invited(grey_.id, kind, now_), ErrorCode::kInvalidArgument);
  EXPECT_EQ(invited(grey_.id, kind, now_ + 31 * 24 * kHour), ErrorCode::kInvalidArgument);
  EXPECT_EQ(invited(grey_.id, EnrolmentPurpose::kRecovery, now_ + kHour),
            ErrorCode::kPermissionDenied);
  EXPECT_EQ(invited("nobody", kind, now_ + kHour), ErrorCode::kNotFound);
  EXPECT_EQ(invited(role("nurse").id, kind, now_ + kHour), ErrorCode::kNotFound);
  const EnrolmentToken there = invite(grey_);
  set_state(grey_, "suspended");
  EXPECT_EQ(invited(grey_.id, kind, now_ + kHour), ErrorCode::kFailedPrecondition);
  EXPECT_FALSE(enrolments_->begin(kTenant, there.token)) << "who was suspended since";
}

TEST_P(EnrolmentTest, TheTokenOfInitEnrolsTheFirstAdministratorOnce) {
  const std::string token = new_token();
  std::string id;
  const auto issue = [&](const std::string& text, const directory::Mandate& mandate) {
    const auto written = registry_->write(mandate, [&](directory::Edit& edit) -> Result<void> {
      id = TRY(edit.issue_credential({.thing = grey_.id, .hash = token_hash(text)})).id;
      return {};
    });
    ASSERT_TRUE(written);
  };
  directory::Mandate own = mandate_;
  own.actor_type = "Wardlock";
  own.actor_id = "wardlock";
  const std::string usual = new_token();
  issue(usual, mandate_);
  EXPECT_EQ(not_begun(Secret(usual)), unknown_) << "one that an administrator issued";
  issue(token, own);
  EXPECT_EQ(not_begun(Secret(token), "st-john"), unknown_);
  const BegunEnrolment begun = begin(Secret(token));
  EXPECT_EQ(begun.enrolment.purpose, EnrolmentPurpose::kFirst);
  EXPECT_EQ(begun.enrolment.person, grey_.id);
  give_password(grey_);
  ASSERT_TRUE(enrolments_->finish(mandate_, begun.handle));
  EXPECT_TRUE(registry_->find_credential(kTenant, id)->revoked_ms) << "it is used up";
  EXPECT_EQ(not_begun(Secret(token)), unknown_);
}

TEST_P(EnrolmentTest, WhoHasAuthenticatorsNeedsNoTokenOfInit) {
  const std::string token = new_token();
  directory::Mandate own = mandate_;
  own.actor_type = "Wardlock";
  ASSERT_TRUE(registry_->write(own, [&](directory::Edit& edit) -> Result<void> {
    TRY(edit.issue_credential({.thing = grey_.id, .hash = token_hash(token)}));
    return {};
  }));
  give_password(grey_);
  EXPECT_EQ(not_begun(Secret(token)), unknown_);
}

TEST_P(EnrolmentTest, ARecoveryNeedsTwoOthers) {
  const Thing asker = person("asker");
  const Thing approver = person("approver");
  const Authenticator before = give_password(grey_);
  const Session session = open_session(grey_, {before.id});
  const auto asked = desk_->ask(by(asker), grey_.id);
  ASSERT_TRUE(asked) << asked.error().message;
  EXPECT_EQ(desk_->waiting(kTenant)->size(), 1U);
  EXPECT_EQ(desk_->waiting("st-john")->size(), 0U);
  EXPECT_EQ(code_of_error(desk_->approve(by(asker), asked->id)), ErrorCode::kPermissionDenied);
  EXPECT_EQ(code_of_error(desk_->approve(by(grey_), asked->id)), ErrorCode::kPermissionDenied);
  EXPECT_EQ(code_of_error(desk_->approve(mandate_, asked->id)), ErrorCode::kPermissionDenied)
      << "nobody in the directory";
  const Thing second = person("asker-second");
  relate({.relation = directory::Relation::kAccountOf, .subject = second.id, .object = asker.id});
  EXPECT_EQ(code_of_error(desk_->approve(by(second), asked->id)), ErrorCode::kPermissionDenied)
      << "another account of the same person";
  directory::Mandate foreign = by(approver);
  foreign.tenant = "st-john";
  EXPECT_EQ(code_of_error(desk_->approve(foreign, asked->id)), ErrorCode::kNotFound);
  EXPECT_EQ(code_of_error(desk_->approve(by(approver), "another")), ErrorCode::kNotFound);
  EXPECT_EQ(code_of_error(desk_->collect(by(asker), asked->id)), ErrorCode::kFailedPrecondition)
      << "nobody approved it";
  const auto approved = desk_->approve(by(approver), asked->id);
  ASSERT_TRUE(approved) << approved.error().message;
  EXPECT_TRUE(last_event().contains("approve_recovery"));
  EXPECT_TRUE(last_event().contains(approver.id));
  EXPECT_EQ(code_of_error(desk_->approve(by(approver), asked->id)), ErrorCode::kNotFound);
  EXPECT_EQ(code_of_error(desk_->collect(by(approver), asked->id)), ErrorCode::kPermissionDenied);
  EXPECT_EQ(code_of_error(desk_->collect(by(grey_), asked->id)), ErrorCode::kPermissionDenied);
  const auto collected = desk_->collect(by(asker), asked->id);
  ASSERT_TRUE(collected) << collected.error().message;
  EXPECT_TRUE(last_event().contains("collect_recovery"));
  EXPECT_FALSE(everything_kept().contains(collected->token.reveal()));
  EXPECT_EQ(code_of_error(desk_->collect(by(asker), asked->id)), ErrorCode::kNotFound) << "once";
  EXPECT_TRUE(is_live(session)) << "until it is done";
  now_ += 1;
  const BegunEnrolment begun = begin(collected->token);
  EXPECT_EQ(begun.enrolment.purpose, EnrolmentPurpose::kRecovery);
  now_ += 1;
  const webauthn::TestAuthenticator key;
  webauthn::TestAuthenticator mine = key;
  give_passkey(grey_, mine);
  ASSERT_TRUE(enrolments_->finish(mandate_, begun.handle));
  EXPECT_EQ(accounts_->find(kTenant, grey_.id, before.id)->state, AuthenticatorState::kLost);
  EXPECT_FALSE(is_live(session)) << "whoever had what was lost is out";
}

TEST_P(EnrolmentTest, ARecoveryIsAskedForByOthersWithAReason) {
  const Thing asker = person("asker");
  EXPECT_EQ(code_of_error(desk_->ask(by(asker, ""), grey_.id)), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of_error(desk_->ask(by(grey_), grey_.id)), ErrorCode::kPermissionDenied);
  EXPECT_EQ(code_of_error(desk_->ask(mandate_, grey_.id)), ErrorCode::kPermissionDenied);
  EXPECT_EQ(code_of_error(desk_->ask(by(asker), asker.id + "x")), ErrorCode::kNotFound);
  set_state(asker, "suspended");
  EXPECT_EQ(code_of_error(desk_->ask(by(asker), grey_.id)), ErrorCode::kPermissionDenied);
  EXPECT_TRUE(desk_->waiting(kTenant)->empty());
}

TEST_P(EnrolmentTest, NothingUnderWayIsRestored) {
  const EnrolmentToken invited = invite(grey_);
  ASSERT_TRUE(desk_->ask(by(person("asker")), grey_.id));
  ASSERT_TRUE(forget_all_enrolments(*store_));
  EXPECT_EQ(not_begun(invited.token), unknown_);
  EXPECT_TRUE(desk_->waiting(kTenant)->empty());
}

TEST_P(EnrolmentTest, ARecoveryIsGoodForAWhile) {
  const Thing asker = person("asker");
  const Thing approver = person("approver");
  const auto first = desk_->ask(by(asker), grey_.id);
  now_ += kHour;
  EXPECT_EQ(code_of_error(desk_->approve(by(approver), first->id)), ErrorCode::kNotFound);
  const auto second = desk_->ask(by(asker), grey_.id);
  ASSERT_TRUE(desk_->refuse(by(approver), second->id));
  EXPECT_EQ(code_of_error(desk_->approve(by(approver), second->id)), ErrorCode::kNotFound);
  EXPECT_TRUE(last_event().contains("refuse_recovery"));
  const auto third = desk_->ask(by(asker), grey_.id);
  ASSERT_TRUE(desk_->approve(by(approver), third->id));
  const auto collected = desk_->collect(by(asker), third->id);
  ASSERT_TRUE(collected);
  now_ += 15 * kMinute;
  EXPECT_EQ(not_begun(collected->token), unknown_);
  const auto fourth = desk_->ask(by(asker), grey_.id);
  ASSERT_TRUE(desk_->approve(by(approver), fourth->id));
  now_ += 15 * kMinute;
  EXPECT_EQ(code_of_error(desk_->collect(by(asker), fourth->id)), ErrorCode::kNotFound)
      << "nobody came for it";
}

}  // namespace
}  // namespace wardlock::authn
