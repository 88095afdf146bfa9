#pragma once

#include <string>
#include <string_view>

#include "access/request/role_request.h"
#include "base/error.h"
#include "directory/registry/registry.h"

namespace wardlock::access {

/// What is signed: this answer (`meaning`), in the request's words, to all that was asked. As
/// `sha256:…`.
std::string signed_content(const RoleRequest& request, std::string_view meaning);

/// Tells the audit log and the change feed how the request stands since. Who asked is whom it is
/// done to; who answered is who acts, and signs (`is_signed`). Within the transaction of `edit`.
Result<void> record_request(directory::Edit& edit, const RoleRequest& request, bool is_signed);

}  // namespace wardlock::access
