#pragma once

#include <cstdint>
#include <string_view>

#include "audit/index/query.h"
#include "audit/index/terms.h"
#include "base/error.h"
#include "storage/sqlite.h"

// How records are found in the index's tables. Private to this room.
namespace wardlock::audit {

/// Which kinds have an index of their own: all but decisions and searches.
inline constexpr std::string_view kRareKind = "kind > 1";
static_assert(static_cast<int>(event::Kind::kDecision) <= 1);
static_assert(static_cast<int>(event::Kind::kSearch) <= 1);

/// The least and greatest time is kept of each so many records, to find where a time may be:
/// records are nearly in the order of their times, and not quite.
inline constexpr std::uint64_t kSpanRecords = 4096;
inline std::uint64_t first_of_span(std::uint64_t sequence) {
  return sequence - sequence % kSpanRecords;
}

Result<Page> select_page(storage::Database& database, const Query& query, const Terms& terms);

}  // namespace wardlock::audit
