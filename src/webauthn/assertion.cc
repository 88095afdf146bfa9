#include "webauthn/assertion.h"

#include <algorithm>

#include "codec/cbor.h"
#include "crypto/digest.h"
#include "webauthn/client_data.h"
#include "webauthn/cose_key.h"
#include "webauthn/flags.h"

namespace wardlock::webauthn {
namespace {

Outcome<void> check_owner(const AssertionResponse& response, const Credential& credential,
                          const AssertionExpectations& expectations) {
  if (response.credential_id != credential.id) {
    return fail(Step::kCredentialId, "another credential was used");
  }
  if (!response.user_handle && !expectations.is_user_known) {
    return fail(Step::kUserHandle, "the authenticator does not say whose credential it is");
  }
  if (response.user_handle && *response.user_handle != expectations.user_handle) {
    return fail(Step::kUserHandle, "the credential is somebody else's");
  }
  return {};
}

Outcome<void> check_signature(const AssertionResponse& response, const Credential& credential) {
  const auto item = TRY(as_part_of(Step::kSignature, codec::parse_cbor(credential.public_key)));
  const CredentialKey key = TRY(as_part_of(Step::kSignature, read_cose_key(item)));
  std::string text(response.authenticator_data);
  text += crypto::digest(crypto::HashAlgorithm::kSha256, response.client_data_json);
  if (!key.key.verify(key.algorithm, text, response.signature)) {
    return fail(Step::kSignature, "the credential's key did not sign this");
  }
  return {};
}

}  // namespace

Credential Assertion::applied_to(Credential credential) const {
  // Never back: a copy that is behind must not make room for itself.
  credential.sign_count = std::max(credential.sign_count, sign_count);
  credential.is_backed_up = is_backed_up;
  credential.was_user_verified = credential.was_user_verified || user_verified;
  return credential;
}

Outcome<Assertion> verify_assertion(const AssertionResponse& response, const Credential& credential,
                                    const AssertionExpectations& expectations) {
  TRY_VOID(check_owner(response, credential, expectations));
  TRY_VOID(check_client_data(response.client_data_json, Ceremony::kAssertion,
                             expectations.challenge, expectations.party));
  const AuthenticatorData data =
      TRY(as_part_of(Step::kForm, read_authenticator_data(response.authenticator_data)));
  TRY_VOID(check_flags(data, expectations.party, expectations.demands_user_verification));
  if (data.backup_eligible != credential.is_backup_eligible) {
    return fail(Step::kBackupEligibility, "whether the credential may be backed up has changed");
  }
  TRY_VOID(check_signature(response, credential));
  const bool counts = data.sign_count != 0 || credential.sign_count != 0;
  const bool did_stall = counts && data.sign_count <= credential.sign_count;
  if (did_stall && expectations.counter_rule == CounterRule::kRefuse) {
    return fail(Step::kCounter,
                "the authenticator's counter did not go up; the credential may have been copied");
  }
  return Assertion{.user_verified = data.user_verified,
                   .is_backed_up = data.backed_up,
                   .sign_count = data.sign_count,
                   .did_counter_stall = did_stall};
}

}  // namespace wardlock::webauthn
