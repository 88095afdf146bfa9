#pragma once

#include <functional>
#include <span>
#include <string>

#include "base/error.h"
#include "storage/migration.h"
#include "storage/sqlite.h"

namespace wardlock::storage {

/// Error kDataLoss: SQLite finds a fault in it.
Result<void> check_integrity(Database& database);

/// As of Store::back_up.
Result<void> back_up_sqlite(const Database& database, const std::string& path);

/// As of storage::restore. `finish` gets the path of the copy, and leaves it closed.
Result<void> restore_sqlite(const std::string& backup_path, const std::string& path,
                            std::span<const Migration> migrations,
                            const std::function<Result<void>(const std::string&)>& finish);

}  // namespace wardlock::storage
