#include "authn/session/assurance.h"

#include <gtest/gtest.h>

#include <string>

#include "authn/session/session_settings.h"

namespace wardlock::authn {
namespace {

using enum Proof;
using enum AssuranceLevel;

std::string methods(const Assurance& assurance) {
  std::string text;
  for (const std::string& each : assurance.methods) text += (text.empty() ? "" : " ") + each;
  return text;
}

struct Case {
  const char* about;
  Proofs proofs;
  AssuranceLevel level;
  const char* methods;
};

TEST(Assurance, FollowsFromWhatWasShown) {
  const Case cases[] = {
      {"nothing", {}, kNone, ""},
      {"a password", {kPassword}, kAal1, "pwd"},
      {"a code alone", {kOneTimeCode}, kAal1, "otp"},
      {"a recovery code alone", {kRecoveryCode}, kAal1, "otp"},
      {"a sent code alone", {kDeviceCode}, kAal1, "otp"},
      {"a key that does not know who", {kKey}, kAal1, "swk user"},
      {"a certificate", {kCertificate}, kAal1, "swk"},
      {"a PIN alone counts for nothing", {kPin}, kNone, "pin"},
      {"nor does a badge", {kBadge}, kNone, ""},
      {"nor both", {kPin, kBadge}, kNone, "pin"},
      {"password and PIN are both known", {kPassword, kPin}, kAal1, "pin pwd"},
      {"password and badge: it can be copied", {kPassword, kBadge}, kAal1, "pwd"},
      {"two codes are both carried", {kOneTimeCode, kRecoveryCode}, kAal1, "otp"},
      {"a code and a key are both carried", {kOneTimeCode, kKey}, kAal1, "otp swk user"},
      {"password and code", {kPassword, kOneTimeCode}, kAal2, "mfa otp pwd"},
      {"password and recovery code", {kPassword, kRecoveryCode}, kAal2, "mfa otp pwd"},
      {"password and sent code", {kPassword, kDeviceCode}, kAal2, "mfa otp pwd"},
      {"password and key", {kPassword, kKey}, kAal2, "mfa pwd swk user"},
      {"password and certificate", {kPassword, kCertificate}, kAal2, "mfa pwd swk"},
      {"a passkey that knows who", {kVerifiedKey}, kAal2, "mfa swk user"},
      {"the same and a password stays so", {kVerifiedKey, kPassword}, kAal2, "mfa pwd swk user"},
      {"the same and a code stays so", {kVerifiedKey, kOneTimeCode}, kAal2, "mfa otp swk user"},
      {"a hardware key that does not know who", {kHardwareKey}, kAal1, "hwk user"},
      {"the same with a password", {kHardwareKey, kPassword}, kAal3, "hwk mfa pwd user"},
      {"a hardware key that knows who", {kVerifiedHardwareKey}, kAal3, "hwk mfa user"},
      {"a card with a PIN", {kSmartcard}, kAal3, "hwk mfa pin sc"},
  };
  for (const Case& each : cases) {
    const Assurance assurance = assurance_of(each.proofs, 7);
    EXPECT_EQ(assurance.level, each.level) << each.about;
    EXPECT_EQ(methods(assurance), each.methods) << each.about;
    EXPECT_EQ(assurance.authenticated_ms, 7) << each.about;
    EXPECT_EQ(assurance.proofs, each.proofs) << each.about;
  }
}

TEST(Assurance, OnlyGrowsByWhatIsShownBesides) {
  const Proofs all[] = {{kPassword}, {kOneTimeCode}, {kKey}, {kVerifiedKey}, {kSmartcard}, {kPin}};
  for (const Proofs& one : all) {
    for (const Proofs& other : all) {
      const Assurance both = stepped_up(assurance_of(one, 1), assurance_of(other, 2));
      EXPECT_GE(both.level, level_of(one));
      EXPECT_GE(both.level, level_of(other));
      EXPECT_EQ(both.level, level_of(one | other));
      const bool is_anew = level_of(other) >= both.level || both.level > level_of(one);
      EXPECT_EQ(both.authenticated_ms, is_anew ? 2 : 1);
    }
  }
}

TEST(Assurance, IsNotFreshByOneOfTwoProofs) {
  const Assurance two = assurance_of({kPassword, kOneTimeCode}, 1);
  EXPECT_EQ(stepped_up(two, assurance_of({kPassword}, 9)).authenticated_ms, 1);
  EXPECT_EQ(stepped_up(two, {.level = kAal1, .authenticated_ms = 9}).authenticated_ms, 1);
  EXPECT_EQ(stepped_up(two, assurance_of({kVerifiedKey}, 9)).authenticated_ms, 9);
  EXPECT_EQ(
      stepped_up(assurance_of({kPassword}, 1), assurance_of({kOneTimeCode}, 9)).authenticated_ms, 9)
      << "it was what was missing";
}

TEST(Assurance, KeepsWhatAnotherProviderSaid) {
  const Assurance said{.level = kAal2, .methods = {"face", "mfa"}, .authenticated_ms = 5};
  const Assurance both = stepped_up(said, assurance_of({kOneTimeCode}, 3));
  EXPECT_EQ(both.level, kAal2) << "a carried code adds nothing to what is not known";
  EXPECT_EQ(methods(both), "face mfa otp");
  EXPECT_EQ(both.authenticated_ms, 5);
}

TEST(Assurance, HasValuesForAcr) {
  for (const AssuranceLevel level : {kAal1, kAal2, kAal3})
    EXPECT_EQ(find_acr(acr_of(level)), level);
  EXPECT_EQ(acr_of(kAal2), "http://idmanagement.gov/ns/assurance/aal/2");
  for (const char* other : {"", "2", "http://idmanagement.gov/ns/assurance/aal/4",
                            "http://idmanagement.gov/ns/assurance/aal/2 ",
                            "https://idmanagement.gov/ns/assurance/aal/2"}) {
    EXPECT_EQ(find_acr(other), std::nullopt) << other;
  }
}

TEST(Assurance, MethodsAreThoseOfTheRegistry) {
  const std::vector<std::string> known = {"face", "hwk", "otp", "pwd", "wia"};
  EXPECT_EQ(methods_of(method_bits(known)), known);
  EXPECT_TRUE(methods_of(method_bits({"mine", "", "PWD", "pwd "})).empty());
}

std::string fault(const std::function<void(SessionSettings&)>& change) {
  SessionSettings settings;
  change(settings);
  const auto checked = check(settings);
  return checked ? "" : checked.error().message;
}

TEST(SessionSettings, AreWithinWhatTheStandardLetsPass) {
  EXPECT_EQ(fault([](auto&) {}), "");
  using std::chrono::hours;
  using std::chrono::minutes;
  using std::chrono::seconds;
  EXPECT_NE(fault([](auto& s) { s.environments.clear(); }), "");
  EXPECT_NE(fault([](auto& s) { s.environments[0].name = ""; }), "");
  EXPECT_NE(fault([](auto& s) { s.environments[1].name = "bedside"; }), "");
  EXPECT_NE(fault([](auto& s) { s.environments[1].limits.idle = hours(1) + seconds(1); }), "");
  EXPECT_NE(fault([](auto& s) { s.environments[1].limits.overall = hours(25); }), "");
  EXPECT_NE(fault([](auto& s) { s.environments[1].limits.idle = seconds(0); }), "");
  EXPECT_NE(fault([](auto& s) { s.environments[1].limits = {hours(1), minutes(30)}; }), "");
  EXPECT_NE(fault([](auto& s) { s.aal3.idle = minutes(16); }), "");
  EXPECT_NE(fault([](auto& s) { s.aal3.overall = hours(13); }), "");
  EXPECT_NE(fault([](auto& s) { s.most_of_a_person = 0; }), "");
  EXPECT_NE(fault([](auto& s) { s.rotate_after = hours(2); }), "");
  EXPECT_NE(fault([](auto& s) { s.previous_good_for = minutes(2); }), "");
  EXPECT_NE(fault([](auto& s) { s.unlock_within = hours(13); }), "");
  EXPECT_NE(fault([](auto& s) { s.without_database = hours(13); }), "");
  EXPECT_NE(fault([](auto& s) { s.unlock_tries = 0; }), "");
  EXPECT_NE(fault([](auto& s) { s.unlock_tries = 11; }), "");
}

TEST(SessionSettings, ShortenWhatReachesTheThirdLevel) {
  const SessionSettings settings;
  const SessionEnvironment* office = find_environment(settings, "office");
  ASSERT_NE(office, nullptr);
  EXPECT_EQ(limits_of(settings, *office, kAal2), office->limits);
  EXPECT_EQ(limits_of(settings, *office, kAal3).idle, std::chrono::minutes(15));
  const SessionEnvironment* bedside = find_environment(settings, "bedside");
  EXPECT_EQ(limits_of(settings, *bedside, kAal3).idle, std::chrono::minutes(10));
  EXPECT_EQ(find_environment(settings, "garden"), nullptr);
}

}  // namespace
}  // namespace wardlock::authn
