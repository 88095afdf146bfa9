#pragma once

#include <string>

#include "base/error.h"

namespace wardlock::directory {

/// The parts of the directory's benchmark. Each works in `folder`, which exists and is its own,
/// prints its figures beside its comparator's, and returns whether they are what they must be.

/// The store beside SQLite's own interface, with the same rows and settings: writing at least 80 %
/// as fast, reading one row at a time in one call 50 %, reading all rows 50 %.
Result<bool> bench_store(const std::string& folder);

/// The registry beside SQLite's own interface: entering 100,000 people at least half as fast as the
/// rows that it writes for them, asking for some of them in at most twice the time.
Result<bool> bench_registry(const std::string& folder);

/// What policies see of 1,000,000 people and 5,000,000 relations: rows read a second at a start,
/// beside SQLite reading them, and memory for each; a change is seen within 50 ms.
Result<bool> bench_feed(const std::string& folder);

/// The same of two nodes that share a PostgreSQL, which is started for it: a change is seen within
/// 50 ms where it is made, within 500 ms on the other.
Result<bool> bench_nodes(const std::string& folder);

/// SCIM beside SQLite's own interface: users by bulk requests at least half as fast as the rows
/// that are written for them, a filtered list of 100,000 in at most twice the time.
Result<bool> bench_scim(const std::string& folder);

/// 100,000 devices by `wardlock import`, which stands beside this program, on a terminal: at least
/// 30 % as fast as SQLite's own interface writes the rows.
Result<bool> bench_import(const std::string& folder);

}  // namespace wardlock::directory
