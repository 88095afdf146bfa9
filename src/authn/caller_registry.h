#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "authn/rate_limit.h"
#include "base/error.h"
#include "crypto/seeded_hash.h"
#include "pdp/caller.h"

namespace wardlock::authn {

/// What a caller may do with the audit log beyond reading it masked. Each by itself: who holds
/// records back is seldom who erases them.
struct AuditRights {
  bool may_disclose = false;  ///< find by person and patient, and read who they are
  bool may_erase = false;
  bool may_hold = false;
};

/// What a configuration says of a caller.
struct CallerEntry {
  pdp::Caller caller;
  std::optional<std::size_t> tenant = {};  ///< whose questions it may ask; nothing: nobody's
  bool may_read_metrics = false;
  bool may_read_audit = false;
  AuditRights audit = {};
  std::optional<Quota> quota = {};             ///< nothing: no limit
  std::vector<std::string> tokens = {};        ///< their hashes, see token_hash
  std::vector<std::string> certificates = {};  ///< `sha256:…` fingerprint, `dns:…` or `uri:…`
  std::vector<std::string> clients = {};       ///< of OAuth, of its tenant: their ids
};

/// A caller that was recognised. Its limit goes on across reloads, as long as its quota is the
/// same.
struct KnownCaller {
  pdp::Caller caller;
  std::optional<std::size_t> tenant = {};
  bool may_read_metrics = false;
  bool may_read_audit = false;
  AuditRights audit = {};
  std::optional<Quota> quota = {};
  std::shared_ptr<RateLimit> limit = {};  ///< null: none
};

/// All callers of a server. Immutable; may be read by any thread.
class CallerRegistry {
 public:
  /// Knows nobody.
  CallerRegistry() = default;

  /// Error: all that is wrong, a line each: a caller, token or certificate that comes twice, or is
  /// malformed. `before` is the registry that this one replaces, or null.
  static Result<CallerRegistry> build(const std::vector<CallerEntry>& entries,
                                      const CallerRegistry* before = nullptr);

  /// By the text of a bearer token. Null: unknown.
  const KnownCaller* find_token(std::string_view token) const;
  /// By a certificate's fingerprint, or one of its names (`dns:…`, `uri:…`). Null: unknown, or its
  /// names are those of different callers.
  const KnownCaller* find_certificate(std::string_view fingerprint,
                                      std::span<const std::string> names) const;
  /// By the id of the tenant's OAuth client that it is, as its access token says. Null: unknown.
  const KnownCaller* find_client(std::size_t tenant, std::string_view client) const;
  /// By its id. Null: unknown.
  const KnownCaller* find(std::string_view id) const;

  std::size_t size() const { return callers_.size(); }

 private:
  using Index = std::unordered_map<std::string, std::size_t, crypto::SeededHash, std::equal_to<>>;

  const KnownCaller* at(const Index& index, std::string_view key) const;

  std::vector<KnownCaller> callers_;
  Index ids_;
  Index tokens_;        ///< by hash
  Index certificates_;  ///< by fingerprint or name
  Index clients_;       ///< by tenant and id
};

}  // namespace wardlock::authn
