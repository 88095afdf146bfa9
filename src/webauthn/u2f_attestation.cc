#include "webauthn/attestation_formats.h"

namespace wardlock::webauthn {

// Level 3, 8.6.
Outcome<Attestation> verify_fido_u2f(const AttestationStatement& about) {
  const std::string_view signature = TRY(statement_bytes(about.statement, "sig"));
  auto chain = TRY(statement_chain(about.statement));
  if (chain.size() != 1) return refuse_attestation("a U2F attestation has one certificate");
  if (about.key.key.type() != crypto::KeyType::kP256) {
    return refuse_attestation("a U2F credential's key is not on P-256");
  }
  const crypto::PublicKey::Point point = about.key.key.point();
  std::string signed_text(1, '\0');
  signed_text.append(about.parsed.rp_id_hash)
      .append(about.client_data_hash)
      .append(about.parsed.credential->id)
      .append(1, '\x04')
      .append(point.x)
      .append(point.y);
  TRY_VOID(
      check_attested_signature(chain.front(), SignatureAlgorithm::kEs256, signed_text, signature));
  return Attestation{
      .type = AttestationType::kCertificate, .chain = std::move(chain), .covers_model = false};
}

}  // namespace wardlock::webauthn
