#pragma once

#include <cstdint>
#include <string_view>

namespace wardlock::audit {

/// What an action does to what it is done to, as FHIR, DICOM and OCSF divide actions.
enum class Verb : std::uint8_t { kCreate, kRead, kUpdate, kDelete, kExecute };
inline constexpr std::size_t kVerbs = 5;

/// By the word that the action's name begins with: `viewSettings` reads. What begins with none of
/// the words that we know is executed.
Verb verb_of(std::string_view action);

/// `C`, `R`, `U`, `D` or `E` (DICOM PS3.15 A.5.2, EventActionCode; FHIR AuditEventAction).
std::string_view letter_of(Verb verb);

}  // namespace wardlock::audit
