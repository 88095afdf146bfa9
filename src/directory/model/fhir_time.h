#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace wardlock::directory {

/// All the time that a FHIR dateTime stands for, in ms since the epoch: `2026` is a whole year.
struct FhirTime {
  std::int64_t first = 0;
  std::int64_t end = 0;  ///< exclusive
};

/// A FHIR dateTime: `YYYY`, `YYYY-MM`, `YYYY-MM-DD`, or a time of RFC 3339. What has no time zone
/// is taken in UTC (FHIR R4, 2.24.0.1, dateTime). Nothing: it is none, or not within 1970 to 9999.
std::optional<FhirTime> parse_fhir_time(std::string_view text);

}  // namespace wardlock::directory
