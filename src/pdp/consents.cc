#include "pdp/consents.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <tuple>

#include "pdp/entity_name.h"

namespace wardlock::pdp {
namespace {

using cedar::EntityUid;
using cedar::Kind;
using cedar::Value;

std::size_t hash_of_patient(const ConsentOf& each) { return each.patient.hash; }

}  // namespace

Result<std::vector<ConsentOf>> find_consents(const cedar::EntityStore& entities) {
  std::vector<ConsentOf> consents;
  for (const cedar::Entity* entity : entities.entities(kConsentType)) {
    const auto patient = named_entity(find_field(entity->attributes(), "patient"));
    const Value* provisions = find_field(entity->attributes(), "provisions");
    if (!patient || provisions == nullptr || !provisions->is(Kind::kSet)) {
      return invalid(
          fmt::format("the consent `{}` needs a `patient`, a record of the texts `type` and `id`, "
                      "and `provisions`, a set",
                      entity->uid()->id));
    }
    consents.push_back({.patient = *patient, .consent = entity});
  }
  std::ranges::sort(consents, {}, [](const ConsentOf& each) {
    return std::tuple(each.patient.hash, each.consent->uid()->id);
  });
  return consents;
}

std::span<const ConsentOf> consents_of(std::span<const ConsentOf> all, const EntityUid& patient) {
  const auto first = std::ranges::lower_bound(all, patient.hash, {}, &hash_of_patient);
  auto end = first;
  while (end != all.end() && end->patient.hash == patient.hash) ++end;
  return {first, end};
}

}  // namespace wardlock::pdp
