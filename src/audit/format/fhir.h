#pragma once

#include <string>

#include "event/event.h"

namespace wardlock::audit {

/// Appends an event as an AuditEvent of FHIR R4, as JSON on one line. What was allowed to be
/// created, read, updated, deleted or searched follows the Basic Audit Log Patterns of IHE (BALP)
/// and names their profile where the event has all that it demands.
void append_fhir_audit_event(const event::Event& event, std::string& out);

}  // namespace wardlock::audit
