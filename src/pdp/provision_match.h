#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "cedar/entities/entity_store.h"
#include "cedar/evaluator/evaluator.h"
#include "cedar/schema/schema.h"
#include "cedar/value/value.h"

namespace wardlock::pdp {

/// A question, as a patient's consents look at it. Borrows, for the call.
struct ConsentQuestion {
  const cedar::Request& request;
  const cedar::EntityView& entities;
  const cedar::Schema& schema;
  const cedar::EntityUid& patient;
  std::int64_t now = 0;
  std::string_view purpose = {};  ///< a code; whatever is no purpose is not known
};

/// Whether a provision applies to a question. In this order: the surer the greater.
enum class Applies : unsigned char { kNo, kMaybe, kYes };

/// Whether the provision, a record as consented.h has it, applies, by all that it is restricted to.
/// The exceptions to it are not looked at. Pure.
Applies applies_to(std::span<const cedar::Field> provision, const ConsentQuestion& question);

/// Whether its restriction to actions, where it has one, may cover the action. Pure.
bool may_speak_of(std::span<const cedar::Field> provision, const cedar::EntityUid& action,
                  const cedar::EntityView& entities, const cedar::Schema& schema);

/// Whether it permits; one that does not say so denies.
bool is_permit(std::span<const cedar::Field> provision);
/// Whether it takes effect: a permit applies surely, or a deny possibly.
bool takes_effect(std::span<const cedar::Field> provision, const ConsentQuestion& question);
/// Its place, e.g. `1.2`; empty: it has none.
std::string_view place_of(std::span<const cedar::Field> provision);

}  // namespace wardlock::pdp
