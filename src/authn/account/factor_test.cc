#include "authn/account/factor.h"

#include <gtest/gtest.h>

#include <string>

namespace wardlock::authn {
namespace {

using enum Proof;
using enum AssuranceLevel;

std::string told(const Course& course) {
  if (const auto* enough = std::get_if<Enough>(&course)) {
    return "enough " + std::to_string(number_of(enough->reached));
  }
  const auto* on = std::get_if<GoOn>(&course);
  if (on == nullptr) return "not enough";
  std::string text;
  for (const Factor each : on->offered)
    text += (text.empty() ? "" : " ") + std::string(to_string(each));
  return text;
}

struct Case {
  const char* about;
  Proofs shown;
  Available has;
  AssuranceLevel required;
  const char* course;
};

TEST(Course, FollowsFromWhatWasShownAndWhatThereIs) {
  const Case cases[] = {
      {"nothing shown, nothing there", {}, {}, kAal1, "not enough"},
      {"nothing required is not nothing shown", {}, {}, kNone, "not enough"},
      {"a password will do", {}, {.password = true}, kAal1, "password"},
      {"it was shown", {kPassword}, {.password = true}, kAal1, "enough 1"},
      {"and is more than was asked", {kVerifiedKey}, {}, kAal1, "enough 2"},
      {"two are needed, one is there", {kPassword}, {.password = true}, kAal2, "not enough"},
      {"a code completes it", {kPassword}, {.password = true, .code = true}, kAal2, "code"},
      {"what was shown is not asked again",
       {kPassword},
       {.password = true, .code = true, .recovery_code = true},
       kAal2,
       "code recovery_code"},
      {"all that helps, the quickest first",
       {kPassword},
       {.password = true,
        .code = true,
        .device_code = true,
        .recovery_code = true,
        .passkey = true},
       kAal2,
       "passkey code device_code recovery_code"},
      {"a second thing carried does not help",
       {kOneTimeCode},
       {.recovery_code = true},
       kAal2,
       "not enough"},
      {"the password does",
       {kOneTimeCode},
       {.password = true, .recovery_code = true},
       kAal2,
       "password"},
      {"a key that knows who is two in one",
       {},
       {.passkey = true, .verifying_passkey = true},
       kAal2,
       "passkey"},
      {"one that does not needs a password", {}, {.passkey = true}, kAal2, "not enough"},
      {"a code is not for the third level",
       {kPassword},
       {.password = true, .code = true},
       kAal3,
       "not enough"},
      {"nor a passkey that can be copied",
       {kPassword},
       {.password = true, .passkey = true, .verifying_passkey = true},
       kAal3,
       "not enough"},
      {"a key in hardware is",
       {kPassword},
       {.password = true, .passkey = true, .hardware_passkey = true},
       kAal3,
       "passkey"},
      {"and a card with a PIN",
       {kPassword},
       {.password = true, .smartcard = true},
       kAal3,
       "certificate"},
      {"a PIN counts for nothing", {kPin}, {}, kAal1, "not enough"},
  };
  for (const Case& each : cases) {
    EXPECT_EQ(told(course_of(each.shown, each.has, each.required)), each.course) << each.about;
  }
}

TEST(Course, NeverEndsBelowWhatIsRequired) {
  for (unsigned bits = 0; bits < 1U << kProofs; ++bits) {
    const Proofs shown = Proofs::from_bits(static_cast<std::uint16_t>(bits));
    for (const AssuranceLevel required : {kAal1, kAal2, kAal3}) {
      const Course course = course_of(shown, {.password = true, .code = true}, required);
      const bool is_enough = std::holds_alternative<Enough>(course);
      EXPECT_EQ(is_enough, level_of(shown) >= required);
    }
  }
}

TEST(FirstOffer, IsOneForAll) {
  EXPECT_EQ(first_offer(true), (std::vector{Factor::kPasskey, Factor::kPassword}));
  EXPECT_EQ(first_offer(false), std::vector{Factor::kPasskey});
}

}  // namespace
}  // namespace wardlock::authn
