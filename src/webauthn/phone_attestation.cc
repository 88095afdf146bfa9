// What Android's and Apple's platforms say of the keys that they keep.
#include "codec/der.h"
#include "crypto/digest.h"
#include "webauthn/attestation_formats.h"

namespace wardlock::webauthn {
namespace {

using codec::DerElement;
using codec::DerReader;
using codec::DerTag;

/// A certificate's own key is the credential's.
Outcome<void> check_same_key(const x509::Certificate& certificate, const CredentialKey& key) {
  const auto attested = TRY(as_part_of(Step::kAttestation, certificate.public_key()));
  if (!(attested == key.key)) {
    return refuse_attestation("the attestation certificate is not for the credential's key");
  }
  return {};
}

Outcome<DerElement> next(DerReader& reader, DerTag tag) {
  return as_part_of(Step::kAttestation, reader.next(tag));
}

/// What an AuthorizationList of Android says that matters here.
struct Authorizations {
  bool is_for_all_applications = false;
  bool was_generated_there = false;
  bool may_sign = false;
};

bool holds_integer(std::string_view contents, std::uint64_t wanted) {
  DerReader reader(contents);
  while (!reader.at_end()) {
    const auto element = reader.next();
    if (!element) return false;
    if (codec::der_unsigned(*element) == wanted) return true;
  }
  return false;
}

Outcome<void> add_authorizations(std::string_view list, Authorizations& found) {
  constexpr std::uint32_t kPurpose = 1;
  constexpr std::uint32_t kAllApplications = 600;
  constexpr std::uint32_t kOrigin = 702;
  constexpr std::uint64_t kSign = 2;
  constexpr std::uint64_t kGenerated = 0;
  DerReader reader(list);
  while (!reader.at_end()) {
    const DerElement element = TRY(as_part_of(Step::kAttestation, reader.next()));
    if (element.is_context(kAllApplications)) found.is_for_all_applications = true;
    if (element.is_context(kOrigin) && holds_integer(element.contents, kGenerated)) {
      found.was_generated_there = true;
    }
    if (element.is_context(kPurpose)) {
      DerReader set(element.contents);
      const DerElement purposes = TRY(next(set, DerTag::kSet));
      if (holds_integer(purposes.contents, kSign)) found.may_sign = true;
    }
  }
  return {};
}

/// Android's KeyDescription (Level 3, 8.4.1), which binds the key to this ceremony.
Outcome<void> check_key_description(std::string_view der, std::string_view client_data_hash) {
  DerReader whole(der);
  const DerElement description = TRY(next(whole, DerTag::kSequence));
  DerReader reader(description.contents);
  TRY(next(reader, DerTag::kInteger));     // the attestation's version
  TRY(next(reader, DerTag::kEnumerated));  // and its security level
  TRY(next(reader, DerTag::kInteger));     // Keymaster's version
  TRY(next(reader, DerTag::kEnumerated));  // and its security level
  const DerElement challenge = TRY(next(reader, DerTag::kOctetString));
  if (challenge.contents != client_data_hash) {
    return refuse_attestation("the key was made for another ceremony");
  }
  TRY(next(reader, DerTag::kOctetString));  // a unique id
  Authorizations found;
  for (int list = 0; list < 2; ++list) {  // of software, then of the trusted environment
    const DerElement element = TRY(next(reader, DerTag::kSequence));
    TRY_VOID(add_authorizations(element.contents, found));
  }
  if (found.is_for_all_applications) {
    return refuse_attestation("every application of the phone may use the key");
  }
  if (!found.was_generated_there || !found.may_sign) {
    return refuse_attestation("the key was not made in the phone's keystore for signing");
  }
  return {};
}

}  // namespace

// Level 3, 8.4.
Outcome<Attestation> verify_android_key(const AttestationStatement& about) {
  const SignatureAlgorithm algorithm = TRY(statement_algorithm(about.statement));
  const std::string_view signature = TRY(statement_bytes(about.statement, "sig"));
  auto chain = TRY(statement_chain(about.statement));
  std::string signed_text(about.authenticator_data);
  signed_text += about.client_data_hash;
  TRY_VOID(check_attested_signature(chain.front(), algorithm, signed_text, signature));
  TRY_VOID(check_same_key(chain.front(), about.key));
  const auto extension = chain.front().extension("1.3.6.1.4.1.11129.2.1.17");
  if (!extension) return refuse_attestation("the certificate has no description of the key");
  TRY_VOID(check_key_description(extension->value, about.client_data_hash));
  return Attestation{.type = AttestationType::kCertificate, .chain = std::move(chain)};
}

// Level 3, 8.8.
Outcome<Attestation> verify_apple(const AttestationStatement& about) {
  auto chain = TRY(statement_chain(about.statement));
  std::string text(about.authenticator_data);
  text += about.client_data_hash;
  const auto extension = chain.front().extension("1.2.840.113635.100.8.2");
  if (!extension) return refuse_attestation("the certificate has no nonce of Apple's");
  DerReader whole(extension->value);
  const DerElement sequence = TRY(next(whole, DerTag::kSequence));
  DerReader members(sequence.contents);
  const DerElement tagged = TRY(as_part_of(Step::kAttestation, members.next()));
  if (!tagged.is_context(1)) return refuse_attestation("the certificate has no nonce of Apple's");
  DerReader inner(tagged.contents);
  const DerElement nonce = TRY(next(inner, DerTag::kOctetString));
  if (nonce.contents != crypto::digest(crypto::HashAlgorithm::kSha256, text)) {
    return refuse_attestation("the certificate was made for another ceremony");
  }
  TRY_VOID(check_same_key(chain.front(), about.key));
  return Attestation{.type = AttestationType::kCertificate, .chain = std::move(chain)};
}

}  // namespace wardlock::webauthn
