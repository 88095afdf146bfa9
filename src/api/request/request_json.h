#pragma once

#include <string_view>
#include <vector>

#include "access/request/role_request.h"
#include "api/request/call.h"
#include "base/error.h"
#include "codec/json.h"

namespace wardlock::request_api {

// Requests as whoever asks is shown them: with the names of what they are for. Reads the directory.

Result<boost::json::object> shown(const RequestCall& call, const access::RoleRequest& request);

/// `next`: where the rest of the list begins; empty: there is none.
Result<void> write_list(const RequestCall& call, const std::vector<access::RoleRequest>& requests,
                        std::string_view next, net::HttpResponse& response);

}  // namespace wardlock::request_api
