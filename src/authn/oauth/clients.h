#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authn/oauth/client.h"
#include "authn/oauth/occasion.h"
#include "authn/oauth/refusal.h"
#include "base/secret.h"
#include "storage/work.h"

namespace wardlock::oauth {

/// Within a transaction. Nothing: the tenant has no such client, or it is disabled.
Answer<std::optional<Client>> find_client(storage::Work& work, std::string_view tenant,
                                          std::string_view id);

/// The clients of each tenant. Thread-safe. Whether somebody may write one is asked before.
class Clients {
 public:
  /// `parts` outlive it.
  explicit Clients(const Parts& parts) : parts_(parts) {}

  struct Written {
    Client client;
    /// New, and told this once; nothing: it has one already, or proves itself otherwise.
    std::optional<Secret> secret;
  };

  /// Enters a client, or describes one anew (`id`), whose secrets stay. Errors besides: the client
  /// named is not there; the service that it is to be is not in the directory.
  Answer<Written> write(const Occasion& occasion, const boost::json::object& metadata,
                        std::string_view id = {});
  /// Enters a client of Wardlock's own under its id (own_client.h), unless there is one: what the
  /// house has made of it stays.
  Answer<void> enter_own(const Occasion& occasion, const Client& client);

  /// One more secret; the older of two goes. Refused where the client has none.
  Answer<Secret> renew_secret(const Occasion& occasion, std::string_view id);

  Answer<std::optional<Client>> find(std::string_view tenant, std::string_view id) const;
  Answer<std::vector<Client>> list(std::string_view tenant) const;
  /// With all that was granted to it. False: there was none.
  Answer<bool> remove(const Occasion& occasion, std::string_view id);

 private:
  Answer<Written> keep(const Occasion& occasion, Client client, std::string_view id);
  Answer<void> check_thing(std::string_view tenant, const Client& client) const;

  const Parts& parts_;
};

}  // namespace wardlock::oauth
