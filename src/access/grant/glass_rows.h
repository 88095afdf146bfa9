#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "access/grant/glass_grant.h"
#include "base/error.h"
#include "storage/work.h"

namespace wardlock::access {

// Grants as rows. All within the transaction of `work`; each names its tenant.

Result<void> insert_grant(storage::Work& work, const GlassGrant& grant);
/// All that may change of one that has not ended. Error kAborted: it has.
Result<void> replace_grant(storage::Work& work, const GlassGrant& grant);
Result<std::optional<GlassGrant>> find_grant(storage::Work& work, std::string_view tenant,
                                             std::string_view id);
/// The person's that is open for the target; nothing: none is.
Result<std::optional<GlassGrant>> find_open_grant(storage::Work& work, std::string_view tenant,
                                                  std::string_view person, std::string_view target,
                                                  std::int64_t now_ms);
/// Those that have not ended, some of which may have expired; behind the id `after`, at most so
/// many.
Result<std::vector<GlassGrant>> find_unended(storage::Work& work, std::string_view tenant,
                                             std::string_view after, std::size_t most);
/// The person's, the latest first; `before` an id or empty.
Result<std::vector<GlassGrant>> find_grants_of(storage::Work& work, std::string_view tenant,
                                               std::string_view person, std::string_view before,
                                               std::size_t most);
/// How many the person has opened since then.
Result<std::size_t> count_grants_since(storage::Work& work, std::string_view tenant,
                                       std::string_view person, std::int64_t since_ms);
/// Unended ones with which something is to be done: they have expired by then, begin later than
/// `begin_by_ms`, are to be warned of, or are of somebody or something whose state is not the usual
/// one. At most so many.
Result<std::vector<GlassGrant>> find_due(storage::Work& work, std::string_view tenant,
                                         std::int64_t now_ms, std::int64_t warn_before_ms,
                                         std::int64_t begin_by_ms, std::size_t most);

Result<void> add_glass_step(storage::Work& work, const GlassGrant& grant, GlassStep step,
                            std::string_view person, std::string_view reason,
                            std::string_view words, std::int64_t at_ms);
/// In the order in which they happened.
Result<std::vector<KeptGlassStep>> find_glass_steps(storage::Work& work, std::string_view tenant,
                                                    std::string_view grant);

/// That those whom it concerns are to be told that the grant was opened, and that they were.
Result<void> insert_untold(storage::Work& work, const GlassGrant& grant);
Result<bool> remove_untold(storage::Work& work, const GlassGrant& grant);
/// Those to tell of, in the order of their ids, behind the id `after`; at most so many.
Result<std::vector<GlassGrant>> find_untold(storage::Work& work, std::string_view tenant,
                                            std::string_view after, std::size_t most);

}  // namespace wardlock::access
