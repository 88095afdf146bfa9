#pragma once

#include <string>

#include "base/error.h"

namespace wardlock::audit {

/// The parts of the audit log's benchmark. Each works in `folder`, which exists and is its own,
/// prints its figures beside its comparator's, and returns whether they are what they must be.

/// Appending, beside a bare loop that overwrites prepared segments and syncs the same bytes in the
/// same batches: at least 80 % of its speed.
Result<bool> bench_append(const std::string& folder);

/// Verifying, beside hashing the same records and nodes from memory: at least 50 % of its speed.
Result<bool> bench_verify(const std::string& folder);

/// A query by patient over an index of ten million records: at most 50 ms.
Result<bool> bench_query(const std::string& folder);

}  // namespace wardlock::audit
