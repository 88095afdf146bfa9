#pragma once

#include "directory/identifier/udi_draft.h"

namespace wardlock::directory {

/// A GTIN alone, of 8, 12, 13 or 14 digits.
Parsed<Udi> read_gtin(UdiDraft& draft, UdiDraft::Field field);

/// `(01)…(17)…`, as it is printed for people.
Parsed<Udi> read_gs1_for_people(UdiDraft& draft, UdiDraft::Field field);

/// `01…17…10…<GS>21…`, as a scanner sends it.
Parsed<Udi> read_gs1_for_machines(UdiDraft& draft, UdiDraft::Field field);

}  // namespace wardlock::directory
