#include "authn/otp/one_time_password.h"

#include <fmt/format.h>

#include <array>

#include "base/check.h"
#include "crypto/random.h"

namespace wardlock::authn {
namespace {

std::string big_endian(std::uint64_t counter) {
  std::string out;
  for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(counter >> shift & 0xFF);
  return out;
}

/// The first of the counters whose code it is. All are computed, so that the time tells nothing.
std::optional<std::uint64_t> find_counter(const Secret& secret, const OneTimePasswordForm& form,
                                          std::string_view code, std::uint64_t first,
                                          std::uint64_t count) {
  std::optional<std::uint64_t> found;
  for (std::uint64_t i = count; i-- > 0;) {
    if (crypto::equal_in_constant_time(hotp(secret, first + i, form), code)) found = first + i;
  }
  return found;
}

}  // namespace

Secret new_otp_secret() {
  constexpr std::size_t kBytes = 20;
  Secret secret = Secret::of_size(kBytes);
  crypto::fill_random({reinterpret_cast<std::uint8_t*>(secret.data()), kBytes});
  return secret;
}

std::string hotp(const Secret& secret, std::uint64_t counter, const OneTimePasswordForm& form) {
  CHECK(form.digits >= 6 && form.digits <= 8);
  const std::string mac = crypto::hmac(form.algorithm, secret, big_endian(counter));
  const std::size_t offset = static_cast<std::uint8_t>(mac.back()) & 0x0F;
  std::uint32_t number = 0;
  for (const char c : std::string_view(mac).substr(offset, 4)) {
    number = number << 8 | static_cast<std::uint8_t>(c);
  }
  static constexpr std::array<std::uint32_t, 9> kPowers = {
      1, 10, 100, 1'000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000};
  return fmt::format("{:0{}}", (number & 0x7FFFFFFF) % kPowers[form.digits], form.digits);
}

std::uint64_t totp_step(std::chrono::sys_seconds now, const OneTimePasswordForm& form) {
  CHECK(now.time_since_epoch().count() >= 0 && form.period.count() > 0);
  return static_cast<std::uint64_t>(now.time_since_epoch() / form.period);
}

std::optional<std::uint64_t> verify_totp(const Secret& secret, const OneTimePasswordForm& form,
                                         std::string_view code, std::chrono::sys_seconds now,
                                         std::optional<std::uint64_t> last_step) {
  const std::uint64_t step = totp_step(now, form);
  const std::uint64_t first = step == 0 ? 0 : step - 1;
  const auto found = find_counter(secret, form, code, first, step + 2 - first);
  if (!found || (last_step && *found <= *last_step)) return std::nullopt;
  return found;
}

std::optional<std::uint64_t> verify_hotp(const Secret& secret, const OneTimePasswordForm& form,
                                         std::string_view code, std::uint64_t counter,
                                         std::uint32_t look_ahead) {
  const auto found = find_counter(secret, form, code, counter, std::uint64_t{look_ahead} + 1);
  if (!found) return std::nullopt;
  return *found + 1;
}

}  // namespace wardlock::authn
