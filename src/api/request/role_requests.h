#pragma once

#include "api/request/call.h"
#include "base/error.h"

// What can be asked of requests. Errors are answered as problems.
namespace wardlock::request_api {

/// For a role, or others' agreement to an action.
Result<void> ask_for_right(const RequestCall& call, net::HttpResponse& response);
Result<void> approve_request(const RequestCall& call, net::HttpResponse& response);
Result<void> refuse_request(const RequestCall& call, net::HttpResponse& response);
Result<void> withdraw_request(const RequestCall& call, net::HttpResponse& response);
/// Ends what it gave.
Result<void> end_requested(const RequestCall& call, net::HttpResponse& response);
/// Of whoever asks.
Result<void> list_own_requests(const RequestCall& call, net::HttpResponse& response);
/// Open ones of others, which whoever asks may answer.
Result<void> list_to_answer(const RequestCall& call, net::HttpResponse& response);
/// The roles and approvals that are there for a while.
Result<void> list_standing(const RequestCall& call, net::HttpResponse& response);
/// One: of whoever asks, or that they may see.
Result<void> show_request(const RequestCall& call, net::HttpResponse& response);

}  // namespace wardlock::request_api
