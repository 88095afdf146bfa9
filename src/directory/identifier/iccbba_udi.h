#pragma once

#include "directory/identifier/udi_draft.h"

namespace wardlock::directory {

/// `=/…=,…`: the data structures of ISBT 128, in any order, with a compound message's header or
/// without.
Parsed<Udi> read_iccbba(UdiDraft& draft, UdiDraft::Field field);

}  // namespace wardlock::directory
