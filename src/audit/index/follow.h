#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "audit/index/index.h"
#include "audit/inspect/event_reader.h"
#include "audit/keys/subject_keys.h"
#include "base/error.h"

namespace wardlock::audit {

/// How far the index is to follow the log.
struct CatchUp {
  std::optional<std::uint64_t> until = {};  ///< before that record; nothing: to the end
  /// Called between batches with how many of how many records are there. False: enough for now.
  std::function<bool(std::uint64_t done, std::uint64_t all)> go_on = {};
};

/// Adds what the log has and the index has not, in the log's order, and returns the number of the
/// record that comes next. Where the log's oldest segments were removed it goes on behind them. A
/// record that is damaged is left out, and counted (`Index::unreadable`). `log` is read with the
/// same keys, or with none.
///
/// Errors: kFailedPrecondition, the index has records that this log has not, such as when the log
/// was restored from an older copy: remove the index and make it again; those of the index, the
/// keys (which must be writable: a key that nobody knows the subject of is adopted) and the log.
Result<std::uint64_t> catch_up(Index& index, EventReader& log, SubjectKeys& keys,
                               const CatchUp& how = {});

}  // namespace wardlock::audit
