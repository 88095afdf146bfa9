#pragma once

#include <span>
#include <string_view>

#include "base/error.h"
#include "storage/migration.h"
#include "storage/store.h"

namespace wardlock::oauth {

/// The tables of this room, for whoever lists a database's migrations. They need the table of
/// sealed secrets (secrets/secret_table.h).
std::span<const storage::Migration> migrations();

/// What lets clients register (RFC 7591). Like the others', its place and text stay.
extern const storage::Migration kInvitationTables;

/// Notified after each change that those who verify tokens must hear of.
inline constexpr std::string_view kChangeChannel = "oauth_change";

/// Ends all that was granted, takes back what lets clients register, and asks everybody for consent
/// anew: where a backup was put in the
/// place of a database, both may have been withdrawn since. For who has the store to themselves.
Result<void> forget_all_grants(storage::Store& store);

}  // namespace wardlock::oauth
