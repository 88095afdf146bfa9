// An OCSP response: says nothing of a certificate whose issuer did not sign it, and why.
#include "x509/ocsp.h"

#include "base/check.h"
#include "crypto/private_key.h"
#include "x509/certificate_for_test.h"

using namespace wardlock;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const x509::IssuerForTest issuer("authority");
  static const x509::Certificate certificate =
      issuer.issue({}, crypto::PrivateKey::generate(crypto::KeyType::kP256).public_key());
  const auto status =
      x509::read_ocsp_response({reinterpret_cast<const char*>(data), size}, certificate,
                               issuer.certificate(), {.nonce = "a nonce", .now = {}});
  CHECK(!status);
  CHECK(!status.error().message.empty());
  return 0;
}
