#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authn/account/authenticator.h"
#include "authn/message/message.h"
#include "authn/otp/one_time_password.h"
#include "base/error.h"
#include "storage/work.h"
#include "webauthn/credential.h"

namespace wardlock::authn {

// Authenticators as rows. All within the transaction of `work`; each names the tenant. Private to
// the room.

/// An authenticator with what it is verified by.
struct AuthenticatorRow {
  Authenticator shown;
  std::optional<std::string> place = {};  ///< by which it is found: one person's in its tenant
  std::string verifier = {};              ///< a hash, or what a code or key is made by, as JSON
  std::int64_t counter = kNoCounter;      ///< TOTP's last step, HOTP's next count, a key's uses

  static constexpr std::int64_t kNoCounter = -1;
};

Result<std::vector<AuthenticatorRow>> find_authenticators(storage::Work& work,
                                                          std::string_view tenant,
                                                          std::string_view person);
Result<std::optional<AuthenticatorRow>> find_authenticator(storage::Work& work,
                                                           std::string_view tenant,
                                                           std::string_view id);
/// Of those that have not ended.
Result<std::optional<AuthenticatorRow>> find_by_place(storage::Work& work, std::string_view tenant,
                                                      AuthenticatorKind kind,
                                                      std::string_view place);
/// Of all tenants, those that should have ended by then; at most so many.
Result<std::vector<AuthenticatorRow>> find_expired(storage::Work& work, std::int64_t now_ms,
                                                   std::size_t most);

/// Of all tenants, those that count, are past half their time and expire by then, but for those of
/// which this was said before
/// (`Messages::tell_once`, of their id); at most so many.
Result<std::vector<AuthenticatorRow>> find_expiring(storage::Work& work, About said,
                                                    std::int64_t now_ms, std::int64_t until_ms,
                                                    std::size_t most);

/// Error kAlreadyExists: somebody else's is at its place.
Result<void> insert_authenticator(storage::Work& work, const AuthenticatorRow& row);
/// Label, state and times.
Result<void> replace_authenticator(storage::Work& work, const Authenticator& shown);
/// It was used right: failures are forgotten.
Result<void> note_used(storage::Work& work, const AuthenticatorRow& row, std::int64_t now_ms);
/// The same, where it does not count as a use.
Result<void> forget_failures(storage::Work& work, const Authenticator& shown);
Result<void> note_failure(storage::Work& work, const Authenticator& shown, Familiarity who);
Result<void> set_verifier(storage::Work& work, std::string_view tenant, std::string_view id,
                          std::string_view verifier);
/// Raises the counter. False: it was as high already, so that what counts once counted before.
Result<bool> raise_counter(storage::Work& work, std::string_view tenant, std::string_view id,
                           std::int64_t counter);

Result<void> insert_recovery_code(storage::Work& work, std::string_view tenant,
                                  std::string_view authenticator, std::string_view hash);
Result<std::vector<std::string>> find_recovery_codes(storage::Work& work, std::string_view tenant,
                                                     std::string_view authenticator);
/// False: it was used already.
Result<bool> take_recovery_code(storage::Work& work, std::string_view tenant,
                                std::string_view authenticator, std::string_view hash);
Result<void> erase_recovery_codes(storage::Work& work, std::string_view tenant,
                                  std::string_view authenticator);

/// What a verifier says, as JSON. Reading fails with kDataLoss.
std::string to_verifier(const OneTimePasswordForm& form);
Result<OneTimePasswordForm> read_otp_form(std::string_view verifier);
std::string to_verifier(const webauthn::Credential& credential);
/// With the row's place and counter.
Result<webauthn::Credential> read_passkey(const AuthenticatorRow& row);
/// Of a certificate: whether its key is in a card that opens with a PIN.
std::string to_verifier(bool is_smartcard);
bool is_smartcard(const AuthenticatorRow& row);

}  // namespace wardlock::authn
