#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "authn/account/authenticator_rows.h"
#include "authn/account/factor.h"
#include "authn/account/surroundings.h"
#include "base/error.h"

namespace wardlock::authn {

// Whether somebody can sign in with what they have. Private to the room.

/// What a person could show of these, then. Errors: kDataLoss, what is kept is no passkey.
Result<Available> available_of(const std::vector<AuthenticatorRow>& rows, std::int64_t now);

/// Whether codes are sent to registered devices here.
bool sends_codes(const AccountSurroundings& surroundings);

/// What a person has elsewhere, and what is asked of them.
struct WayInElsewhere {
  bool has_password = false;                           ///< in a directory (LDAP)
  AssuranceLevel least_level = AssuranceLevel::kNone;  ///< from the place that asks for least
  bool sends_codes = false;                            ///< to registered devices
};
/// Asks `surroundings`. May wait for the database: not within a transaction. Errors: theirs.
Result<WayInElsewhere> way_in_elsewhere(const AccountSurroundings& surroundings,
                                        std::string_view tenant, std::string_view person);

/// Whether somebody could sign in then without an enrolment, so that one would be a way round what
/// they have to show: with a password, a passkey, a certificate or a linked account of theirs, or
/// with all that they have here and elsewhere, as far as it is enough. `enrolling_since`: what was
/// made since then came of the enrolment itself, and is not counted until it was used; a
/// certificate never did. Errors: kDataLoss, as above.
Result<bool> has_way_in(const std::vector<AuthenticatorRow>& rows, const WayInElsewhere& elsewhere,
                        std::optional<std::int64_t> enrolling_since, std::int64_t now);

/// Whether somebody could sign in once with what they have had, and it has ended since: who let
/// them enrol anew would let in whoever says to be them. `enrolling_since`: as above. A badge and a
/// PIN sign nobody in; what completes a password counts where they have one elsewhere.
bool had_way_in(const std::vector<AuthenticatorRow>& rows, const WayInElsewhere& elsewhere,
                std::optional<std::int64_t> enrolling_since, std::int64_t now);

}  // namespace wardlock::authn
