#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "storage/work.h"

namespace wardlock::directory {

/// Whoever has the role of that name everywhere, now, by themselves or through groups: their ids,
/// in order, each once. Within the transaction of `work`.
Result<std::vector<std::string>> find_role_holders(storage::Work& work, std::string_view tenant,
                                                   std::string_view role, std::int64_t now_ms);

}  // namespace wardlock::directory
