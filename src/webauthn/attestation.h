#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "codec/cbor.h"
#include "webauthn/authenticator_data.h"
#include "webauthn/cose_key.h"
#include "webauthn/verdict.h"
#include "x509/certificate.h"

namespace wardlock::webauthn {

/// What an attestation rests on (Level 3, 6.5.4).
enum class AttestationType : std::uint8_t {
  kNone,         ///< nothing: the model is the authenticator's bare word
  kSelf,         ///< the credential's own key: it was made by whoever has it
  kCertificate,  ///< a key with a certificate of the maker's, or of a CA of the platform's
};

/// `none`, `self`, `certificate`.
std::string_view to_string(AttestationType type);

/// A statement, and what it is about. Borrows all of it.
struct AttestationStatement {
  std::string_view format;
  const codec::Cbor& statement;
  std::string_view authenticator_data;  ///< as it was sent
  const AuthenticatorData& parsed;      ///< the same, with a credential
  const CredentialKey& key;
  std::string_view client_data_hash;
};

struct Attestation {
  AttestationType type = AttestationType::kNone;
  std::vector<x509::Certificate> chain;  ///< the attesting one first; empty unless `kCertificate`
  bool covers_model = true;              ///< false: the AAGUID was not signed, and names nothing
};

/// Verifies a statement by its format (Level 3, 8.2 to 8.8): `none`, `packed`, `tpm`,
/// `android-key`, `fido-u2f` or `apple`. Whether its certificates are to be trusted is another
/// question. SHA-1 signatures of old TPMs are not taken.
Outcome<Attestation> verify_attestation(const AttestationStatement& statement);

}  // namespace wardlock::webauthn
