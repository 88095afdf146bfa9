#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "authn/session/session_record.h"
#include "base/error.h"
#include "storage/work.h"

namespace wardlock::authn {

// Sessions as rows. All within the transaction of `work`. A session that has ended is found by its
// id and by its change alone.

/// The number of the latest change.
Result<std::uint64_t> read_latest_change(storage::Work& work);

/// Live or ended.
Result<std::optional<SessionRecord>> find_session_row(storage::Work& work, std::string_view id);
/// Those of a person that have not ended, the earliest first.
Result<std::vector<SessionRecord>> find_sessions_of(storage::Work& work, std::string_view tenant,
                                                    std::string_view person);
/// Of a tenant, at most so many that have not ended.
Result<std::vector<SessionRecord>> find_sessions_of_tenant(storage::Work& work,
                                                           std::string_view tenant,
                                                           std::size_t most);
/// Of all tenants, those that changed after then, in that order; at most so many.
Result<std::vector<SessionRecord>> find_changed_sessions(storage::Work& work, std::uint64_t after,
                                                         std::size_t most);
/// Of all tenants, those that have not ended.
Result<void> each_live_session(storage::Work& work,
                               const std::function<void(SessionRecord)>& visit);

/// Sets `record.changed`, and tells who listens.
Result<void> insert_session(storage::Work& work, SessionRecord& record);
/// All that may change of one that has not ended. False: it has ended.
Result<bool> replace_session(storage::Work& work, SessionRecord& record);
/// False: there is none of the tenant, or it has ended.
Result<bool> end_session(storage::Work& work, std::string_view tenant, std::string_view id,
                         EndReason reason, std::int64_t now_ms);
/// Never earlier than it is, and told to nobody: who needs it looks.
Result<void> extend_session(storage::Work& work, std::string_view id, std::int64_t idle_until_ms);
/// Takes away what ended before then.
Result<void> forget_ended_sessions(storage::Work& work, std::int64_t before_ms);

}  // namespace wardlock::authn
