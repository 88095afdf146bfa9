#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "authn/message/messages.h"
#include "authn/password/password_policy.h"
#include "authn/password/password_verifier.h"
#include "authn/session/sessions.h"
#include "base/error.h"
#include "directory/registry/journal.h"
#include "secrets/secret_table.h"
#include "storage/store.h"
#include "webauthn/assertion.h"
#include "webauthn/registration.h"
#include "webauthn/relying_party.h"

namespace wardlock::authn {

class CachedAuthenticators;

/// What a tenant says of its people's authenticators.
struct AccountRules {
  webauthn::RelyingParty party;           ///< whose passkeys these are
  std::string party_name = "Wardlock";    ///< as browsers and apps show it
  webauthn::AuthenticatorRules passkeys;  ///< which are taken
  PasswordPolicy passwords;
  std::vector<std::string> service_words = {"wardlock"};  ///< no password is made of them
  std::span<const BlockList* const> block_lists;          ///< outlive all
  std::size_t min_pin_digits = 6;
  /// Where a passkey's counter did not go up.
  webauthn::CounterRule counter_rule = webauthn::CounterRule::kRefuse;
};

/// What accounts work with; all outlives them. `directory.secrets` is not null: what codes are made
/// of is kept sealed.
struct AccountSurroundings {
  storage::Store& store;
  Sessions& sessions;
  const PasswordVerifier& passwords;
  directory::Surroundings directory;
  /// Of a tenant, by its name in the directory. What it returns is valid for the call.
  std::function<const AccountRules&(std::string_view tenant)> rules;
  CachedAuthenticators* cached = nullptr;  ///< null: nobody gets in while the database is down
  const Messages* messages = nullptr;      ///< null: nobody is told anything, and no code is sent
  /// Whether a person's password is kept elsewhere (LDAP). Not set: nobody's is.
  std::function<Result<bool>(std::string_view tenant, std::string_view person)>
      has_outside_password = {};
  /// How surely a person must be recognised where least is asked of them. Not set: one proof is
  /// enough.
  std::function<Result<AssuranceLevel>(std::string_view tenant, std::string_view person)>
      least_level = {};
};

}  // namespace wardlock::authn
