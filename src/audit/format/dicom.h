#pragma once

#include <string>

#include "event/event.h"

namespace wardlock::audit {

/// Appends an event as an audit message of DICOM (PS3.15 A.5), an XML document on one line.
void append_dicom_audit_message(const event::Event& event, std::string& out);

}  // namespace wardlock::audit
