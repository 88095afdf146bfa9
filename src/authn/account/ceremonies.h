#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "authn/account/surroundings.h"
#include "base/error.h"
#include "base/secret.h"
#include "codec/json.h"
#include "crypto/seeded_hash.h"
#include "secrets/sealer.h"

namespace wardlock::authn {

/// What is under way: the state of a sign-in, a challenge. It goes to the browser and back, sealed
/// for its tenant, its purpose and a time, so that nothing is kept for strangers and any node goes
/// on with it. A handle is good once: what is kept is that it was used, in the database and, for
/// when that is down, here. Private to the room. Thread-safe.
class Ceremonies {
 public:
  explicit Ceremonies(const AccountSurroundings& surroundings) : surroundings_(surroundings) {}

  /// `what`: a constant of whoever keeps it.
  Result<Secret> keep(std::string_view tenant, std::string_view what, const codec::Json& body,
                      std::int64_t for_ms);
  /// What was kept. Nothing: it is no handle of ours, was used, or is too old.
  struct Taken {
    std::string tenant;
    codec::Json body;
  };
  Result<std::optional<Taken>> take(std::string_view what, const Secret& handle);
  /// The same, and the handle stays good: for what only leads to another.
  Result<std::optional<Taken>> peek(std::string_view what, const Secret& handle);

  /// Forgets handles that are too old anyway.
  static Result<void> tidy(const AccountSurroundings& surroundings);

 private:
  using Sealer = std::shared_ptr<const secrets::Sealer>;

  /// The tenant's; made by who needs it first, and the same on all nodes. Null: there is none, and
  /// it may not be made, as a stranger says what tenant it is.
  Result<Sealer> sealer(std::string_view tenant, bool may_make);
  struct Opened {
    Taken taken;
    std::int64_t until_ms = 0;
  };
  Result<std::optional<Opened>> open(std::string_view what, const Secret& handle);
  /// False: it was used before.
  Result<bool> use(const std::string& hash, std::int64_t until_ms);
  Result<bool> was_used(const std::string& hash);
  Result<bool> use_here(const std::string& hash, std::int64_t until_ms);

  const AccountSurroundings& surroundings_;
  std::mutex mutex_;  ///< over what follows
  std::unordered_map<std::string, Sealer, crypto::SeededHash, std::equal_to<>> sealers_;
  std::unordered_map<std::string, std::int64_t, crypto::SeededHash, std::equal_to<>> used_;
};

}  // namespace wardlock::authn
