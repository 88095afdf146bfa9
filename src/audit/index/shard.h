#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "audit/index/query.h"
#include "audit/index/terms.h"
#include "base/error.h"
#include "storage/sqlite.h"

// The tables that records are found in. Private to this room.
//
// Records go in shards of a fixed size, a table each. The last one is appended to and has no
// indexes; when it is full it is indexed all at once, sorted. (Indexes that are kept while records
// come in any order rewrite most of their pages for each batch: it took ten times as long.)
namespace wardlock::audit {

inline constexpr std::uint64_t kShardRecords = std::uint64_t{1} << 16;

/// SQL of the table that lists the shards.
std::string shards_schema();

/// Adds records to the shard that `first` belongs to, and indexes it when it is full. Requires all
/// of them to belong to it, and a transaction.
Result<void> add_to_shard(storage::Database& database, std::uint64_t first,
                          std::span<const std::optional<IndexEntry>> entries);

/// The first shard that there is; the greatest number where there is none.
Result<std::uint64_t> oldest_shard(storage::Database& database);

/// Takes away what holds nothing but records before that one.
Result<void> drop_shards_before(storage::Database& database, std::uint64_t record);

/// A page of the records that the query asks for. `terms` are those that it names.
Result<Page> select_page(storage::Database& database, const Query& query, const Terms& terms);

}  // namespace wardlock::audit
