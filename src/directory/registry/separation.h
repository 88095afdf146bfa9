#pragma once

#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "directory/registry/thing.h"
#include "storage/work.h"

namespace wardlock::directory {

/// Static separation of duties (ANSI INCITS 359-2012, 6.2.3): whether, with that relation, which
/// was just entered, somebody would have two roles at the same time that exclude each other
/// (`excludes`), by whatever leads to them – assignments in any place, groups, roles that come with
/// others – and with whichever of their accounts. Who had both before is not looked for.
/// Error: kFailedPrecondition, with whom and which roles.
Result<void> check_separation(storage::Work& work, std::string_view tenant,
                              const KeptRelation& relation, std::int64_t now);

}  // namespace wardlock::directory
