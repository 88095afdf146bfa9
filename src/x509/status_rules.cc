#include "x509/status_rules.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <openssl/obj_mac.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

#include <algorithm>
#include <ctime>

namespace wardlock::x509 {
namespace {

/// A skew that is larger would be no skew.
constexpr std::chrono::seconds kMostSkew = std::chrono::hours(1);

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
    default: return false;
  }
}

}  // namespace wardlock::x509
