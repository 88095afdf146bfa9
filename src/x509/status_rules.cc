#include "x509/status_rules.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <openssl/obj_mac.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cstdint>
#include <ctime>

namespace wardlock::x509 {
namespace {

/// A skew that is larger would be no skew.
constexpr std::chrono::seconds kMostSkew = std::chrono::hours(1);

/// RSASSA-PSS with one hash throughout and a salt of its length (RFC 4055, 3.1), as it is written
/// in DER: another spelling of it is not taken, so that nothing of the parameters has to be judged.
std::string pss_algorithm(char hash, char hash_bytes) {
  std::string text("\x30\x41\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a\x30\x34\xa0\x0f", 17);
  const std::string digest = std::string("\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02", 12) +
                             hash + std::string("\x05\x00", 2);
  text += digest;
  text += std::string("\xa1\x1c\x30\x1a\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08", 15);
  text += digest;
  text += std::string("\xa2\x03\x02\x01", 4) + hash_bytes;
  return text;
}

bool is_taken_pss(const X509_ALGOR* algorithm) {
  std::uint8_t* der = nullptr;
  const int size = i2d_X509_ALGOR(algorithm, &der);
  if (size <= 0) return false;
  const std::string text(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  constexpr char kSha256 = 1, kSha384 = 2, kSha512 = 3;  // 2.16.840.1.101.3.4.2
  return text == pss_algorithm(kSha256, 32) || text == pss_algorithm(kSha384, 48) ||
         text == pss_algorithm(kSha512, 64);
}

}  // namespace

Result<RevocationReason> reason_of(long number) {
  if (number >= 0 && number <= 10 && number != 7 && number != 8) {
    return static_cast<RevocationReason>(number);
  }
  return invalid(fmt::format("{} is no reason of a revocation that is known", number));
}

Result<std::chrono::sys_seconds> time_of(const ASN1_STRING* time) {
  std::tm parts{};
  // Absent, OpenSSL would take it for the present.
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return invalid("a time is malformed");
  return std::chrono::sys_seconds(std::chrono::seconds(::timegm(&parts)));
}

std::string stale_because(std::string_view what, std::chrono::sys_seconds this_update,
                          std::chrono::sys_seconds next_update, std::chrono::sys_seconds now,
                          const StatusTolerance& tolerance) {
  const auto skew = std::clamp(tolerance.skew, std::chrono::seconds(0), kMostSkew);
  if (this_update > now + skew) {
    return fmt::format("{} is of the future: {:%FT%TZ}", what, this_update);
  }
  if (next_update < this_update) return fmt::format("{} ends before it begins", what);
  if (next_update + std::max(skew, tolerance.grace) < now) {
    return fmt::format("{} was to be renewed by {:%FT%TZ}", what, next_update);
  }
  return "";
}

bool is_taken_signature(const X509_ALGOR* algorithm) {
  const ASN1_OBJECT* object = nullptr;
  X509_ALGOR_get0(&object, nullptr, nullptr, algorithm);
  switch (OBJ_obj2nid(object)) {
    case NID_ecdsa_with_SHA256:
    case NID_ecdsa_with_SHA384:
    case NID_ecdsa_with_SHA512:
    case NID_sha256WithRSAEncryption:
    case NID_sha384WithRSAEncryption:
    case NID_sha512WithRSAEncryption:
    case NID_ED25519: return true;
    case NID_rsassaPss: return is_taken_pss(algorithm);
    default: return false;
  }
}

}  // namespace wardlock::x509
