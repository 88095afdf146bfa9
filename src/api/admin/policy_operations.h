#pragma once

#include <span>

#include "api/admin/operations.h"

namespace wardlock::admin {

/// What can be asked about policies: a part of `all_operations`.
std::span<const Operation> policy_operations();

}  // namespace wardlock::admin
