#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "audit/index/index.h"
#include "audit/inspect/event_reader.h"
#include "audit/keys/subject_keys.h"
#include "base/error.h"

namespace wardlock::audit {

/// So long before a grant was opened, refusals belong to its story.
inline constexpr std::int64_t kBeforeGrantMs = std::int64_t{60} * 60 * 1000;

/// The records that tell of one break-glass grant, delegation, request or approval, in the log's
/// order: how it came about, what was done under it, how it changed and ended; of a break-glass
/// grant its review, too, and what its person was refused for its patient or device shortly before.
/// A refusal is found where the person, under the name by which policies know them, did something
/// under the grant. `log` opens with the same keys. Errors: kNotFound, no event has the grant;
/// those of `find_events`.
Result<std::vector<std::uint64_t>> find_grant_story(Index& index, EventReader& log,
                                                    SubjectKeys& keys, std::string_view tenant,
                                                    std::string_view grant);

}  // namespace wardlock::audit
