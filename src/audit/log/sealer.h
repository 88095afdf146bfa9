#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "audit/log/records.h"
#include "base/error.h"

namespace wardlock::audit {

/// Makes a batch of drafts into the records that are kept: one record for each draft, in order,
/// into `out`, which is empty. Called on the log's threads, by one at a time.
///
/// An error means that none of them can be kept now and that trying again later may help, e.g.
/// because the keys' store can't be written: the log is failing then. A draft that can never be
/// sealed must not be an error: it has to become a record which says so.
using Sealer = std::function<Result<void>(std::span<const std::string_view> drafts, Records& out)>;

}  // namespace wardlock::audit
