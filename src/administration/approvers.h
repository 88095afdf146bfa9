#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "pdp/snapshot.h"
#include "storage/work.h"

namespace wardlock::administration {

/// The ids of the people at work who may approve policies of that environment, as the policies of
/// administration say of their roles as they are at `now_ms`; in order. That they have signed in
/// surely enough is taken for granted. Within a transaction. Errors: the store's, pdp::decide's.
Result<std::vector<std::string>> find_approvers(storage::Work& work, std::string_view tenant,
                                                const pdp::Snapshot& policies,
                                                std::string_view environment, std::int64_t now_ms);

}  // namespace wardlock::administration
