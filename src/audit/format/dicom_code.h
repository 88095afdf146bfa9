#pragma once

#include <string_view>

#include "event/event.h"

namespace wardlock::audit {

/// A code of DICOM's own terminology (PS3.16, `DCM`), with its meaning.
struct DicomCode {
  std::string_view code;
  std::string_view meaning;
};

/// What DICOM, and FHIR after it, calls a kind of event: its family (PS3.16 CID 400) and which of
/// the family it is (CID 401, of alerts CID 403).
struct DicomEvent {
  DicomCode id;
  DicomCode type;
};

DicomEvent dicom_event_of(event::Kind kind);

// Families that messages differ by.
inline constexpr DicomCode kApplicationActivity{"110100", "Application Activity"};
inline constexpr DicomCode kQuery{"110112", "Query"};
inline constexpr DicomCode kSecurityAlert{"110113", "Security Alert"};
inline constexpr DicomCode kUserAuthentication{"110114", "User Authentication"};

// A type that not all readers know.
inline constexpr DicomCode kAccessDecision{"110147", "Access Control Decision"};

// What participants are in an event (CID 402).
inline constexpr DicomCode kApplication{"110150", "Application"};
inline constexpr DicomCode kDestination{"110152", "Destination Role ID"};
inline constexpr DicomCode kSource{"110153", "Source Role ID"};
inline constexpr DicomCode kInitiator{"110156", "Initiator Role ID"};

/// Of an outcome (PS3.15 A.5.2 EventOutcomeIndicator; FHIR AuditEventOutcome): `0`, `4` where it
/// was refused, `8` where it could not be done.
std::string_view outcome_indicator(event::Outcome outcome);

}  // namespace wardlock::audit
