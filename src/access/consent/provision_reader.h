#pragma once

#include <optional>
#include <string>
#include <vector>

#include "access/consent/consent_document.h"
#include "access/consent/fhir_element.h"
#include "base/error.h"

namespace wardlock::access {

/// A FHIR Reference to one of these kinds: by `reference` (`Practitioner/NAME`), or by `type` and
/// `identifier.value`. `CareTeam/own` is the patient's own: its kind is a patient, its name
/// `directory::kOwnCareTeam`.
Result<ConsentReference> reference_in(const FhirElement& element);

/// Reads the tree of `Consent.provision`.
class ProvisionReader {
 public:
  /// `permits`: what the root does, where `policyRule` says it.
  Result<void> read(const FhirElement& root, std::optional<bool> permits);

  std::vector<directory::OpenProvision> provisions;
  std::vector<ConsentReference> actors;

 private:
  Result<void> read_one(const FhirElement& element, const std::string& place, bool permits,
                        int depth);
  Result<void> read_exceptions(const FhirElement& element, const std::string& place, bool permits,
                               int depth);
  Result<void> read_actors(const FhirElement& element, directory::OpenProvision& provision);
};

}  // namespace wardlock::access
