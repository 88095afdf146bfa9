#include "webauthn/flags.h"

#include "crypto/digest.h"

namespace wardlock::webauthn {

Outcome<void> check_flags(const AuthenticatorData& data, const RelyingParty& party,
                          bool demands_user_verification) {
  if (data.rp_id_hash != crypto::digest(crypto::HashAlgorithm::kSha256, party.id)) {
    return fail(Step::kRpIdHash, "the authenticator answered for another relying party");
  }
  if (!data.user_present) {
    return fail(Step::kUserPresent, "nobody touched the authenticator; try again and touch it");
  }
  if (demands_user_verification && !data.user_verified) {
    return fail(Step::kUserVerified,
                "the authenticator did not verify its user; set a PIN or a fingerprint on it");
  }
  if (data.backed_up && !data.backup_eligible) {
    return fail(Step::kBackupFlags, "the credential is backed up though it may not be");
  }
  return {};
}

}  // namespace wardlock::webauthn
