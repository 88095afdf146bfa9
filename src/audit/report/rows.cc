#include "audit/report/rows.h"

#include "event/field_table.h"
#include "event/mask.h"

namespace wardlock::audit {

event::Event without_sealed(const event::Event& event, Arena& arena) {
  event::Event out = event;
  for (const event::Field& field : event::all_fields()) {
    const bool is_sealed = field.part != event::Part::kClear && field.care != event::Care::kSaid;
    if (is_sealed) event::mask_field(out, field, event::Mask::kHide, arena);
  }
  return out;
}

}  // namespace wardlock::audit
