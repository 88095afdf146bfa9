// A CRL: is read, or says why not, and is nobody's who did not sign it.
#include "x509/crl.h"

#include "base/check.h"
#include "crypto/private_key.h"
#include "x509/certificate_for_test.h"

using namespace wardlock;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const x509::IssuerForTest issuer("authority");
  const auto crl = x509::Crl::from_der({reinterpret_cast<const char*>(data), size});
  if (!crl) {
    CHECK(!crl.error().message.empty());
    return 0;
  }
  CHECK(!x509::verify_crl(*crl, issuer.certificate()));
  return 0;
}
