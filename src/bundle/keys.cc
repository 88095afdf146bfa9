#include "bundle/keys.h"

#include <string.h>

#include <utility>

#include "crypto/sha256.h"
#include "x509/pem.h"

namespace wardlock::bundle {

std::string key_id(const crypto::PublicKey& key) {
  return crypto::to_hex(crypto::sha256(key.spki()));
}

Result<crypto::SignatureAlgorithm> algorithm_of(const crypto::PublicKey& key) {
  if (key.type() == crypto::KeyType::kEd25519) return crypto::SignatureAlgorithm::kEdDsa;
  if (key.type() == crypto::KeyType::kP256) return crypto::SignatureAlgorithm::kEs256;
  return invalid("bundles are signed with a key of Ed25519 or P-256, and this is another");
}

Result<std::vector<crypto::PublicKey>> read_public_keys(std::string_view pem) {
  std::vector<crypto::PublicKey> keys;
  for (const std::string& der : TRY(x509::read_pem(pem, "PUBLIC KEY"))) {
    auto key = crypto::PublicKey::from_spki(der);
    if (!key) return invalid("there is no public key; `PUBLIC KEY` in PEM is wanted");
    TRY_VOID(algorithm_of(*key));
    keys.push_back(*std::move(key));
  }
  return keys;
}

Result<crypto::PrivateKey> read_private_key(const Secret& pem) {
  auto blocks = x509::read_pem(pem.reveal(), "PRIVATE KEY");
  const Secret der(blocks && blocks->size() == 1 ? blocks->front() : std::string_view());
  if (blocks) {
    for (std::string& block : *blocks) explicit_bzero(block.data(), block.size());
  }
  auto key = crypto::PrivateKey::from_pkcs8(der);
  if (!key) {
    return invalid(
        "there is no private key that can be read; `PRIVATE KEY` in PEM is wanted, unencrypted, "
        "e.g. from `openssl genpkey -algorithm ed25519`");
  }
  TRY_VOID(algorithm_of(key->public_key()));
  return key;
}

Result<Signer> signer_of(crypto::PrivateKey key) {
  const auto algorithm = TRY(algorithm_of(key.public_key()));
  const crypto::PublicKey public_key = key.public_key();
  return Signer{
      .key = public_key,
      .sign = [key = std::move(key), algorithm](std::string_view message) -> Result<std::string> {
        return key.sign(algorithm, message);
      }};
}

}  // namespace wardlock::bundle
