#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "audit/index/index.h"
#include "audit/index/query.h"
#include "audit/inspect/event_reader.h"
#include "audit/keys/subject_keys.h"
#include "base/error.h"
#include "event/event.h"

namespace wardlock::audit {

/// What came of a search.
struct Found {
  std::size_t count = 0;
  /// `Query::after` of the next page; nothing: that was the last.
  std::optional<std::uint64_t> next = {};
};

/// Takes an event that was found, valid for the call, or why its record cannot be read.
using TakeEvent =
    std::function<Result<void>(std::uint64_t record, const Result<event::Event>& event)>;

/// Whether the event is what the query asks for: what the index says nearly certainly, said
/// certainly.
bool fits(const event::Event& event, const Query& query);

/// Finds a page of events in the index and reads them in the log, in the query's order. What is not
/// in the log any more is left out. `log` opens with the same keys. Errors: those of `Index::find`,
/// of `take`, and of the log other than a record's own.
Result<Found> find_events(Index& index, EventReader& log, SubjectKeys& keys, const Query& query,
                          const TakeEvent& take);

/// The same, page by page to the end; `query.limit` is that of a page.
Result<std::size_t> find_all_events(Index& index, EventReader& log, SubjectKeys& keys, Query query,
                                    const TakeEvent& take);

}  // namespace wardlock::audit
