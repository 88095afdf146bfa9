#pragma once

#include <cstdint>
#include <string>

namespace wardlock::access {

/// One version of a patient's consent as it is kept, for ever. Ids are those of things in the
/// directory; times are milliseconds since the epoch.
struct KeptConsent {
  std::string id;
  std::string tenant;
  std::int64_t version = 1;
  std::string patient = {};
  std::string status = {};    ///< a code of FHIR's ConsentState
  std::string document = {};  ///< FHIR JSON without `id` and what of `meta` is ours
  std::string made_by = {};
  std::string made_through = {};  ///< the program
  std::int64_t made_ms = 0;

  bool is_active() const { return status == "active"; }
};

}  // namespace wardlock::access
