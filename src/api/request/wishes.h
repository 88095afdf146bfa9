#pragma once

#include "access/request/role_request_rules.h"
#include "api/request/call.h"
#include "base/error.h"
#include "codec/json.h"

namespace wardlock::request_api {

// What the body of a new request asks for. Errors: kInvalidArgument; kNotFound, it names what is
// not there.

Result<access::RoleWish> role_wish_in(const RequestCall& call, const boost::json::object& members);
Result<access::ActionWish> action_wish_in(const RequestCall& call,
                                          const boost::json::object& members);

}  // namespace wardlock::request_api
