#pragma once

#include "directory/identifier/udi_draft.h"

namespace wardlock::directory {

/// `+A123…1G`, alone or with secondary data behind a `/`; or as the two symbols of a label, the
/// second, which begins with `+$`, behind a space. Between asterisks, as HIBC is printed, or
/// without.
Parsed<Udi> read_hibcc(UdiDraft& draft, UdiDraft::Field field);

}  // namespace wardlock::directory
