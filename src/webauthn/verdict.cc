#include "webauthn/verdict.h"

namespace wardlock::webauthn {

std::string_view to_string(Step step) {
  switch (step) {
    case Step::kForm: return "form";
    case Step::kType: return "type";
    case Step::kChallenge: return "challenge";
    case Step::kOrigin: return "origin";
    case Step::kCrossOrigin: return "cross_origin";
    case Step::kTopOrigin: return "top_origin";
    case Step::kRpIdHash: return "rp_id_hash";
    case Step::kUserPresent: return "user_present";
    case Step::kUserVerified: return "user_verified";
    case Step::kBackupFlags: return "backup_flags";
    case Step::kAlgorithm: return "algorithm";
    case Step::kCredentialId: return "credential_id";
    case Step::kAttestationFormat: return "attestation_format";
    case Step::kAttestation: return "attestation";
    case Step::kAaguid: return "aaguid";
    case Step::kTrust: return "trust";
    case Step::kUserHandle: return "user_handle";
    case Step::kBackupEligibility: return "backup_eligibility";
    case Step::kSignature: return "signature";
    case Step::kCounter: return "counter";
  }
  __builtin_unreachable();
}

std::unexpected<Failure> fail(Step step, std::string message) {
  return std::unexpected(Failure{.step = step, .message = std::move(message)});
}

}  // namespace wardlock::webauthn
