#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "authn/attempt_throttle.h"
#include "authn/password/password_verifier.h"
#include "base/check.h"
#include "bench/authn/measure.h"
#include "bench/authn/parts.h"
#include "crypto/password_hash.h"
#include "jose/jwt.h"

namespace wardlock::authn {
namespace {

/// An attempt with a password from beginning to end, beside its hash: at least 90 % as many.
bool bench_password() {
  constexpr double kLeast = 0.9;
  const PasswordVerifier verifier({});
  const PasswordPolicy policy;
  AttemptThrottle throttle({});
  const Secret typed("correct horse battery staple");
  const std::string hash = verifier.hash(prepare_password(typed, policy).value());
  Ticks now = 1'000'000'000'000;
  const Pair seconds = measure(
      8, [&] { CHECK(crypto::verify_password(hash, typed)); },
      [&] {
        now += 1'000'000'000;
        CHECK(!throttle.begin("192.0.2.1", "dr-grey", now));
        const auto prepared = prepare_password(typed, policy);
        CHECK(prepared && verifier.verify(hash, *prepared).is_right);
        throttle.succeed("192.0.2.1", "dr-grey", now);
      });
  const double ratio = seconds.bare / seconds.ours;
  fmt::print("password  {:.2f} ms, Argon2id alone {:.2f} ms: {:.3f} as many (at least {})\n",
             seconds.ours * 1e3, seconds.bare * 1e3, ratio, kLeast);
  return ratio >= kLeast;
}

/// A token read and verified, beside its signature alone: at most twice the time.
bool bench_token(crypto::KeyType type, jose::SignatureAlgorithm algorithm) {
  constexpr double kMost = 2;
  const std::chrono::sys_seconds now = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);
  const std::int64_t second = now.time_since_epoch().count();
  const jose::SigningKey key = {
      .key = crypto::PrivateKey::generate(type), .algorithm = algorithm, .id = "k1"};
  const jose::KeySet keys({key.verification_key()});
  const std::string token = jose::sign_jwt(key, "at+jwt",
                                           {{"iss", "https://wardlock.example"},
                                            {"aud", "https://pump.example"},
                                            {"sub", "018f2d3c-0000-7000-8000-000000000001"},
                                            {"client_id", "pump-gateway"},
                                            {"scope", "system/DeviceMetric.rs"},
                                            {"jti", "018f2d3c-0000-7000-8000-000000000002"},
                                            {"iat", second},
                                            {"exp", second + 300}});
  const std::string text = "as long as a token is, more or less: " + token;
  const std::string signature = key.key.sign(algorithm, text);
  const crypto::PublicKey& public_key = key.key.public_key();
  const Pair seconds = measure(
      2'000, [&] { CHECK(public_key.verify(algorithm, text, signature)); },
      [&] {
        const auto jws = jose::UnverifiedJws::parse(token);
        CHECK(jws && jose::verify_jwt(*jws, keys,
                                      {.type = "at+jwt",
                                       .issuer = "https://wardlock.example",
                                       .audience = "https://pump.example",
                                       .now = now}));
      });
  const double ratio = seconds.ours / seconds.bare;
  fmt::print("token {}  {:.1f} us, its signature alone {:.1f} us: {:.2f} times (at most {})\n",
             crypto::to_string(algorithm), seconds.ours * 1e6, seconds.bare * 1e6, ratio, kMost);
  return ratio <= kMost;
}

}  // namespace

Result<bool> bench_cryptography(const std::string& /*folder*/) {
  const std::array is_fast = {
      bench_password(), bench_token(crypto::KeyType::kP256, jose::SignatureAlgorithm::kEs256),
      bench_token(crypto::KeyType::kEd25519, jose::SignatureAlgorithm::kEdDsa),
      bench_token(crypto::KeyType::kRsa, jose::SignatureAlgorithm::kRs256)};
  return std::ranges::all_of(is_fast, [](bool each) { return each; });
}

}  // namespace wardlock::authn
