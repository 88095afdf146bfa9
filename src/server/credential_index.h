#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "authn/rate_limit.h"
#include "crypto/seeded_hash.h"
#include "directory/registry/registry.h"
#include "storage/store.h"

namespace wardlock::server {

/// A credential of the directory, as far as a request must know it at once. What its holder may do,
/// and whether they are in force, is read from the database when it is used.
struct KnownCredential {
  std::string id;
  std::string tenant;  ///< as the directory calls it
  std::int64_t expires_ms = 0;
  std::shared_ptr<authn::RateLimit> limit;
};

/// All credentials of the directory that are good, in memory: it follows the change feed, so that
/// one that is revoked stops at once here, and as soon as the database tells elsewhere. While the
/// database is away the last ones stay known; using one then fails all the same. Thread-safe.
class CredentialIndex {
 public:
  /// Reads all, and follows from then on. Both outlive it. `quota`: of each credential.
  static Result<std::unique_ptr<CredentialIndex>> start(const storage::Store& store,
                                                        directory::Registry& registry,
                                                        const authn::Quota& quota);
  ~CredentialIndex();
  CredentialIndex(const CredentialIndex&) = delete;
  CredentialIndex& operator=(const CredentialIndex&) = delete;

  /// By its hash, or a certificate's fingerprint: `sha256:…`. Null: unknown, revoked or expired.
  std::shared_ptr<const KnownCredential> find(std::string_view hash, std::int64_t now) const;

  /// Takes over what has changed by now. Error: the database cannot be read.
  Result<void> follow();
  std::uint64_t revision() const { return revision_.load(std::memory_order_relaxed); }
  std::size_t size() const;

  /// It was used: noted in the database by and by.
  void note_use(const std::string& credential, std::int64_t now);
  /// Writes what was noted. What cannot be written is noted again next time.
  Result<void> write_uses();

 private:
  CredentialIndex(directory::Registry& registry, const authn::Quota& quota)
      : registry_(registry), quota_(quota) {}
  void take(const directory::Registry::CredentialNews& news);

  using Known = std::shared_ptr<const KnownCredential>;
  using Hashes = std::unordered_map<std::string, Known, crypto::SeededHash, std::equal_to<>>;

  directory::Registry& registry_;
  const authn::Quota quota_;
  std::mutex following_;  ///< one at a time
  std::atomic<std::uint64_t> revision_ = 0;
  mutable std::shared_mutex mutex_;  ///< over the map
  Hashes hashes_;
  std::mutex uses_mutex_;  ///< over what follows
  std::unordered_map<std::string, std::int64_t> uses_;
  std::unique_ptr<storage::Listening> listening_;  ///< the last member: it uses the others
};

}  // namespace wardlock::server
