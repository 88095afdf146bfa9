#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "authn/oauth/client_keys.h"
#include "authn/oauth/ticket.h"
#include "base/error.h"
#include "event/event.h"
#include "storage/store.h"
#include "storage/work.h"

namespace wardlock::directory {
class Registry;
}
namespace wardlock::secrets {
class SecretTable;
}

namespace wardlock::oauth {

/// Where and when something is asked: each statement names the tenant.
struct Occasion {
  std::string tenant;       ///< as the directory calls it
  std::string issuer;       ///< the tenant's base URL
  std::int64_t now_ms = 0;  ///< since the epoch
};

/// What the rules of this room work with. All of it outlives them.
struct Parts {
  storage::Store& store;
  secrets::SecretTable& secrets;
  const directory::Registry& registry;
  FillRandom fill_random;
  /// Puts an event on record within the transaction of what it tells; empty: nothing is recorded.
  std::function<Result<void>(storage::Work&, const Occasion&, event::Event)> tell = {};
  /// For clients with a `jwks_uri`; empty: their keys cannot be had.
  FetchKeys fetch_keys = {};
};

/// Tells it, where somebody listens.
inline Result<void> tell(const Parts& parts, storage::Work& work, const Occasion& occasion,
                         const event::Event& event) {
  if (!parts.tell) return {};
  return parts.tell(work, occasion, event);
}

}  // namespace wardlock::oauth
