#include "event/subject.h"

namespace wardlock::event {

Subject subject_of(const Event& event, Part part) {
  Subject subject{.tenant = event.tenant};
  if (part == Part::kPerson && !event.principal_id.empty()) {
    subject.type = event.principal_type;
    subject.id = event.principal_id;
  } else if (part == Part::kAffected && !event.affected_id.empty()) {
    subject.type = event.affected_type;
    subject.id = event.affected_id;
  } else if (part == Part::kPatient && !event.patient.empty()) {
    subject.type = kPatientType;
    subject.id = event.patient;
  }
  return subject;
}

}  // namespace wardlock::event
