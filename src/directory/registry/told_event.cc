#include "directory/registry/told_event.h"

#include "directory/model/schema.h"
#include "event/subject.h"

namespace wardlock::directory {

void name_in(event::Event& event, Kind kind, std::string_view id) {
  const std::string_view type = schema_of(kind).cedar_type;
  switch (kind) {
    case Kind::kPerson:
      event.affected_type = type;
      event.affected_id = id;
      return;
    case Kind::kPatient:
      event.patient = id;
      if (!event.affected_id.empty()) return;
      // So that what it was before and since is sealed with the patient's key.
      event.affected_type = event::kPatientType;
      event.affected_id = id;
      return;
    case Kind::kDevice: event.device = id; [[fallthrough]];
    default: event.resource_type = type; event.resource_id = id;
  }
}

}  // namespace wardlock::directory
