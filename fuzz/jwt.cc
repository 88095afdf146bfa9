// A token: reads or says why not, and is verified under no key that did not sign it.
#include "jose/jwt.h"
#include "base/check.h"
#include "crypto/private_key.h"

using namespace wardlock;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const jose::KeySet keys({
      {.key = crypto::PrivateKey::generate(crypto::KeyType::kP256).public_key(),
       .algorithm = jose::SignatureAlgorithm::kEs256,
       .id = "a"},
      {.key = crypto::PrivateKey::generate(crypto::KeyType::kEd25519).public_key(),
       .algorithm = jose::SignatureAlgorithm::kEdDsa,
       .id = "b"},
  });
  const auto jws = jose::UnverifiedJws::parse({reinterpret_cast<const char*>(data), size});
  if (!jws) {
    CHECK(!jws.error().message.empty());
    return 0;
  }
  for (const jose::VerificationKey& key : keys.keys()) CHECK(!jws->is_signed_by(key));
  CHECK(!jose::verify_jwt(*jws, keys, {.type = "", .issuer = "", .audience = "", .now = {}}));
  return 0;
}
