#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "directory/registry/credential.h"
#include "directory/registry/thing.h"
#include "storage/work.h"

namespace wardlock::directory {

// Credentials as rows. All within the transaction of `work`.

/// The credential of the tenant, or nothing. An empty tenant: of any.
Result<std::optional<Credential>> find_credential_row(storage::Work& work, std::string_view tenant,
                                                      std::string_view id);

/// All that a thing has or had, in the order in which they were issued.
Result<std::vector<Credential>> find_credentials(storage::Work& work, std::string_view tenant,
                                                 std::string_view thing);

/// Of all tenants, those that are not revoked and have not expired by then.
Result<std::vector<Credential>> find_good_credentials(storage::Work& work, std::int64_t time_ms);

/// Those that somebody issued since then and that may still be used at `now`; at most so many.
Result<std::vector<Credential>> find_credentials_issued_by(storage::Work& work,
                                                           const Mandate& whose,
                                                           std::int64_t since_ms, std::int64_t now,
                                                           std::size_t most);

/// Of all tenants, those that were issued or revoked after the revision, as they are now.
Result<std::vector<Credential>> find_changed_credentials(storage::Work& work,
                                                         std::uint64_t revision);

/// Error: kAlreadyExists, the hash is another one's.
Result<void> insert_credential(storage::Work& work, const Credential& credential);
Result<void> set_revoked(storage::Work& work, std::string_view id, std::int64_t time_ms);
Result<void> set_expires(storage::Work& work, std::string_view id, std::int64_t time_ms);
/// Never earlier than it is.
Result<void> set_last_used(storage::Work& work, std::string_view id, std::int64_t time_ms);

/// As the change feed and audit events have it; nothing by which it could be used.
std::string to_feed_text(const Credential& credential);

}  // namespace wardlock::directory
