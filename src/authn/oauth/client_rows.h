#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authn/oauth/client.h"
#include "authn/oauth/occasion.h"
#include "authn/oauth/ticket.h"
#include "base/error.h"
#include "base/secret.h"
#include "storage/work.h"

namespace wardlock::oauth {

// Clients as they are kept. All within the transaction of `work`; whether somebody may, and that it
// is told, is the caller's. Errors: those of the store; kDataLoss, what is kept is no client.

/// What the feed calls a client.
inline constexpr std::string_view kClientEntry = "oauthClient";

struct KeptClient {
  Client client;
  std::uint64_t version = 1;  ///< counts its changes
  std::int64_t made_ms = 0;
  std::int64_t changed_ms = 0;
};

/// As people who look after clients see it, and as events tell it: `to_json` of the client, whether
/// it is enabled, by whom it was registered, and how many secrets it has; no secret.
boost::json::object describe(const Client& client);

/// Also one that is disabled. Nothing: the tenant has no such client.
Result<std::optional<KeptClient>> find_kept_client(storage::Work& work, std::string_view tenant,
                                                   std::string_view id);
/// In the order of their ids, which is that in which they came.
Result<std::vector<KeptClient>> list_kept_clients(storage::Work& work, std::string_view tenant);

/// What a change has made.
struct WrittenClient {
  KeptClient kept;
  /// New, and told this once; nothing: it has one already, or proves itself otherwise.
  std::optional<Secret> secret = {};
};

/// Enters it, under an id that is drawn, with a secret where it proves itself with one.
Result<WrittenClient> enter_client(storage::Work& work, const Occasion& occasion, Client client,
                                   const FillRandom& fill_random);
/// Enters one that proves itself without a secret, under the id that it has. False: there is one.
Result<bool> enter_client_once(storage::Work& work, const Occasion& occasion, Client client);
/// Describes one anew. Its secrets stay, as far as it has a use for them, and so does whether it is
/// enabled; with what it may change that itself is as `next` has it: of what the house says
/// nothing. Where it may less than before, all that was granted to it ends.
Result<WrittenClient> replace_client(storage::Work& work, const Occasion& occasion,
                                     const KeptClient& before, Client next,
                                     const FillRandom& fill_random);
/// One more secret; the older of two goes, and with `ends_others` all others do. Error:
/// kFailedPrecondition, it proves itself without one.
Result<WrittenClient> renew_client_secret(storage::Work& work, const Occasion& occasion,
                                          const KeptClient& before, bool ends_others,
                                          const FillRandom& fill_random);
/// What is disabled is to nobody a client, and all that was granted to it ends.
Result<KeptClient> set_client_enabled(storage::Work& work, const Occasion& occasion,
                                      const KeptClient& before, bool is_enabled);
/// The same, and its secrets are good no more, also when it is enabled again; nor is with what it
/// might change itself.
Result<KeptClient> withdraw_client(storage::Work& work, const Occasion& occasion,
                                   const KeptClient& before);
/// With all that was granted to it.
Result<void> erase_client(storage::Work& work, const Occasion& occasion, std::string_view id);

}  // namespace wardlock::oauth
