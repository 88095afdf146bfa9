#include <gtest/gtest.h>

#include <string>

#include "api/account/account_for_test.h"

namespace wardlock::account {
namespace {

using directory::Thing;
using storage::name_of;
using storage::tested_databases;

class CodeDevicePagesTest : public PagesForTest {
 protected:
  CodeDevicePagesTest() { sends_codes_ = true; }

  bool shows(std::string_view text) const { return last_html_.find(text) != std::string::npos; }
  /// Somebody with a password, who has just signed in.
  void enter() {
    ada_ = person("ada").id;
    invite(*registry_->find(kTenant, ada_), kPassword);
    sign_in("ada", kPassword);
  }
  std::string last_code() {
    std::string code;
    const auto due = messages_->due(authn::MessageKind::kCode, 100).value();
    for (const authn::Message& each : due) {
      code = each.code.reveal();
      EXPECT_TRUE(messages_->settle(each, authn::MessageFate::kDelivered, "webhook"));
    }
    return code;
  }
  int send(std::string address) {
    get("/account/code-device");
    return post("/account/code-device",
                {{"do", "send"}, {"label", "Pager"}, {"address", std::move(address)}})
        .status;
  }
  int confirm(std::string code) {
    return post("/account/code-device",
                {{"do", "confirm"}, {"pending", hidden("pending")}, {"code", std::move(code)}})
        .status;
  }
  static std::string other_than(std::string code) {
    code.back() = code.back() == '0' ? '1' : '0';
    return code;
  }

  std::string ada_;
};

TEST_P(CodeDevicePagesTest, IsAddedByTheCodeThatCameToIt) {
  enter();
  get("/account/enrol");
  EXPECT_TRUE(shows("/account/code-device"));
  ASSERT_EQ(send("+49 30 4711"), 200);
  const std::string code = last_code();
  ASSERT_EQ(code.size(), 8U);
  EXPECT_FALSE(shows(code)) << "it is for the device to show";
  EXPECT_FALSE(shows("4711"));
  EXPECT_EQ(confirm(other_than(code)), 403);
  EXPECT_TRUE(shows("not the one that was sent"));
  EXPECT_EQ(confirm(code), 200);
  EXPECT_TRUE(shows("Pager was added."));
}

TEST_P(CodeDevicePagesTest, WhatIsNoAddressOrOneOfMailIsRefused) {
  enter();
  for (const char* address : {"", "1", "ada@st-mary.example", "<script>", "12\n34"}) {
    EXPECT_EQ(send(address), 403) << address;
    EXPECT_TRUE(shows("no number to which a code can be sent")) << address;
  }
  EXPECT_EQ(last_code(), "");
}

TEST_P(CodeDevicePagesTest, NoTwoCodesAreSentOneRightAfterTheOther) {
  enter();
  ASSERT_EQ(send("+49 30 4711"), 200);
  EXPECT_EQ(send("+49 30 4711"), 429);
  EXPECT_TRUE(shows("No code is sent just now"));
}

TEST_P(CodeDevicePagesTest, NobodyAddsOneForSomebodyElseOrWithoutProof) {
  EXPECT_EQ(get("/account/code-device").location, "/st-mary/account/enrol");
  enter();
  ASSERT_EQ(send("+49 30 4711"), 200);
  const std::string pending = hidden("pending");
  const std::string code = last_code();
  cookies_.clear();
  invite(person("ben"), kPassword);
  sign_in("ben", kPassword);
  get("/account/code-device");
  EXPECT_EQ(post("/account/code-device", {{"do", "confirm"}, {"pending", pending}, {"code", code}})
                .status,
            403);
  EXPECT_TRUE(shows("Please begin again"));
  now_ += kFreshMs + 1000;
  EXPECT_EQ(get("/account/code-device").location, "/st-mary/sign-in?again=1");
}

TEST_P(CodeDevicePagesTest, OfTheTelephonePeopleAreWarned) {
  enter();
  get("/account/code-device");
  EXPECT_FALSE(shows("telephone network"));
  are_codes_restricted_ = true;
  get("/account/code-device");
  EXPECT_TRUE(shows("telephone network"));
}

TEST_P(CodeDevicePagesTest, IsNotThereWhereNoCodesAreSent) {
  enter();
  sends_codes_ = false;
  get("/account/enrol");
  EXPECT_FALSE(shows("/account/code-device"));
  EXPECT_EQ(get("/account/code-device").status, 404);
  get("/account/enrol");
  EXPECT_EQ(post("/account/code-device", {{"do", "send"}, {"address", "+49 30 4711"}}).status, 404);
}

TEST_P(CodeDevicePagesTest, SomebodySignsInWithACode) {
  enter();
  ASSERT_EQ(send("+49 30 4711"), 200);
  ASSERT_EQ(confirm(last_code()), 200);
  now_ += authn::CodeLimits::kLeastBetweenMs;
  cookies_.clear();
  required_ = authn::AssuranceLevel::kAal2;
  EXPECT_EQ(sign_in("ada", kPassword).status, 200);
  EXPECT_TRUE(shows("Send a code to my device"));
  EXPECT_FALSE(shows("name=\"code\"")) << "there is none yet";
  EXPECT_EQ(last_code(), "") << "none is sent that nobody asked for";
  ASSERT_EQ(post("/sign-in", {{"do", "send"}, {"user", "ada"}}).status, 200);
  EXPECT_TRUE(shows("name=\"code\""));
  EXPECT_FALSE(shows("data-digits")) << "it would go when six are typed";
  EXPECT_TRUE(shows("Send another code"));
  EXPECT_EQ(hidden("sent"), "1") << "so that the page says the same after a mistake";
  const std::string code = last_code();
  EXPECT_EQ(post("/sign-in", {{"do", "code"}, {"user", "ada"}, {"code", other_than(code)}}).status,
            403);
  EXPECT_TRUE(shows("name=\"code\""));
  EXPECT_EQ(post("/sign-in", {{"do", "code"}, {"user", "ada"}, {"code", code}}).location,
            "/st-mary/account");
}

TEST_P(CodeDevicePagesTest, WhoHasAnAppAsWellIsToldApart) {
  enter();
  ASSERT_EQ(send("+49 30 4711"), 200);
  ASSERT_EQ(confirm(last_code()), 200);
  ASSERT_TRUE(accounts_->add_hotp({.mandate = mandate_, .person = ada_},
                                  Secret("12345678901234567890"), {}, 0));
  now_ += authn::CodeLimits::kLeastBetweenMs;
  cookies_.clear();
  required_ = authn::AssuranceLevel::kAal2;
  sign_in("ada", kPassword);
  EXPECT_TRUE(shows("name=\"code\""));
  EXPECT_TRUE(shows("data-digits"));
  EXPECT_TRUE(shows("Send a code to my device")) << "none is on its way";
  post("/sign-in", {{"do", "send"}, {"user", "ada"}});
  EXPECT_TRUE(shows("Send another code"));
  post("/sign-in", {{"do", "code"}, {"user", "ada"}, {"code", "123456"}, {"sent", "1"}});
  EXPECT_TRUE(shows("Send another code"));
  EXPECT_EQ(post("/sign-in", {{"do", "code"}, {"user", "ada"}, {"code", last_code()}}).location,
            "/st-mary/account");
}

INSTANTIATE_TEST_SUITE_P(Each, CodeDevicePagesTest, testing::ValuesIn(tested_databases()), name_of);

}  // namespace
}  // namespace wardlock::account
