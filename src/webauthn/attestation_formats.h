#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "webauthn/attestation.h"

namespace wardlock::webauthn {

// One function a format. Private to the room.
Outcome<Attestation> verify_packed(const AttestationStatement& statement);
Outcome<Attestation> verify_tpm(const AttestationStatement& statement);
Outcome<Attestation> verify_android_key(const AttestationStatement& statement);
Outcome<Attestation> verify_fido_u2f(const AttestationStatement& statement);
Outcome<Attestation> verify_apple(const AttestationStatement& statement);

/// A failure of the statement.
std::unexpected<Failure> refuse_attestation(std::string message);

/// Members of a statement; an error names the one that is missing.
Outcome<std::string_view> statement_bytes(const codec::Cbor& statement, std::string_view name);
Outcome<SignatureAlgorithm> statement_algorithm(const codec::Cbor& statement);
/// `x5c`: one certificate at least, eight at most.
Outcome<std::vector<x509::Certificate>> statement_chain(const codec::Cbor& statement);

/// The certificate's key signed the text.
Outcome<void> check_attested_signature(const x509::Certificate& certificate,
                                       SignatureAlgorithm algorithm, std::string_view text,
                                       std::string_view signature);

/// id-fido-gen-ce-aaguid, where it is there, is not critical and names the model that the
/// authenticator's data name (8.2.1).
Outcome<void> check_aaguid_extension(const x509::Certificate& certificate, const Aaguid& aaguid);

}  // namespace wardlock::webauthn
