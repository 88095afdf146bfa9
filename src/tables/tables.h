#pragma once

#include <span>

#include "storage/migration.h"

namespace wardlock::tables {

/// All that a database of Wardlock has, for `storage::Store::open` and `storage::restore`: the
/// tables of every room, in the order in which they came. What comes later goes to the end.
std::span<const storage::Migration> migrations();

}  // namespace wardlock::tables
