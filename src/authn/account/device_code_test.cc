#include "authn/account/device_code.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "authn/account/account_for_test.h"

namespace wardlock::authn {
namespace {

constexpr std::string_view kAddress = "+49 30 123456";

ErrorCode code_of_error(const auto& result) {
  return result ? ErrorCode::kInternal : result.error().code;
}

class DeviceCodeTest : public AccountsForTest {
 protected:
  SignInSource source(std::string mark = "") const { return from("", std::move(mark)).source; }

  Authenticator give_device(std::string_view address = kAddress) {
    const auto offer = accounts_->offer_device(change(grey_, "pager"), Secret(address));
    EXPECT_TRUE(offer) << offer.error().message;
    const std::string code = last_code();
    auto device = accounts_->confirm_device(change(grey_), offer->id, code);
    EXPECT_TRUE(device) << device.error().message;
    now_ += CodeLimits::kLeastBetweenMs;
    return *device;
  }
  std::string last_code() {
    const auto all = sent_codes();
    return all.empty() ? "" : std::string(all.back().code.reveal());
  }
  /// With a password and a device, at what needs both.
  Authenticator prepare() {
    give_password(grey_);
    Authenticator device = give_device();
    required_ = AssuranceLevel::kAal2;
    return device;
  }
  SignInStep send(const SignInStep& step, std::string mark = "") {
    auto sent = sign_in_->send_device_code(step.handle, source(std::move(mark)));
    EXPECT_TRUE(sent) << sent.error().message;
    return *std::move(sent);
  }
  static std::string other_than(const std::string& code) {
    std::string other = code;
    other.back() = other.back() == '0' ? '1' : '0';
    return other;
  }
};
WARDLOCK_ON_EACH_DATABASE(DeviceCodeTest);

TEST(DeviceCode, HasEightDigitsOfTheGivenRandomness) {
  std::uint8_t next = 0;
  const directory::Surroundings counting{.clock = [] { return 0; },
                                         .fill_random =
                                             [&](std::span<std::uint8_t> bytes) {
                                               for (auto& byte : bytes) byte = next;
                                               ++next;
                                             }};
  std::set<std::string> codes;
  for (int i = 0; i < 256; ++i) {
    const Secret code = new_device_code(counting);
    EXPECT_EQ(code.size(), 8U);
    EXPECT_EQ(code.reveal().find_first_not_of("0123456789"), std::string_view::npos);
    codes.insert(std::string(code.reveal()));
  }
  EXPECT_EQ(codes.size(), 256U);
  EXPECT_TRUE(codes.contains("00000000")) << "with all its zeros";
}

TEST(DeviceAddress, IsNoneOfMail) {
  for (const char* text : {"+49 30 123456", "pager-17", "4711", "ward_2/b#3", "(030) 12.34:5"}) {
    EXPECT_TRUE(check_device_address(Secret(text))) << text;
  }
  for (const char* text : {"", "12", "   ", "+++", "grey@st-mary.example", "grey@pager.example",
                           "1234\n5678", "1234\r\nBcc", "123<b>", "12\xC3\xA4"}) {
    EXPECT_EQ(code_of_error(check_device_address(Secret(text))), ErrorCode::kInvalidArgument)
        << text;
  }
  EXPECT_FALSE(check_device_address(Secret(std::string(65, '1'))));
}

TEST_P(DeviceCodeTest, ADeviceCountsOnceItsOwnerHasShownACodeOfIt) {
  give_password(grey_);
  const auto offer = accounts_->offer_device(change(grey_, "pager"), Secret(kAddress));
  ASSERT_TRUE(offer);
  EXPECT_EQ(offer->state, AuthenticatorState::kPending);
  const auto sent = sent_codes();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].about, About::kDeviceConfirmation);
  EXPECT_EQ(sent[0].address.reveal(), kAddress);
  required_ = AssuranceLevel::kAal2;
  EXPECT_EQ(told(show_password(begin("grey"))), "not_enough") << "not before";
  notices();
  const auto kept = accounts_->confirm_device(change(grey_), offer->id, sent[0].code.reveal());
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->state, AuthenticatorState::kActive);
  EXPECT_EQ(kept->label, "pager");
  EXPECT_FALSE(kept->expires_ms);
  EXPECT_EQ(notices(), std::vector<std::string>{"authenticator_added device"});
  EXPECT_EQ(told(show_password(begin("grey"))), "more device_code");
  EXPECT_EQ(
      code_of_error(accounts_->confirm_device(change(grey_), offer->id, sent[0].code.reveal())),
      ErrorCode::kFailedPrecondition)
      << "once";
}

TEST_P(DeviceCodeTest, FiveWrongCodesEndAnOffer) {
  const auto offer = accounts_->offer_device(change(grey_), Secret(kAddress));
  const std::string code = last_code();
  for (int i = 0; i < kDeviceCodeTries; ++i) {
    EXPECT_EQ(code_of_error(accounts_->confirm_device(change(grey_), offer->id, other_than(code))),
              ErrorCode::kInvalidArgument);
  }
  EXPECT_EQ(code_of_error(accounts_->confirm_device(change(grey_), offer->id, code)),
            ErrorCode::kFailedPrecondition);
}

TEST_P(DeviceCodeTest, AnOfferIsOnePersonsAndGoodForTenMinutes) {
  const auto offer = accounts_->offer_device(change(grey_), Secret(kAddress));
  const std::string code = last_code();
  EXPECT_EQ(code_of_error(accounts_->confirm_device(change(person("green")), offer->id, code)),
            ErrorCode::kNotFound);
  AccountChange elsewhere = change(grey_);
  elsewhere.mandate.tenant = "st-john";
  EXPECT_FALSE(accounts_->confirm_device(elsewhere, offer->id, code));
  now_ += 10 * kMinute;
  EXPECT_EQ(code_of_error(accounts_->confirm_device(change(grey_), offer->id, code)),
            ErrorCode::kFailedPrecondition);
}

TEST_P(DeviceCodeTest, NobodyIsBombedByEnrolling) {
  ASSERT_TRUE(accounts_->offer_device(change(grey_), Secret(kAddress)));
  EXPECT_EQ(code_of_error(accounts_->offer_device(change(grey_), Secret(kAddress))),
            ErrorCode::kResourceExhausted);
  EXPECT_EQ(count("SELECT count(*) FROM authenticator"), 1) << "nothing is begun that cannot end";
  EXPECT_EQ(sent_codes().size(), 1U);
}

TEST_P(DeviceCodeTest, NoDeviceIsTakenWhereNoCodesAreSent) {
  message_settings_.has_codes = false;
  start();
  EXPECT_EQ(code_of_error(accounts_->offer_device(change(grey_), Secret(kAddress))),
            ErrorCode::kFailedPrecondition);
  message_settings_.has_codes = true;
  start();
  EXPECT_EQ(code_of_error(accounts_->offer_device(change(grey_), Secret("grey@pager.example"))),
            ErrorCode::kInvalidArgument);
}

TEST_P(DeviceCodeTest, WithAPasswordIsTwoFactors) {
  const Authenticator device = prepare();
  const SignInStep more = show_password(begin("grey"));
  EXPECT_EQ(told(more), "more device_code");
  const SignInStep sent = send(more);
  EXPECT_EQ(told(sent), "more code device_code");
  const auto codes = sent_codes();
  ASSERT_EQ(codes.size(), 1U);
  EXPECT_EQ(codes[0].about, About::kDeviceCode);
  EXPECT_EQ(codes[0].address.reveal(), kAddress);
  const std::string code(codes[0].code.reveal());
  EXPECT_EQ(sent.handle.reveal().find(code), std::string_view::npos);
  const SignInStep done = show_code(sent, code);
  EXPECT_EQ(told(done), "done aal2 mfa otp pwd");
  EXPECT_EQ(done.recognised->authenticators.back(), device.id)
      << "so that the session ends when the device is lost";
  EXPECT_EQ(told(show_code(sent, code)), "expired") << "once";
}

TEST_P(DeviceCodeTest, NothingIsSentBeforeSomebodyHasShownSomething) {
  prepare();
  EXPECT_EQ(told(send(begin("grey"))), "wrong");
  EXPECT_EQ(told(send(begin("nobody"))), "wrong");
  EXPECT_TRUE(sent_codes().empty());
}

TEST_P(DeviceCodeTest, ACodeIsGoodInItsSignInAlone) {
  prepare();
  const SignInStep first = send(show_password(begin("grey")));
  const std::string code = last_code();
  EXPECT_EQ(told(show_code(show_password(begin("grey")), code)), "wrong");
  now_ += CodeLimits::kLeastBetweenMs;
  const SignInStep second = send(show_password(begin("grey")));
  const std::string other = last_code();
  EXPECT_EQ(told(show_code(second, code)), "wrong") << "another's";
  EXPECT_EQ(told(show_code(first, other)), "wrong");
}

TEST_P(DeviceCodeTest, ACodeIsGoodForFiveMinutesHoweverItIsTried) {
  prepare();
  SignInStep step = send(show_password(begin("grey")));
  const std::string code = last_code();
  now_ += 4 * kMinute;
  step = show_code(step, other_than(code));
  EXPECT_EQ(told(step), "wrong");
  now_ += kMinute;
  EXPECT_EQ(told(show_code(step, code)), "wrong") << "a wrong one made it no younger";
}

TEST_P(DeviceCodeTest, FiveWrongCodesAndTheRightOneIsGoodForNothing) {
  prepare();
  SignInStep step = send(show_password(begin("grey")));
  const std::string code = last_code();
  for (int i = 0; i < kDeviceCodeTries - 1; ++i) step = show_code(step, other_than(code));
  const SignInStep last = show_code(step, other_than(code));
  EXPECT_EQ(told(last), "wrong");
  EXPECT_EQ(last.offered, std::vector<Factor>{Factor::kDeviceCode}) << "another must be sent";
  EXPECT_EQ(told(show_code(last, code)), "wrong");
}

TEST_P(DeviceCodeTest, ARightCodeAfterAWrongOneIsTaken) {
  prepare();
  const SignInStep step = send(show_password(begin("grey")));
  const std::string code = last_code();
  EXPECT_EQ(told(show_code(show_code(step, other_than(code)), code)), "done aal2 mfa otp pwd");
}

TEST_P(DeviceCodeTest, WrongCodesCountAgainstTheDevice) {
  const Authenticator device = prepare();
  notices();
  SignInStep step = send(show_password(begin("grey")));
  const std::string code = last_code();
  for (int i = 0; i < 3; ++i) step = show_code(step, other_than(code));
  EXPECT_EQ(accounts_->find(kTenant, grey_.id, device.id)->failures.strange, 3U);
  EXPECT_EQ(notices(), std::vector<std::string>{"attempts device"});
}

TEST_P(DeviceCodeTest, StrangersWithAPasswordDoNotBombTheOwner) {
  prepare();
  const std::string mark = [&] {
    const SignInStep step = send(show_password(begin("grey")));
    return show_code(step, last_code()).recognised->mark;
  }();
  now_ += CodeLimits::kLeastBetweenMs;
  int sent = 0;
  for (int i = 0; i < 10; ++i) {
    const std::string how = told(send(show_password(begin("grey"))));
    EXPECT_TRUE(how == "more code device_code" || how == "wait") << how;
    sent += static_cast<int>(sent_codes().size());
    now_ += CodeLimits::kLeastBetweenMs;
  }
  EXPECT_EQ(sent, CodeLimits::kMostOfStrangers - 1);
  EXPECT_EQ(told(send(show_password(begin("grey", mark), kGoodPassword, mark), mark)),
            "more code device_code")
      << "the owner's own device has some left";
}

TEST_P(DeviceCodeTest, WhereNoneIsSentTheOneBeforeIsStillGood) {
  prepare();
  const SignInStep first = send(show_password(begin("grey")));
  const std::string code = last_code();
  const SignInStep again = send(first);
  EXPECT_EQ(told(again), "wait");
  EXPECT_TRUE(sent_codes().empty());
  EXPECT_EQ(told(send(show_password(begin("grey")))), "wait") << "another sign-in's, too";
  EXPECT_EQ(told(show_code(again, code)), "done aal2 mfa otp pwd");
}

TEST_P(DeviceCodeTest, ANewCodeTakesThePlaceOfTheOneBefore) {
  prepare();
  const SignInStep first = send(show_password(begin("grey")));
  const std::string before = last_code();
  now_ += CodeLimits::kLeastBetweenMs;
  const SignInStep second = send(first);
  const std::string code = last_code();
  const SignInStep wrong = show_code(second, before);
  EXPECT_EQ(told(wrong), "wrong");
  EXPECT_EQ(told(show_code(wrong, code)), "done aal2 mfa otp pwd");
}

TEST_P(DeviceCodeTest, NoPasskeyIsAskedForWhileACodeIsOnItsWay) {
  prepare();
  webauthn::TestAuthenticator key;
  give_passkey(grey_, key);
  const SignInStep step = send(show_password(begin("grey")));
  EXPECT_EQ(told(step), "more code device_code");
  const std::string code = last_code();
  const SignInStep wrong = show_code(step, other_than(code));
  const auto asked = sign_in_->ask_passkey(wrong.handle);
  ASSERT_TRUE(asked);
  EXPECT_EQ(told(show_code(asked->step, code)), "wrong") << "another question was asked since";
}

TEST_P(DeviceCodeTest, ADeviceThatIsLostMeanwhileLetsNobodyIn) {
  const Authenticator device = prepare();
  const SignInStep step = send(show_password(begin("grey")));
  const std::string code = last_code();
  ASSERT_TRUE(accounts_->mark_lost(change(grey_), device.id));
  EXPECT_NE(told(show_code(step, code)).substr(0, 4), "done");
}

TEST_P(DeviceCodeTest, WhereCodesAreTurnedOffNoneIsOffered) {
  prepare();
  message_settings_.has_codes = false;
  start();
  EXPECT_EQ(told(show_password(begin("grey"))), "not_enough");
}

TEST_P(DeviceCodeTest, IsNotRememberedForWhenTheDatabaseIsDown) {
  is_cached_ = true;
  start();
  prepare();
  const SignInStep step = send(show_password(begin("grey")));
  ASSERT_EQ(told(show_code(step, last_code())), "done aal2 mfa otp pwd");
  cached_->note_database(now_);
  const auto known = cached_->find(kTenant, "grey", now_);
  ASSERT_TRUE(known);
  EXPECT_EQ(known->authenticators.size(), 1U) << "the password alone";
}

TEST_P(DeviceCodeTest, NothingOfACodeOrAddressIsKeptInTheClear) {
  prepare();
  send(show_password(begin("grey")));
  const std::string all = everything_kept();
  EXPECT_FALSE(all.contains(kAddress));
  EXPECT_FALSE(all.contains(last_code()));
}

}  // namespace
}  // namespace wardlock::authn
