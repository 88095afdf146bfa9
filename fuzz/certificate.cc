// A certificate of whoever comes: is read, or says why not; what it says of itself are names and
// addresses that are read one way, and leads to no anchor of ours.
#include "x509/certificate.h"

#include <algorithm>
#include <chrono>
#include <string>

#include "base/check.h"
#include "base/utf8.h"
#include "x509/certificate_for_test.h"
#include "x509/certificate_names.h"
#include "x509/path.h"

using namespace wardlock;
using namespace wardlock::x509;

namespace {

bool is_visible(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

void check_names(const Certificate& certificate) {
  const auto names = alternative_names(certificate);
  if (!names) {
    CHECK(!names.error().message.empty());
    return;
  }
  for (const std::string& each : names->emails) CHECK(is_visible(each));
  for (const std::string& each : names->uris) CHECK(is_visible(each));
  for (const std::string& each : names->principals) CHECK(!find_invalid_utf8(each));
  for (const std::string& each : names->fasc_ns) {
    CHECK(each.find_first_not_of("0123456789abcdef") == std::string::npos);
  }
}

void check_addresses(const std::vector<std::string>& addresses) {
  for (const std::string& each : addresses) {
    CHECK(each.starts_with("http:") || each.starts_with("https:"));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const IssuerForTest issuer("authority");
  const std::string_view der(reinterpret_cast<const char*>(data), size);
  const auto certificate = Certificate::from_der(der);
  if (!certificate) {
    CHECK(!certificate.error().message.empty());
    return 0;
  }
  CHECK(certificate->der() == der);
  CHECK(certificate->version() >= 1 && certificate->version() <= 3);
  check_names(*certificate);
  check_addresses(crl_addresses(*certificate));
  check_addresses(ocsp_addresses(*certificate));
  CHECK(issuer_and_serial(*certificate).contains('#'));
  for (const auto attribute :
       {NameAttribute::kCommonName, NameAttribute::kSerialNumber, NameAttribute::kUserId}) {
    const auto value = certificate->subject(attribute);
    CHECK(!value || !find_invalid_utf8(*value));
  }
  const Certificate& anchor = issuer.certificate();
  CHECK(!verify_chain({&*certificate, 1}, {&anchor, 1},
                      std::chrono::sys_seconds(std::chrono::seconds(1'800'000'000))));
  return 0;
}
