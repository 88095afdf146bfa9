#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authn/account/authenticator.h"
#include "authn/account/surroundings.h"
#include "authn/otp/one_time_password.h"
#include "base/error.h"
#include "base/secret.h"
#include "directory/registry/thing.h"

namespace wardlock::authn {

/// Whose authenticator is changed, by whom and why. Whether they may is the caller's to decide.
struct AccountChange {
  directory::Mandate mandate;  ///< its tenant is the person's
  std::string person;
  std::string label = {};
  std::optional<std::int64_t> expires_ms = {};
};

/// A password that was kept, or why it was not: sentences for who chose it.
struct PasswordChoice {
  std::optional<Authenticator> kept;
  std::vector<std::string> faults;
};

/// What an authenticator app is to be told, once.
struct OtpOffer {
  Authenticator authenticator;  ///< pending until a code of it was shown
  Secret typed;                 ///< the secret in base32
  Secret uri;                   ///< `otpauth://…`
};

struct RecoverySheet {
  Authenticator authenticator;
  std::vector<Secret> codes;  ///< to be shown once
};

/// What a browser is to be given, and what its answer is to be sent back with.
struct PasskeyOffer {
  Secret handle;        ///< good once, and for ten minutes
  std::string options;  ///< `PublicKeyCredentialCreationOptionsJSON`
};

/// A certificate's place: how a room that reads certificates names it, e.g. `upn:grey@st-mary`,
/// `issuer-serial:…`. In one tenant a place is one person's.
struct CertificateMapping {
  std::string place;
  /// Its key is in a card that opens with a PIN: two factors in one, in hardware.
  bool is_smartcard = false;
};

/// People's authenticators as they are kept, from enrolment to their end. Each change is there with
/// its audit event (`credential_change`) and feed entry, or not at all; what ends an authenticator
/// ends the sessions that rest on it. Thread-safe. Takes the time of a password hash where it says
/// so: such calls belong on the threads for that.
///
/// Errors: kNotFound, the tenant has no such person, or they no such authenticator;
/// kFailedPrecondition, the person is not in force, or the authenticator's state forbids it;
/// kInvalidArgument, kAlreadyExists, kResourceExhausted (20 of a kind), as said; those of
/// storage::Store.
class Accounts {
 public:
  explicit Accounts(AccountSurroundings surroundings) : surroundings_(std::move(surroundings)) {}

  /// All that a person has or had, in the order in which they were made.
  Result<std::vector<Authenticator>> list(std::string_view tenant, std::string_view person) const;
  Result<Authenticator> find(std::string_view tenant, std::string_view person,
                             std::string_view id) const;

  /// Replaces the password that the person has; its sessions end, but for `but_session`. Hashes.
  Result<PasswordChoice> set_password(const AccountChange& change, const Secret& password,
                                      std::string_view but_session = {});

  /// Begins with an app; `confirm_app` with the first of its codes makes it count.
  Result<OtpOffer> offer_totp(const AccountChange& change);
  /// The same with an app or a token whose codes are counted, from 0 on.
  Result<OtpOffer> offer_hotp(const AccountChange& change);
  /// Error: kInvalidArgument, the code is not right. The offer is good for ten minutes.
  Result<Authenticator> confirm_app(const AccountChange& change, std::string_view id,
                                    std::string_view code);
  /// A token whose secret its maker told. Error kInvalidArgument: it has less than 128 bits.
  Result<Authenticator> add_hotp(const AccountChange& change, const Secret& secret,
                                 const OneTimePasswordForm& form, std::uint64_t counter);

  /// Ten fresh codes; those from before count no more.
  Result<RecoverySheet> make_recovery_codes(const AccountChange& change);

  Result<PasskeyOffer> offer_passkey(const AccountChange& change);
  /// `response`: what the browser's `PublicKeyCredential.toJSON()` gave. Errors: kInvalidArgument,
  /// with the step that failed; kUnauthenticated, the handle is unknown, used or too old.
  Result<Authenticator> add_passkey(const AccountChange& change, const Secret& handle,
                                    std::string_view response);

  /// Error kAlreadyExists: the place is somebody's.
  Result<Authenticator> map_certificate(const AccountChange& change,
                                        const CertificateMapping& mapping);
  /// The one that the person has at that place; where none counts, the last that did. Error
  /// kNotFound: they never had one.
  Result<Authenticator> find_certificate(std::string_view tenant, std::string_view person,
                                         std::string_view place) const;
  Result<Authenticator> link_account(const AccountChange& change, std::string_view issuer,
                                     std::string_view subject);
  /// Replaces the one there is. Errors: kInvalidArgument, too short, or all digits are one. Hashes.
  Result<Authenticator> set_pin(const AccountChange& change, const Secret& pin);
  /// What a reader reads of a badge, or an NFC card's id.
  Result<Authenticator> add_badge(const AccountChange& change, const Secret& badge);
  /// Begins with a device that codes are sent to: the first goes there now, and `confirm_device`
  /// with it makes the device count. `address`: in the words of whoever carries them, e.g. a
  /// pager's number; 3 to 64 letters, digits and some signs, and never mail. Errors:
  /// kFailedPrecondition, no codes are sent here; kResourceExhausted besides, so many were sent
  /// that none is for a while.
  Result<Authenticator> offer_device(const AccountChange& change, const Secret& address);
  /// Error: kInvalidArgument, the code is not right; five such, and the offer is over. It is good
  /// for ten minutes (SP 800-63B-4, 3.1.3.2).
  Result<Authenticator> confirm_device(const AccountChange& change, std::string_view id,
                                       std::string_view code);

  Result<Authenticator> rename(const AccountChange& change, std::string_view id);
  /// Until `change.expires_ms`, or without end. Errors: kFailedPrecondition, it does not count now;
  /// kInvalidArgument, that time is over.
  Result<Authenticator> set_expiry(const AccountChange& change, std::string_view id);
  /// It counts no more. Its owner, or who speaks for them, says that it was lost.
  Result<Authenticator> mark_lost(const AccountChange& change, std::string_view id);
  Result<Authenticator> revoke(const AccountChange& change, std::string_view id);
  /// All that are active, but for `but`. Returns how many.
  Result<std::size_t> revoke_all(const AccountChange& change, std::string_view but = {});

  /// Of all tenants: who has an authenticator that is about to expire is reminded, once.
  Result<void> remind();
  /// Of all tenants: what has expired is told so, once; offers that nobody took are forgotten. To
  /// be called by and by. Returns how many authenticators expired.
  Result<std::size_t> tidy();

 private:
  AccountSurroundings surroundings_;
};

}  // namespace wardlock::authn
