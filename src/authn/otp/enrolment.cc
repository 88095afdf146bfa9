#include "authn/otp/enrolment.h"

#include <fmt/format.h>
#include <qrcodegen/qrcodegen.hpp>

#include <algorithm>
#include <iterator>
#include <span>
#include <vector>

#include "base/check.h"
#include "codec/base32.h"

namespace wardlock::authn {
namespace {

bool is_unreserved(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (is_unreserved(c)) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

std::string_view name_of(crypto::HashAlgorithm algorithm) {
  switch (algorithm) {
    case crypto::HashAlgorithm::kSha1: return "SHA1";
    case crypto::HashAlgorithm::kSha256: return "SHA256";
    case crypto::HashAlgorithm::kSha384: return "SHA384";
    case crypto::HashAlgorithm::kSha512: return "SHA512";
  }
  __builtin_unreachable();
}

std::string coded(const Secret& secret) {
  const std::string_view bytes = secret.reveal();
  return codec::to_base32(
      std::span(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
}

/// Makes a secret of a text and leaves nothing of it.
Secret taken(std::string text) {
  Secret secret(text);
  wipe(text);
  return secret;
}

/// One path for all squares; a run of black ones in a row is one rectangle.
std::string squares(const qrcodegen::QrCode& code, int border) {
  std::string path;
  for (int y = 0; y < code.getSize(); ++y) {
    for (int x = 0; x < code.getSize(); ++x) {
      int end = x;
      while (end < code.getSize() && code.getModule(end, y)) ++end;
      if (end == x) continue;
      path += fmt::format("M{},{}h{}v1h-{}z", x + border, y + border, end - x, end - x);
      x = end;
    }
  }
  return path;
}

}  // namespace

Secret typed_secret(const Secret& secret) {
  std::string letters = coded(secret);
  std::string groups;
  groups.reserve(letters.size() * 5 / 4 + 1);
  for (std::size_t i = 0; i < letters.size(); i += 4) {
    if (i > 0) groups += ' ';
    groups += std::string_view(letters).substr(i, 4);
  }
  wipe(letters);
  return taken(std::move(groups));
}

Secret otpauth_uri(const Secret& secret, const OtpEnrolment& enrolment) {
  CHECK(!enrolment.issuer.contains(':') && !enrolment.account.contains(':'));
  const std::string issuer = percent_encoded(enrolment.issuer);
  std::string letters = coded(secret);
  const std::string moves = enrolment.counter
                                ? fmt::format("counter={}", *enrolment.counter)
                                : fmt::format("period={}", enrolment.form.period.count());
  std::string uri =
      fmt::format("otpauth://{}/{}:{}?secret={}&issuer={}&algorithm={}&digits={}&{}",
                  enrolment.counter ? "hotp" : "totp", issuer, percent_encoded(enrolment.account),
                  letters, issuer, name_of(enrolment.form.algorithm), enrolment.form.digits, moves);
  wipe(letters);
  return taken(std::move(uri));
}

Secret qr_svg(const Secret& text) {
  constexpr int kBorder = 4;  // ISO/IEC 18004: the quiet zone
  constexpr std::size_t kMaxBytes = 1024;
  CHECK(text.size() <= kMaxBytes);  // so that the library, which would throw, can hold it
  const std::string_view bytes = text.reveal();
  const std::vector<std::uint8_t> data(bytes.begin(), bytes.end());
  const auto code = qrcodegen::QrCode::encodeBinary(data, qrcodegen::QrCode::Ecc::MEDIUM);
  const int size = code.getSize() + 2 * kBorder;
  return taken(fmt::format(
      R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {0}" shape-rendering="crispEdges">)"
      R"(<rect width="{0}" height="{0}" fill="#fff"/><path d="{1}" fill="#000"/></svg>)",
      size, squares(code, kBorder)));
}

}  // namespace wardlock::authn
