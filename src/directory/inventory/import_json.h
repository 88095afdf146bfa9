#pragma once

#include "codec/json.h"
#include "directory/inventory/import.h"
#include "directory/inventory/import_file.h"

namespace wardlock::directory {

// Batches and what became of them as they travel: `POST /admin/v1/import`.

/// `{"before":[…],"entries":[…]}`
boost::json::object to_json(const FileBatch& batch);
/// Other members are passed over. Error (kInvalidArgument): it is none. What is wrong with its
/// entries is in the batch.
Result<Batch> read_batch(const codec::Json& json, bool is_dry_run);

/// `{"outcomes":[{"effect":…,"id":…,"changes":[…],"faults":[…]}],"refused":…,"revision":…}`
codec::Json to_json(const BatchOutcome& outcome);
/// Error (kInvalidArgument): it is none.
Result<BatchOutcome> read_batch_outcome(const codec::Json& json);

}  // namespace wardlock::directory
