#include "administration/glass_view.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "administration/asker_sign_in.h"

namespace wardlock::administration {
namespace {

/// What decisions see of a right, or that they are behind.
class SightForTest final : public GlassView {
 public:
  Result<std::optional<std::string>> await(std::string_view /*grant*/,
                                           std::uint64_t /*revision*/) override {
    if (is_behind) return fail(ErrorCode::kUnavailable, "not yet");
    return why;
  }

  bool is_behind = false;
  std::optional<std::string> why = {};
};

class AwaitSightTest : public testing::Test {
 protected:
  Result<void> await(GlassView* view) {
    const auto withdraw = [this]() -> Result<void> {
      ++withdrawn_;
      return {};
    };
    return await_sight(view, "g", 7, withdraw, "it would open nothing");
  }

  SightForTest view_;
  int withdrawn_ = 0;
};

TEST_F(AwaitSightTest, WhatIsSeenStays) {
  EXPECT_TRUE(await(&view_));
  EXPECT_TRUE(await(nullptr));
  EXPECT_EQ(withdrawn_, 0);
}

TEST_F(AwaitSightTest, WhatOpensNothingIsTakenBack) {
  view_.why = "policies do not see the person";
  const auto awaited = await(&view_);
  ASSERT_FALSE(awaited);
  EXPECT_EQ(awaited.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_EQ(awaited.error().message, "it would open nothing, since policies do not see the person");
  EXPECT_EQ(withdrawn_, 1);
}

TEST_F(AwaitSightTest, WhatHasEndedIsNotTakenBack) {
  view_.why = "it has ended";
  EXPECT_TRUE(await_sight(&view_, "g", 7, {}, "it would open nothing"));
}

TEST_F(AwaitSightTest, WhatIsNotSeenYetIsNotAnswered) {
  view_.is_behind = true;
  const auto awaited = await(&view_);
  ASSERT_FALSE(awaited);
  EXPECT_EQ(awaited.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(withdrawn_, 0);
}

TEST(SignedInTest, ProgramsHaveNotSignedIn) {
  const auto asker = signed_in(nullptr, "the glass is broken");
  ASSERT_FALSE(asker);
  EXPECT_EQ(asker.error().code, ErrorCode::kPermissionDenied);
  EXPECT_TRUE(asker.error().message.starts_with("the glass is broken by people who"));
}

TEST(SignedInTest, ASignatureSaysHowItsOwnerSignedIn) {
  const AskerSignIn sign_in{.level = 2, .methods = {"pwd", "otp"}, .at_ms = 17, .session = "s-1"};
  EXPECT_EQ(signed_in(&sign_in, "it is signed")->session, "s-1");
  const authn::Signature signature = blank_signature(sign_in);
  EXPECT_EQ(signature.level, 2);
  EXPECT_EQ(signature.methods, sign_in.methods);
  EXPECT_EQ(signature.authenticated_ms, 17);
  EXPECT_EQ(signature.session, "s-1");
  EXPECT_EQ(signature.person, "");
  EXPECT_EQ(signature.signed_ms, 0);
}

}  // namespace
}  // namespace wardlock::administration
