#include "authn/otp/one_time_password.h"

#include <gtest/gtest.h>

namespace wardlock::authn {
namespace {

using crypto::HashAlgorithm;
using std::chrono::seconds;
using std::chrono::sys_seconds;

const Secret& secret() {
  static const Secret secret("12345678901234567890");
  return secret;
}

TEST(Hotp, IsTheStandards) {
  // RFC 4226, appendix D.
  constexpr std::string_view kCodes[] = {"755224", "287082", "359152", "969429", "338314",
                                         "254676", "287922", "162583", "399871", "520489"};
  for (std::uint64_t counter = 0; counter < 10; ++counter) {
    EXPECT_EQ(hotp(secret(), counter, {}), kCodes[counter]);
  }
}

TEST(Totp, IsTheStandards) {
  // RFC 6238, appendix B.
  struct Example {
    std::int64_t time;
    std::string_view sha1, sha256, sha512;
  };
  constexpr Example kExamples[] = {{59, "94287082", "46119246", "90693936"},
                                   {1111111109, "07081804", "68084774", "25091201"},
                                   {1234567890, "89005924", "91819424", "93441116"},
                                   {20000000000, "65353130", "77737706", "47863826"}};
  const Secret seed256("12345678901234567890123456789012");
  const Secret seed512("1234567890123456789012345678901234567890123456789012345678901234");
  for (const auto& example : kExamples) {
    const sys_seconds now{seconds(example.time)};
    const auto code = [&](const Secret& key, HashAlgorithm algorithm) {
      const OneTimePasswordForm form = {.algorithm = algorithm, .digits = 8};
      return hotp(key, totp_step(now, form), form);
    };
    EXPECT_EQ(code(secret(), HashAlgorithm::kSha1), example.sha1);
    EXPECT_EQ(code(seed256, HashAlgorithm::kSha256), example.sha256);
    EXPECT_EQ(code(seed512, HashAlgorithm::kSha512), example.sha512);
  }
}

constexpr sys_seconds kNow{seconds(3'000'000'015)};
constexpr std::uint64_t kStep = 100'000'000;

TEST(Totp, AClockMayBeOffByOnePeriod) {
  for (std::uint64_t step = kStep - 3; step <= kStep + 3; ++step) {
    const bool is_near = step + 1 >= kStep && step <= kStep + 1;
    const auto found = verify_totp(secret(), {}, hotp(secret(), step, {}), kNow, std::nullopt);
    EXPECT_EQ(found, is_near ? std::optional(step) : std::nullopt) << step;
  }
}

TEST(Totp, NoCodeIsTakenTwice) {
  const std::string code = hotp(secret(), kStep, {});
  const auto taken = verify_totp(secret(), {}, code, kNow, std::nullopt);
  ASSERT_EQ(taken, kStep);
  EXPECT_FALSE(verify_totp(secret(), {}, code, kNow, taken));
  EXPECT_FALSE(verify_totp(secret(), {}, code, kNow + seconds(30), taken));
  // Nor one that is older than the last one.
  EXPECT_FALSE(verify_totp(secret(), {}, hotp(secret(), kStep - 1, {}), kNow, taken));
  EXPECT_EQ(verify_totp(secret(), {}, hotp(secret(), kStep + 1, {}), kNow, taken), kStep + 1);
}

TEST(Totp, RefusesWhatIsNotTheCode) {
  const std::string code = hotp(secret(), kStep, {});
  for (const std::string& wrong :
       {std::string(), code.substr(1), code + "0", " " + code, std::string("000000")}) {
    EXPECT_FALSE(verify_totp(secret(), {}, wrong, kNow, std::nullopt)) << wrong;
  }
  EXPECT_FALSE(verify_totp(Secret("another secret"), {}, code, kNow, std::nullopt));
}

TEST(Totp, BeginsIn1970) {
  EXPECT_EQ(verify_totp(secret(), {}, "755224", sys_seconds{seconds(0)}, std::nullopt), 0U);
}

TEST(Hotp, LooksAheadAndNeverBack) {
  EXPECT_EQ(verify_hotp(secret(), {}, "755224", 0), 1U);
  EXPECT_EQ(verify_hotp(secret(), {}, "520489", 0), 10U);
  EXPECT_FALSE(verify_hotp(secret(), {}, "520489", 0, 8));
  EXPECT_FALSE(verify_hotp(secret(), {}, "755224", 1));
}

TEST(OtpSecret, IsRandom) {
  EXPECT_EQ(new_otp_secret().size(), 20U);
  EXPECT_FALSE(new_otp_secret() == new_otp_secret());
}

}  // namespace
}  // namespace wardlock::authn
