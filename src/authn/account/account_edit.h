#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "authn/account/accounts.h"
#include "authn/account/authenticator_rows.h"
#include "authn/account/surroundings.h"
#include "authn/message/message.h"
#include "crypto/symmetric_key.h"
#include "directory/registry/journal.h"
#include "directory/registry/thing.h"
#include "storage/work.h"

namespace wardlock::authn {

/// Changes of one person's authenticators, within a transaction; each is told to the audit log and
/// the change feed. Private to the room.
class AccountEdit {
 public:
  AccountEdit(storage::Work& work, const AccountSurroundings& surroundings,
              const AccountChange& change)
      : work_(work),
        surroundings_(surroundings),
        change_(change),
        journal_(work, change.mandate, surroundings.directory) {}

  storage::Work& work() { return work_; }
  std::int64_t now() const { return journal_.now(); }
  const std::string& tenant() const { return change_.mandate.tenant; }

  /// The person; errors as of Accounts.
  Result<directory::Thing> check_person();

  Result<AuthenticatorRow> find(std::string_view id);
  Result<std::vector<AuthenticatorRow>> find_active(AuthenticatorKind kind);

  /// Of the kind, with the change's label and expiry. Checks the number that a person may have.
  Result<AuthenticatorRow> add(AuthenticatorKind kind, AuthenticatorState state,
                               const std::function<void(AuthenticatorRow&)>& fill);
  /// It counts from now on.
  Result<void> activate(AuthenticatorRow& row);
  Result<void> end(AuthenticatorRow& row, AuthenticatorState state);
  Result<void> end_all(AuthenticatorKind kind);
  Result<void> change(AuthenticatorRow& row, std::string_view action);

  /// What is kept sealed with an authenticator.
  Result<void> seal(const AuthenticatorRow& row, std::string_view secret);
  Result<Secret> open(const AuthenticatorRow& row);

  /// The person is told of it, once for all that this edit does of that.
  void note(About about) { notices_[about]; }
  void note(About about, AuthenticatorKind kind) {
    notices_[about].insert(std::string(to_string(kind)));
  }
  /// What was noted becomes messages; at the end of the transaction.
  Result<void> tell_person();

  /// Ids of those that ended.
  const std::vector<std::string>& ended() const { return ended_; }

 private:
  void note_added(AuthenticatorKind kind);
  Result<void> end_quietly(AuthenticatorRow& row, AuthenticatorState state);
  Result<void> tell(directory::What what, std::string_view action, const Authenticator& after,
                    std::string_view before);

  storage::Work& work_;
  const AccountSurroundings& surroundings_;
  const AccountChange& change_;
  directory::Journal journal_;
  std::vector<std::string> ended_;
  std::set<AuthenticatorKind> replaced_;  ///< kinds of which some gave way to another
  std::map<About, std::set<std::string>> notices_;
};

/// Runs the call in a transaction; then ends what rests on authenticators that ended.
Result<void> write_account(const AccountSurroundings& surroundings, const AccountChange& change,
                           const std::function<Result<void>(AccountEdit&)>& call);

/// What is kept sealed with an authenticator; of that tenant.
Result<Secret> open_secret(storage::Work& work, const AccountSurroundings& surroundings,
                           const AuthenticatorRow& row);

/// A key of the tenant's own for a purpose, drawn when it is first needed: 32 bytes. Requires a
/// work that writes.
Result<crypto::SymmetricKey> account_key(storage::Work& work,
                                         const AccountSurroundings& surroundings,
                                         std::string_view tenant, std::string_view purpose);

/// The same, where there is one.
Result<std::optional<crypto::SymmetricKey>> find_account_key(
    storage::Work& work, const AccountSurroundings& surroundings, std::string_view tenant,
    std::string_view purpose);

/// Under which a badge is found, or a short code kept: keyed, as either could be guessed. As
/// `account_key`.
Result<std::string> keyed_place(storage::Work& work, const AccountSurroundings& surroundings,
                                std::string_view tenant, std::string_view purpose,
                                const Secret& text);
/// Under which an account elsewhere is found.
std::string linked_place(std::string_view issuer, std::string_view subject);

/// By which passkeys know a person: 32 bytes that tell nothing of them.
std::string user_handle_of(std::string_view tenant, std::string_view person);

/// The text of so many random bytes, base64url.
Secret random_text(const directory::Surroundings& surroundings, std::size_t bytes);
/// Hexadecimal SHA-256 of a handle or token, as rows have it.
std::string handle_hash(std::string_view handle);

/// That the handle or token stands for nothing.
std::unexpected<Error> unknown_handle();

}  // namespace wardlock::authn
