#pragma once

#include <cstdint>
#include <string_view>

#include "event/event.h"
#include "net/http.h"
#include "pdp/access.h"

namespace wardlock::server {

/// Where and when something was asked.
struct Occasion {
  const net::HttpRequest& request;
  std::string_view tenant;
  std::string_view node;
  std::int64_t now = 0;                  ///< ms since the epoch
  std::uint64_t directory_revision = 0;  ///< that it is decided from; 0: there is no directory
};

/// The record of a decision. Borrows everything; lists are in the arena.
event::Event decision_event(const Occasion& occasion, const pdp::Snapshot& snapshot,
                            const pdp::AccessRequest& request, const pdp::AccessDecision& decision,
                            std::string_view id);

/// The record of a search, in the words of who asked. Its class is the action's, where one is
/// named.
event::Event search_event(const Occasion& occasion, const pdp::Snapshot& snapshot,
                          const pdp::AccessRequest& request, std::size_t found, std::string_view id,
                          Arena& arena);

/// The record of a question or search that was refused, in the words of who asked as far as they
/// were understood; long ones are cut, since nobody may choose to leave no record.
event::Event refused_question_event(const Occasion& occasion, const pdp::Snapshot& snapshot,
                                    const pdp::AccessRequest& request, ErrorCode why,
                                    std::string_view id, Arena& arena);

/// The record of a request that was refused before anything was decided. `why` is a word for
/// machines.
event::Event refusal_event(const Occasion& occasion, std::string_view caller, std::string_view why,
                           std::string_view id);

}  // namespace wardlock::server
