#pragma once

#include <cstddef>
#include <span>

#include "base/error.h"
#include "storage/backend.h"
#include "storage/migration.h"
#include "storage/rows.h"
#include "storage/session.h"

namespace wardlock::storage {

/// The table that keeps which migrations were applied.
extern const Migration kHistoryTable;

/// Applies what is lacking, one transaction each.
Result<void> migrate(const Backend& backend, Session& session,
                     std::span<const Migration> migrations);

/// How many of the migrations were applied: `SELECT number, name, checksum`, in order. Error
/// kFailedPrecondition: others, or more of them.
Result<std::size_t> count_applied(const Rows& history, std::span<const Migration> migrations);

extern const std::string_view kReadHistory;

}  // namespace wardlock::storage
