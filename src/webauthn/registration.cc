#include "webauthn/registration.h"

#include <fmt/format.h>

#include <algorithm>

#include "codec/cbor.h"
#include "crypto/digest.h"
#include "webauthn/client_data.h"
#include "webauthn/flags.h"
#include "x509/path.h"

namespace wardlock::webauthn {
namespace {

using codec::Cbor;

struct AttestationObject {
  Cbor whole;
  std::string_view format;
  const Cbor* statement = nullptr;
  std::string_view authenticator_data;
};

Outcome<AttestationObject> read_attestation_object(std::string_view bytes) {
  AttestationObject object;
  object.whole = TRY(as_part_of(Step::kForm, codec::parse_cbor(bytes)));
  const Cbor* format = object.whole.find("fmt");
  const Cbor* data = object.whole.find("authData");
  object.statement = object.whole.find("attStmt");
  const bool is_complete = format && format->text() && data && data->bytes() && object.statement &&
                           object.statement->map();
  if (!is_complete) {
    return fail(Step::kForm, "the attestation object lacks `fmt`, `attStmt` or `authData`");
  }
  object.format = *format->text();
  object.authenticator_data = *data->bytes();
  return object;
}

Outcome<CredentialKey> read_key(std::string_view cose_key, const AuthenticatorRules& rules) {
  const Cbor item = TRY(as_part_of(Step::kForm, codec::parse_cbor(cose_key)));
  CredentialKey key = TRY(as_part_of(Step::kAlgorithm, read_cose_key(item)));
  if (std::ranges::find(rules.algorithms, key.algorithm) == rules.algorithms.end()) {
    return fail(Step::kAlgorithm,
                fmt::format("credentials for {} are not taken", crypto::to_string(key.algorithm)));
  }
  return key;
}

/// Whether the attestation can be believed; a failure where it must be and cannot.
Outcome<bool> judge_trust(const Attestation& attestation, const Aaguid& aaguid,
                          const AuthenticatorRules& rules, std::chrono::sys_seconds now) {
  const bool is_known_model =
      rules.aaguids.empty() || std::ranges::find(rules.aaguids, aaguid) != rules.aaguids.end();
  if (!is_known_model) {
    return fail(Step::kAaguid,
                fmt::format("authenticators of the model {} are not taken", to_string(aaguid)));
  }
  const bool is_demanded = rules.demands_trust || !rules.aaguids.empty();
  if (attestation.chain.empty()) {
    if (!is_demanded) return false;
    return fail(Step::kTrust,
                "the authenticator does not prove its model; let the browser pass "
                "its attestation on, or take another one");
  }
  const auto trusted = x509::verify_chain(attestation.chain, rules.anchors, now);
  if (!trusted && is_demanded) return fail(Step::kTrust, trusted.error().message);
  return trusted.has_value();
}

}  // namespace

Outcome<Credential> verify_registration(const RegistrationResponse& response,
                                        const RegistrationExpectations& expectations) {
  const AuthenticatorRules& rules = expectations.rules;
  TRY_VOID(check_client_data(response.client_data_json, Ceremony::kRegistration,
                             expectations.challenge, expectations.party));
  const std::string client_data_hash =
      crypto::digest(crypto::HashAlgorithm::kSha256, response.client_data_json);
  const AttestationObject object = TRY(read_attestation_object(response.attestation_object));
  const AuthenticatorData data =
      TRY(as_part_of(Step::kForm, read_authenticator_data(object.authenticator_data)));
  TRY_VOID(check_flags(data, expectations.party, rules.demands_user_verification));
  if (!data.credential) return fail(Step::kForm, "the authenticator's data hold no credential");
  if (data.credential->id != response.credential_id) {
    return fail(Step::kCredentialId, "the authenticator made a credential with another id");
  }
  const CredentialKey key = TRY(read_key(data.credential->public_key, rules));
  const Attestation attestation = TRY(verify_attestation({
      .format = object.format,
      .statement = *object.statement,
      .authenticator_data = object.authenticator_data,
      .parsed = data,
      .key = key,
      .client_data_hash = client_data_hash,
  }));
  const Aaguid model = attestation.covers_model ? data.credential->aaguid : Aaguid{};
  const bool is_trusted = TRY(judge_trust(attestation, model, rules, expectations.now));
  return Credential{
      .id = std::string(data.credential->id),
      .public_key = std::string(data.credential->public_key),
      .sign_count = data.sign_count,
      .was_user_verified = data.user_verified,
      .is_backup_eligible = data.backup_eligible,
      .is_backed_up = data.backed_up,
      .aaguid = model,
      .attestation = attestation.type,
      .is_attestation_trusted = is_trusted,
  };
}

}  // namespace wardlock::webauthn
