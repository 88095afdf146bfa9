#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "cedar/entities/entity_store.h"
#include "cedar/value/value.h"

namespace wardlock::pdp {

/// The type of the entities that are patients' consents.
inline constexpr std::string_view kConsentType = "Wardlock::Consent";

/// Among the actors of a provision: those in the set `careTeam` that the patient has.
inline constexpr std::string_view kCareTeamActor = "Wardlock::CareTeam";

/// A consent, and whose it is. Consents come from the snapshot, never from a request. Borrows from
/// the entity.
struct ConsentOf {
  cedar::EntityUid patient;
  const cedar::Entity* consent = nullptr;
};

/// The consents among the entities, in an order for `consents_of`. Each has the attributes
/// `patient` (a record of the texts `type` and `id`) and `provisions` (a set of records, see
/// consented.h). They borrow from the store. Error: the first that is not like that.
Result<std::vector<ConsentOf>> find_consents(const cedar::EntityStore& entities);

/// Those of `all`, which are as `find_consents` returned them, of whoever has the patient's hash,
/// in the order of their ids.
std::span<const ConsentOf> consents_of(std::span<const ConsentOf> all,
                                       const cedar::EntityUid& patient);

}  // namespace wardlock::pdp
