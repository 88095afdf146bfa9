#include "server/policy_trust.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "bundle/keys.h"
#include "server/policy_files.h"
#include "storage/database_url.h"

namespace wardlock::server {
namespace {

/// None where no file is named.
Result<std::vector<crypto::PublicKey>> read_keys(const std::string& path) {
  std::vector<crypto::PublicKey> keys;
  if (path.empty()) return keys;
  const pdp::Source pem = TRY(read_source(path));
  auto read = bundle::read_public_keys(pem.text);
  if (!read) return std::unexpected(read.error().in(path));
  return *std::move(read);
}

}  // namespace

Result<bundle::Trust> read_policy_trust(const config::ManagedPolicies& settings,
                                        const crypto::PublicKey& own) {
  bundle::Trust trust{.keys = TRY(read_keys(settings.trusted_keys))};
  trust.keys.push_back(own);
  trust.revoked = TRY(read_keys(settings.revoked_keys));
  return trust;
}

std::string last_bundle_path(const config::ManagedPolicies& settings, std::string_view database_url,
                             const pap::PolicyPlace& place) {
  if (!settings.last_bundle.empty()) return settings.last_bundle;
  const auto database = storage::parse_database_url(database_url);
  if (!database || database->is_postgresql) return {};
  return fmt::format("{}.{}.{}.bundle", database->address, place.tenant, place.environment);
}

}  // namespace wardlock::server
