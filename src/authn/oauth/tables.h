#pragma once

#include <span>
#include <string_view>

#include "storage/migration.h"

namespace wardlock::oauth {

/// The tables of this room, for whoever lists a database's migrations. They need the table of
/// sealed secrets (secrets/secret_table.h).
std::span<const storage::Migration> migrations();

/// Notified after each change that those who verify tokens must hear of.
inline constexpr std::string_view kChangeChannel = "oauth_change";

}  // namespace wardlock::oauth
