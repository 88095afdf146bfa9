#pragma once

#include <span>
#include <string_view>

#include "storage/migration.h"

namespace wardlock::directory {

/// The tables of the directory, for `storage::Store::open`.
std::span<const storage::Migration> migrations();

/// Relations of which there are few, found without the others. Comes after all tables above.
inline constexpr storage::Migration kFewRelations = {
    .name = "accounts of one person, and roles that exclude each other", .sql = R"(
CREATE INDEX relation_of_accounts ON relation (tenant, subject) WHERE kind = 'accountOf';
CREATE INDEX relation_of_exclusions ON relation (tenant, subject) WHERE kind = 'excludes'
)"};

/// Notified after each change, with `storage::Store::listen`.
inline constexpr std::string_view kChangeChannel = "directory_change";

/// The state of a thing that was removed: of it remain its id and what it was known by, so that
/// nothing else gets them.
inline constexpr std::string_view kRemoved = "removed";

/// The state of a patient who turned out to be another, and the attribute that says which.
inline constexpr std::string_view kMerged = "merged";
inline constexpr std::string_view kMergedInto = "mergedInto";

}  // namespace wardlock::directory
