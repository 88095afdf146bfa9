#include <algorithm>

#include "webauthn/attestation_formats.h"

namespace wardlock::webauthn {
namespace {

using x509::NameAttribute;

bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }

/// Level 3, 8.2.1: what an attestation certificate must look like.
Outcome<void> check_certificate(const x509::Certificate& certificate, const Aaguid& aaguid) {
  if (certificate.version() != 3) {
    return refuse_attestation("the attestation certificate is not of version 3");
  }
  const auto country = certificate.subject(NameAttribute::kCountry);
  const auto organization = certificate.subject(NameAttribute::kOrganization);
  const auto name = certificate.subject(NameAttribute::kCommonName);
  const bool is_country =
      country && country->size() == 2 && std::ranges::all_of(*country, is_capital);
  if (!is_country || !organization || organization->empty() || !name || name->empty()) {
    return refuse_attestation("the attestation certificate's subject lacks C, O or CN");
  }
  if (certificate.subject(NameAttribute::kOrganizationalUnit) != "Authenticator Attestation") {
    return refuse_attestation(
        "the attestation certificate's unit is not `Authenticator Attestation`");
  }
  if (!certificate.is_marked_end_entity()) {
    return refuse_attestation("the attestation certificate may sign certificates");
  }
  return check_aaguid_extension(certificate, aaguid);
}

}  // namespace

Outcome<Attestation> verify_packed(const AttestationStatement& about) {
  const SignatureAlgorithm algorithm = TRY(statement_algorithm(about.statement));
  const std::string_view signature = TRY(statement_bytes(about.statement, "sig"));
  std::string signed_text(about.authenticator_data);
  signed_text += about.client_data_hash;
  if (!about.statement.find("x5c")) {
    if (algorithm != about.key.algorithm) {
      return refuse_attestation("the attestation's algorithm is not the credential's");
    }
    if (!about.key.key.verify(algorithm, signed_text, signature)) {
      return refuse_attestation("the attestation was not signed with the credential's key");
    }
    return Attestation{.type = AttestationType::kSelf, .chain = {}, .covers_model = true};
  }
  auto chain = TRY(statement_chain(about.statement));
  TRY_VOID(check_attested_signature(chain.front(), algorithm, signed_text, signature));
  TRY_VOID(check_certificate(chain.front(), about.parsed.credential->aaguid));
  return Attestation{.type = AttestationType::kCertificate, .chain = std::move(chain)};
}

}  // namespace wardlock::webauthn
