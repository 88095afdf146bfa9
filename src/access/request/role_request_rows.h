#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "access/request/role_request.h"
#include "base/error.h"
#include "storage/work.h"

namespace wardlock::access {

// Requests for roles and actions as rows. All within the transaction of `work`; each names its
// tenant.

Result<void> insert_role_request(storage::Work& work, const RoleRequest& request);
/// Writes all that becomes of it. `before`: how it stood. Error kAborted: it stands otherwise.
Result<void> move_role_request(storage::Work& work, const RoleRequest& request,
                               RoleRequestState before);
Result<std::optional<RoleRequest>> find_role_request(storage::Work& work, std::string_view tenant,
                                                     std::string_view id);
/// The latest first; `before` an id, or empty.
Result<std::vector<RoleRequest>> find_role_requests_of(storage::Work& work, std::string_view tenant,
                                                       std::string_view person,
                                                       std::string_view before, std::size_t most);
/// Those in that state, kOpen or kGranted, whose time is not over; behind the id `after`.
Result<std::vector<RoleRequest>> find_live_requests(storage::Work& work, std::string_view tenant,
                                                    RoleRequestState state, std::int64_t now_ms,
                                                    std::string_view after, std::size_t most);
/// Those of a person in either of these states.
Result<std::vector<RoleRequest>> find_live_requests_of(storage::Work& work, std::string_view tenant,
                                                       std::string_view person,
                                                       std::int64_t now_ms);
/// Approvals of actions that nobody has ended, also those whose time is over; behind the id
/// `after`.
Result<std::vector<RoleRequest>> find_standing_approvals(storage::Work& work,
                                                         std::string_view tenant,
                                                         std::string_view after, std::size_t most);
/// Those that are to be closed: nobody answered in time; what was approved was there as long as it
/// was to be; a role's assignment has ended otherwise; who asked, or what it is for, is not there
/// any more.
Result<std::vector<RoleRequest>> find_due_requests(storage::Work& work, std::string_view tenant,
                                                   std::int64_t now_ms, std::size_t most);

}  // namespace wardlock::access
