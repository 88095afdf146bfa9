#pragma once

#include "api/break_glass/call.h"

// What can be asked of grants. Errors are answered as problems.
namespace wardlock::glass_api {

Result<void> open_grant(const Call& call, net::HttpResponse& response);
Result<void> renew_grant(const Call& call, net::HttpResponse& response);
Result<void> end_grant(const Call& call, net::HttpResponse& response);
Result<void> revoke_grant(const Call& call, net::HttpResponse& response);
/// Of whoever asks.
Result<void> list_own(const Call& call, net::HttpResponse& response);
/// All that are open.
Result<void> list_open(const Call& call, net::HttpResponse& response);
/// One with its steps: of whoever asks, or of somebody whose grants they may revoke or review.
Result<void> show_grant(const Call& call, net::HttpResponse& response);
Result<void> list_reasons(const Call& call, net::HttpResponse& response);

/// As it stands at that time.
boost::json::object to_json(const access::GlassGrant& grant, std::int64_t now_ms);

}  // namespace wardlock::glass_api
