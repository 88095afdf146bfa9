#include "letter/letters.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "authn/account/authenticator.h"

namespace wardlock::letter {
namespace {

using authn::About;
using authn::Message;

const Letters& letters() {
  static const auto built = Letters::build("St Mary", "");
  return *built;
}

Message about(About what) {
  return {.id = "019a-7",
          .tenant = "st-mary",
          .person = "0190-grey",
          .about = what,
          .details = {.authenticators = {"passkey", "totp"},
                      .happened_ms = 1'800'000'000'000,
                      .expires_ms = 1'801'000'000'000},
          .until_ms = 1'800'000'300'000,
          .address = Secret("+49 30 123456"),
          .code = Secret("31415926")};
}

std::string text_of(const Message& message) {
  const auto letter = letters().write(message);
  EXPECT_TRUE(letter) << letter.error().message;
  return letter ? std::string(letter->text.reveal()) : "";
}

TEST(Letters, SayEachThingInItsOwnWords) {
  std::set<std::string> texts;
  for (std::size_t i = 0; i < authn::kAbouts; ++i) {
    const Message message = about(static_cast<About>(i));
    const auto letter = letters().write(message);
    ASSERT_TRUE(letter) << letter.error().message;
    EXPECT_FALSE(letter->subject.empty());
    EXPECT_EQ(letter->subject.find('\n'), std::string::npos);
    EXPECT_TRUE(texts.insert(text_of(message)).second) << to_string(message.about);
    EXPECT_EQ(text_of(message).find('{'), std::string::npos);
    EXPECT_NE(text_of(message).find("St Mary"), std::string::npos);
  }
}

TEST(Letters, SayWhatWasDoneAndWhen) {
  EXPECT_EQ(text_of(about(About::kAuthenticatorAdded)),
            "Hello,\n\n"
            "Added to your ways to sign in to St Mary, on 2027-01-15 08:00 UTC: passkey or "
            "security key, authenticator app.\n\n"
            "If this was not you, somebody else may be using your account. Tell your help desk at "
            "once.\n\n"
            "This is a message of St Mary. Nobody reads answers to it.\n");
  EXPECT_EQ(letters().write(about(About::kAuthenticatorAdded))->subject,
            "A way to sign in was added");
}

TEST(Letters, SayWhomToCall) {
  const auto built = Letters::build("St Mary", "Call 030 1234.");
  const auto letter = built->write(about(About::kRecoveryBegun));
  EXPECT_NE(letter->text.reveal().find("Call 030 1234."), std::string_view::npos);
}

TEST(Letters, ACodeIsInNothingButACodesText) {
  for (std::size_t i = 0; i < authn::kAbouts; ++i) {
    const Message message = about(static_cast<About>(i));
    const auto letter = letters().write(message);
    const bool has_code = letter->text.reveal().find("31415926") != std::string_view::npos;
    EXPECT_EQ(has_code, authn::is_code(message.about)) << to_string(message.about);
    EXPECT_EQ(letter->subject.find("31415926"), std::string::npos);
    EXPECT_EQ(letter->text.reveal().find("123456"), std::string_view::npos) << "the address";
  }
  EXPECT_NE(text_of(about(About::kDeviceCode)).find("until 2027-01-15 08:05 UTC"),
            std::string::npos);
}

TEST(Letters, NameEachKindOfAuthenticator) {
  Message message = about(About::kAuthenticatorRemoved);
  for (std::size_t i = 0; i < authn::kAuthenticatorKinds; ++i) {
    message.details.authenticators = {
        std::string(to_string(static_cast<authn::AuthenticatorKind>(i)))};
    EXPECT_TRUE(letters().write(message)) << message.details.authenticators[0];
  }
  message.details.authenticators = {"crystal_ball"};
  EXPECT_FALSE(letters().write(message));
}

}  // namespace
}  // namespace wardlock::letter
