#pragma once

#include "audit/report/heading.h"
#include "audit/report/rows.h"
#include "base/error.h"

namespace wardlock::audit {

/// Writes the events as a table for spreadsheets (audit/inspect/csv.h). It has no place for proofs:
/// they are in the document of the same report, which lies beside it. Errors: those of `rows` and
/// `write`.
Result<void> write_table(const Heading& heading, Rows& rows, const Write& write);

}  // namespace wardlock::audit
