#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "codec/json.h"
#include "directory/feed/open_grants.h"
#include "directory/model/kind.h"

namespace wardlock::access {

/// What a consent's document may have, in bytes, and how many provisions, all levels together.
inline constexpr std::size_t kMostConsentBytes = std::size_t{64} << 10;
inline constexpr std::size_t kMostProvisions = 64;

/// Who or what a document names, and where in it.
struct ConsentReference {
  std::string element;  ///< e.g. `Consent.provision.actor[0].reference`
  directory::Kind kind = directory::Kind::kPatient;
  std::string name = {};
};

/// A consent as HL7 FHIR R4 (4.0.1) writes it, understood. Its actors are as the document names
/// them.
struct WrittenConsent {
  boost::json::object document;  ///< without `id`, and without what of `meta` is ours
  std::string id = {};           ///< as it says; may be empty
  std::string status = {};       ///< a code of FHIR's ConsentState
  ConsentReference patient = {};
  /// In the order in which the document has them, the root first.
  std::vector<directory::OpenProvision> provisions = {};
  /// Of all provisions' actors, in the order of `provisions`.
  std::vector<ConsentReference> actors = {};

  bool is_active() const { return status == "active"; }
};

/// Reads one. What it does not understand is refused, never ignored: modifierExtension, unknown
/// elements and codes, dataPeriod, code, data, and exceptions that are none. The root of the
/// provisions permits or denies as `provision.type` or `policyRule` (OPTIN, OPTOUT) says; an
/// exception to a deny permits, one to a permit denies. Pure. Error kInvalidArgument: the message
/// begins with the element in backticks.
Result<WrittenConsent> read_consent(const codec::Json& json);

/// The document with the patient's and the actors' ids in the directory for their names, which are
/// in the order of `consent.actors`.
boost::json::object with_ids(const WrittenConsent& consent, std::string_view patient,
                             const std::vector<std::string>& actors);

/// One of FHIR's ConsentState.
bool is_consent_status(std::string_view code);

}  // namespace wardlock::access
