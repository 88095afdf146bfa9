#include "server/policies_in_force.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "server/policies_for_test.h"

namespace wardlock::server {
namespace {

using storage::name_of;  // for WARDLOCK_ON_EACH_DATABASE
using storage::tested_databases;

class PoliciesInForceTest : public ManagedTenantForTest {
 protected:
  /// Started, and decided by.
  std::unique_ptr<PoliciesInForce> started() {
    auto node = in_force();
    const auto found = node->start(initial());
    EXPECT_TRUE(found) << found.error().message;
    if (found) {
      EXPECT_TRUE(node->accept(*found));
    }
    return node;
  }
  /// What comes next is taken.
  static std::uint64_t take(PoliciesInForce& node) {
    const auto next = node.next();
    EXPECT_TRUE(next) << next.error().message;
    if (!next || !*next) return 0;
    EXPECT_TRUE(node.accept(**next));
    return (*next)->bundle.serial;
  }
  static ErrorCode refusal(PoliciesInForce& node) {
    const auto next = node.next();
    EXPECT_FALSE(next);
    return next ? ErrorCode::kUnknown : next.error().code;
  }
};
WARDLOCK_ON_EACH_DATABASE(PoliciesInForceTest);

TEST_P(PoliciesInForceTest, BeginWithWhatTheServerWasSetUpWith) {
  const auto found = in_force()->start(initial());
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->bundle.serial, 1U);
  EXPECT_EQ(found->bundle.content, content("initial").name());
  EXPECT_EQ(found->fault, "");
  const auto history = activations_->history(place_);
  ASSERT_TRUE(history);
  ASSERT_EQ(history->size(), 1U);
  EXPECT_EQ(history->front().cause, pap::ActivationCause::kInitial);
  EXPECT_EQ(history->front().person, "wardlock");
}

TEST_P(PoliciesInForceTest, TakeWhatIsInForceAndNotTheFolder) {
  started();
  activate("approved");
  const auto again = in_force()->start([]() -> Result<bundle::Content> {
    ADD_FAILURE() << "nobody asks for the folder any more";
    return content("folder");
  });
  ASSERT_TRUE(again);
  EXPECT_EQ(again->bundle.content, content("approved").name());
}

TEST_P(PoliciesInForceTest, FollowWhatComesIntoForce) {
  const auto node = started();
  EXPECT_EQ(take(*node), 0U);
  activate("two");
  EXPECT_EQ(take(*node), 2U);
  EXPECT_EQ(take(*node), 0U);
  roll_back(1);
  EXPECT_EQ(take(*node), 3U);
  EXPECT_EQ(node->highest_serial(), 3U);
}

TEST_P(PoliciesInForceTest, TakeTheNewestAfterAWeekAway) {
  const auto node = started();
  for (const std::string_view word : {"two", "three", "four"}) activate(word);
  ahead_ = 7 * kDay;
  EXPECT_EQ(take(*node), 4U);
}

TEST_P(PoliciesInForceTest, WaitForTheirTime) {
  const auto node = started();
  activate(content("two"), now() + kDay);
  EXPECT_EQ(take(*node), 0U);
  ahead_ = kDay;
  EXPECT_EQ(take(*node), 2U);
}

TEST_P(PoliciesInForceTest, AreRefusedFromAnotherKey) {
  const auto node = started();
  signer_ = 'x';
  activate("two");
  EXPECT_EQ(refusal(*node), ErrorCode::kUnauthenticated);
  EXPECT_EQ(node->highest_serial(), 1U);
  trusted_ = {'k', 'x'};
  EXPECT_EQ(take(*node), 2U) << "somebody named the key";
}

TEST_P(PoliciesInForceTest, AreRefusedFromARevokedKey) {
  const auto node = started();
  activate("two");
  revoked_ = {'k'};
  EXPECT_EQ(refusal(*node), ErrorCode::kPermissionDenied);
  signer_ = 'n';
  trusted_ = {'k', 'n'};
  EXPECT_EQ(refusal(*node), ErrorCode::kPermissionDenied) << "a new key alone signs nothing anew";
  roll_back(1);
  EXPECT_EQ(take(*node), 3U);
}

TEST_P(PoliciesInForceTest, AreRefusedWithoutTheirSignature) {
  const auto node = started();
  activate("two");
  statement("UPDATE policy_activation SET content = '" + content("initial").name() +
            "' WHERE serial = 2");
  EXPECT_EQ(refusal(*node), ErrorCode::kDataLoss) << "another content than was signed";
  statement("UPDATE policy_activation SET envelope = '{}' WHERE serial = 2");
  EXPECT_EQ(refusal(*node), ErrorCode::kInvalidArgument);
  EXPECT_EQ(node->highest_serial(), 1U);
}

TEST_P(PoliciesInForceTest, AreRefusedUnderASerialThatWasNotSigned) {
  const auto node = started();
  activate("two");
  EXPECT_EQ(take(*node), 2U);
  statement("UPDATE policy_activation SET serial = 9 WHERE serial = 1");
  EXPECT_EQ(refusal(*node), ErrorCode::kDataLoss) << "old policies, under a number of somebody's";
}

TEST_P(PoliciesInForceTest, AreRefusedFromAnotherPlace) {
  const auto node = started();
  ASSERT_TRUE(activations_->begin(own_mandate("main", "a test"), "test", content("two")));
  statement(
      "UPDATE policy_activation SET environment = 'production', serial = 2 "
      "WHERE environment = 'test'");
  EXPECT_EQ(refusal(*node), ErrorCode::kPermissionDenied);
}

TEST_P(PoliciesInForceTest, AreRefusedWhereTheyGoBack) {
  const auto node = started();
  activate("two");
  EXPECT_EQ(take(*node), 2U);
  statement("DELETE FROM policy_activation WHERE serial = 2");
  EXPECT_EQ(refusal(*node), ErrorCode::kAborted) << "an older backup of the database";
  statement("DELETE FROM policy_activation");
  EXPECT_EQ(refusal(*node), ErrorCode::kDataLoss) << "or none";
}

TEST_P(PoliciesInForceTest, AreKeptWhereANodeStartsAnew) {
  const auto node = started();
  activate("two");
  EXPECT_EQ(take(*node), 2U);
  statement("DELETE FROM policy_activation WHERE serial = 2");
  const auto again = in_force()->start(initial());
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->bundle.content, content("two").name());
  EXPECT_NE(again->fault.find("serial is 1, and 2 is in use"), std::string::npos) << again->fault;
  statement("DELETE FROM policy_activation");
  const auto empty = in_force()->start(initial());
  ASSERT_TRUE(empty);
  EXPECT_EQ(empty->bundle.serial, 2U) << "an empty database does not bring back what was first";
  EXPECT_NE(empty->fault.find("put back a backup"), std::string::npos) << empty->fault;
}

TEST_P(PoliciesInForceTest, AreNotStartedWithWhatNobodyCanBelieve) {
  started();
  activate("two");
  statement("UPDATE policy_activation SET envelope = '{}' WHERE serial = 2");
  const auto kept = in_force()->start(initial());
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->bundle.serial, 1U) << "what was kept, verified anew";
  EXPECT_NE(kept->fault, "");
  std::filesystem::remove(kept_file_);
  EXPECT_FALSE(in_force()->start(initial()));
  std::ofstream(kept_file_) << "no bundle";
  EXPECT_FALSE(in_force()->start(initial()));
}

TEST_P(PoliciesInForceTest, SayThatWhatWasKeptCannotBeRead) {
  started();
  std::ofstream(kept_file_) << "no bundle";
  const auto found = in_force()->start(initial());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->bundle.serial, 1U);
  EXPECT_NE(found->warning, "");
}

TEST_P(PoliciesInForceTest, AreRenewedBeforeTheyExpire) {
  const auto node = started();
  ahead_ = 200 * kDay;
  EXPECT_EQ(take(*node), 0U);
  ahead_ = 300 * kDay;
  const auto next = node->next();
  ASSERT_TRUE(next && *next);
  EXPECT_EQ((*next)->bundle.serial, 2U);
  EXPECT_EQ((*next)->bundle.content, content("initial").name());
  EXPECT_EQ(activations_->history(place_)->front().cause, pap::ActivationCause::kRenewal);
}

TEST_P(PoliciesInForceTest, AreRenewedAfterAYearAway) {
  started();
  ahead_ = 800 * kDay;
  const auto found = in_force()->start(initial());
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->bundle.serial, 2U);
  EXPECT_EQ(found->fault, "");
}

TEST_P(PoliciesInForceTest, AreNotRenewedWhereTheSignatureCountsNoMore) {
  const auto node = started();
  ahead_ = 300 * kDay;
  revoked_ = {'k'};
  signer_ = 'n';
  EXPECT_EQ(refusal(*node), ErrorCode::kPermissionDenied);
  EXPECT_EQ(activations_->history(place_)->size(), 1U);
}

TEST_P(PoliciesInForceTest, AreSignedAnewByAnotherKeySoThatTheFirstCanBeRevoked) {
  started();
  signer_ = 'n';
  trusted_ = {'n'};
  EXPECT_FALSE(in_force()->start([] { return Result<bundle::Content>(content("folder")); }))
      << "the key that signed them does not count any more";
  trusted_ = {'n', 'k'};
  const auto anew = in_force()->start(initial());
  ASSERT_TRUE(anew) << anew.error().message;
  EXPECT_EQ(anew->bundle.serial, 2U);
  EXPECT_EQ(anew->bundle.content, content("initial").name());
  EXPECT_EQ(activations_->history(place_)->front().cause, pap::ActivationCause::kRenewal);
  revoked_ = {'k'};
  const auto after = in_force()->start(initial());
  ASSERT_TRUE(after) << after.error().message;
  EXPECT_EQ(after->bundle.serial, 2U) << "once is enough";
}

TEST_P(PoliciesInForceTest, AreNotSignedAnewWhereTheFirstKeyIsRevokedAlready) {
  started();
  signer_ = 'n';
  trusted_ = {'n', 'k'};
  revoked_ = {'k'};
  EXPECT_FALSE(in_force()->start(initial()));
  EXPECT_EQ(activations_->history(place_)->size(), 1U);
}

TEST_P(PoliciesInForceTest, ExpireLoudlyAndStay) {
  const auto node = started();
  activate(content("two"), now() + 900 * kDay);
  ahead_ = 366 * kDay;  // with a plan that a renewal would undo
  EXPECT_EQ(refusal(*node), ErrorCode::kFailedPrecondition);
  EXPECT_EQ(node->highest_serial(), 1U);
}

TEST_P(PoliciesInForceTest, AreNotFromTheFuture) {
  const auto node = started();
  ahead_ = kDay;  // of another node, whose clock is a day ahead
  activate("two");
  ahead_ = 0;
  EXPECT_EQ(refusal(*node), ErrorCode::kFailedPrecondition);
  ahead_ = kDay;
  EXPECT_EQ(take(*node), 2U) << "its time has come here";
  ahead_ = 0;
  activate("three");
  EXPECT_EQ(take(*node), 3U) << "no time before what was taken is now";
}

TEST_P(PoliciesInForceTest, CountThoughTheyCannotBeKept) {
  kept_file_ = folder() + "/missing/last.bundle";
  const auto node = in_force();
  const auto found = node->start(initial());
  ASSERT_TRUE(found);
  EXPECT_FALSE(node->accept(*found));
  EXPECT_EQ(node->highest_serial(), 1U);
}

}  // namespace
}  // namespace wardlock::server
