#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "directory/registry/registry.h"
#include "storage/work.h"

namespace wardlock::directory {

// The change feed as rows. All within the transaction of `work`.

/// Of the latest change of any tenant; 0: there was none.
Result<std::uint64_t> read_revision(storage::Work& work);

/// One entry of: revision, item, made_ms, tenant, what, kind, id, document.
FeedEntry read_feed_row(storage::Row row);

/// What changed of the tenant after a revision, all of it. Nothing: not all of that is kept any
/// more, or it is more than `most` entries.
Result<std::optional<std::vector<FeedEntry>>> read_changes(storage::Work& work,
                                                           std::string_view tenant,
                                                           std::uint64_t after, std::size_t most);

}  // namespace wardlock::directory
