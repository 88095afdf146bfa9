#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "bundle/verify.h"
#include "config/managed_policies.h"
#include "crypto/public_key.h"
#include "pap/draft.h"

namespace wardlock::server {

/// Whose signatures count for a managed tenant's policies, as the files of keys lie there now:
/// `own` and those that are named. Errors: a file that is named and cannot be read holds keys that
/// nobody may pass over.
Result<bundle::Trust> read_policy_trust(const config::ManagedPolicies& settings,
                                        const crypto::PublicKey& own);

/// Where a node keeps the bundle that it decided by last: as the settings say; else beside an
/// SQLite database, a file for each place; else nowhere, and it is empty.
std::string last_bundle_path(const config::ManagedPolicies& settings, std::string_view database_url,
                             const pap::PolicyPlace& place);

}  // namespace wardlock::server
