#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authn/oauth/occasion.h"
#include "authn/oauth/ticket.h"
#include "base/error.h"
#include "base/secret.h"
#include "storage/work.h"

namespace wardlock::oauth {

// What whoever may give away lets a client register with: the initial access token of RFC 7591,
// 1.2. It is good for that alone, for a while and a number of times, and for as long as who gave it
// may. All within the transaction of `work`; whether somebody may, and that it is told, is the
// caller's. Errors: those of the store.

struct ClientInvitation {
  std::string id;          ///< a UUID, no secret
  std::string maker_type;  ///< what policies call who gave it: `User`
  std::string maker;       ///< the thing's id
  std::string note = {};   ///< for whom, in words
  /// The scopes that a client may have that comes with it. Each must be covered by one of these.
  std::vector<std::string> scopes = {};
  std::uint64_t uses_left = 1;
  std::int64_t made_ms = 0;
  std::int64_t until_ms = 0;
};

/// Enters it, under an id that is drawn. What is returned is told this once; its hash is kept.
Result<Secret> enter_invitation(storage::Work& work, const Occasion& occasion,
                                ClientInvitation& invitation, const FillRandom& fill_random);

/// One that is good now. Nothing: the tenant has none with that token, it is over, or used up.
Result<std::optional<ClientInvitation>> find_invitation(storage::Work& work,
                                                        const Occasion& occasion,
                                                        std::string_view token);
/// Those that are good now, in the order in which they were given.
Result<std::vector<ClientInvitation>> list_invitations(storage::Work& work,
                                                       const Occasion& occasion);

/// Takes one use of it, and it away with the last. False: there was none left.
Result<bool> use_invitation(storage::Work& work, const Occasion& occasion, std::string_view id);

/// What was taken back. Nothing: there was none.
Result<std::optional<ClientInvitation>> take_back_invitation(storage::Work& work,
                                                             const Occasion& occasion,
                                                             std::string_view id);

}  // namespace wardlock::oauth
