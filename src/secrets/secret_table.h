#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "secrets/sealer.h"
#include "storage/migration.h"
#include "storage/store.h"

namespace wardlock::secrets {

/// The table, for whoever lists a database's migrations.
inline constexpr storage::Migration kSecretTable = {.name = "sealed secrets", .sql = R"(
CREATE TABLE secret (
  tenant TEXT NOT NULL,
  purpose TEXT NOT NULL,
  name TEXT NOT NULL,
  sealed_under TEXT NOT NULL,
  sealed BYTES NOT NULL,
  until_ms BIGINT,
  PRIMARY KEY (tenant, purpose, name)
) STRICT;
CREATE INDEX secret_sealed_under ON secret (sealed_under);
CREATE INDEX secret_until ON secret (until_ms) WHERE until_ms IS NOT NULL;
)"};

/// How many secrets are sealed under a key.
struct KeyUse {
  std::string key_id;
  std::uint64_t secrets = 0;
};

/// What became of secrets that were sealed under older keys.
struct Resealed {
  std::uint64_t done = 0;
  std::uint64_t failed = 0;      ///< they cannot be opened, and stay as they are
  std::string first_fault = {};  ///< why the first of them cannot
};

/// The secrets in a database, each sealed for its place. `put`, `find` and `erase` are part of the
/// work in whose transaction they are called, so a secret is there with what it belongs to, or not
/// at all. Thread-safe. Errors: those of Sealer::open, and of storage::Work.
class SecretTable {
 public:
  explicit SecretTable(Sealer sealer)
      : sealer_(std::make_shared<const Sealer>(std::move(sealer))) {}

  /// Seals and opens with these keys from now on: a rotation without a stop. A key that is not
  /// current any more is kept among them until `uses` says that nothing is sealed under it.
  void use(Sealer sealer);

  /// Keeps it, in the place of what was there. After `until_ms` (milliseconds since the epoch) it
  /// is as if it were not there. The tenant is not empty; `name` is at most 512 bytes.
  Result<void> put(storage::Work& work, const Place& place, std::string_view text,
                   std::optional<std::int64_t> until_ms = {});
  /// Nothing: there is none.
  Result<std::optional<std::string>> find(storage::Work& work, const Place& place,
                                          std::int64_t now_ms) const;
  /// False: there was none.
  Result<bool> erase(storage::Work& work, const Place& place);
  /// Erases those whose time is over.
  Result<std::uint64_t> erase_expired(storage::Work& work, std::int64_t now_ms);

  /// By key, the most used first. A key that is not listed may be taken away.
  Result<std::vector<KeyUse>> uses(const storage::Store& store) const;
  /// Error kFailedPrecondition: some are sealed under keys that are not known, which the message
  /// names. For the start, so that a lost key shows before it is needed.
  Result<void> check_keys(const storage::Store& store) const;

  /// Seals anew, under the current key, what is sealed under another; a few in each transaction, so
  /// that others write meanwhile. Ends early when it is asked to stop, or at an error of the store:
  /// called again, it goes on where it was, after a restart, too.
  Result<Resealed> reseal(storage::Store& store, const std::stop_token& stop) const;

 private:
  std::shared_ptr<const Sealer> sealer() const;

  mutable std::mutex mutex_;
  std::shared_ptr<const Sealer> sealer_;
};

}  // namespace wardlock::secrets
