#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "crypto/digest.h"

namespace wardlock::authn {

/// How an authenticator app or a token makes its codes. The defaults are what every app can do.
struct OneTimePasswordForm {
  crypto::HashAlgorithm algorithm = crypto::HashAlgorithm::kSha1;  ///< of HMAC
  std::uint32_t digits = 6;                                        ///< 6 to 8
  std::chrono::seconds period = std::chrono::seconds(30);          ///< TOTP's step
};

/// A fresh secret that codes are made with: 160 bits (RFC 4226, 4: R6).
Secret new_otp_secret();

/// The code of a counter (RFC 4226, 5.3).
std::string hotp(const Secret& secret, std::uint64_t counter, const OneTimePasswordForm& form);

/// The step that a moment lies in (RFC 6238, 4.2). Requires a moment after 1970.
std::uint64_t totp_step(std::chrono::sys_seconds now, const OneTimePasswordForm& form);

/// The code's step, where it is the code of this step, of the one before, or of the next one: a
/// clock may be off by one period, which makes a code valid for 90 s. `last_step` is that of the
/// code that was taken last: this code must be of a later one, so that none is taken twice (RFC
/// 6238, 5.2). What is returned is to be kept as the new `last_step` in the same transaction that
/// accepts the code, only if the kept one is still smaller. Thread-safe.
std::optional<std::uint64_t> verify_totp(const Secret& secret, const OneTimePasswordForm& form,
                                         std::string_view code, std::chrono::sys_seconds now,
                                         std::optional<std::uint64_t> last_step);

/// The counter to keep next, where the code is that of `counter` or of one of the `look_ahead`
/// after it (RFC 4226, 7.4): a token's button may have been pressed in vain. Thread-safe.
std::optional<std::uint64_t> verify_hotp(const Secret& secret, const OneTimePasswordForm& form,
                                         std::string_view code, std::uint64_t counter,
                                         std::uint32_t look_ahead = 10);

}  // namespace wardlock::authn
