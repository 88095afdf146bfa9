#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "authn/otp/one_time_password.h"

namespace wardlock::authn {

/// What an authenticator app is told: by a QR code, or typed.
struct OtpEnrolment {
  std::string_view issuer;   ///< who asks for the codes: `Wardlock St. Mary`
  std::string_view account;  ///< whose codes: a user name
  OneTimePasswordForm form;
  std::optional<std::uint64_t> counter = {};  ///< HOTP: of the first code; TOTP has none
};

/// The secret as people type it: base32 in groups of four.
Secret typed_secret(const Secret& secret);

/// `otpauth://totp/Issuer:account?secret=…&issuer=…&algorithm=…&digits=…&period=…`, as apps read
/// it; of codes that are counted `otpauth://hotp/…&counter=…`. What is not a letter or a digit is
/// percent-encoded. Issuer and account without a colon.
Secret otpauth_uri(const Secret& secret, const OtpEnrolment& enrolment);

/// A QR code (ISO/IEC 18004) of the text, as an SVG of black squares on white with the quiet zone
/// around: good in light and dark. Requires a text of at most 1 KiB. It shows the secret to whoever
/// sees it, and is zeroed like one.
Secret qr_svg(const Secret& text);

}  // namespace wardlock::authn
