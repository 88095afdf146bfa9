#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "cedar/entities/entity_store.h"
#include "cedar/evaluator/evaluator.h"
#include "cedar/schema/schema.h"
#include "cedar/value/value.h"
#include "pdp/consent_codes.h"

namespace wardlock::pdp {

/// A question, as a patient's consents look at it, whatever it is asked for. Borrows, for the call.
struct ConsentQuestion {
  const cedar::Request& request;
  const cedar::EntityView& entities;
  const cedar::Schema& schema;
  const cedar::EntityUid& patient;
  std::int64_t now = 0;
};

/// Whether a provision applies to a question: by all that it is restricted to. In this order: the
/// surer the greater.
enum class Applies : unsigned char { kNo, kMaybe, kYes };

/// A provision, a record as consented.h has it, held against one question. What it is restricted to
/// is looked at when that is asked for first, and then known for every purpose. Borrows both.
class WeighedProvision {
 public:
  WeighedProvision(std::span<const cedar::Field> provision, const ConsentQuestion& question);

  /// Its place, e.g. `1.2`; empty: it has none.
  std::string_view place() const { return place_; }
  /// Whether it permits; one that does not say so denies.
  bool permits() const { return permits_; }
  /// What it is for; null: that is not said.
  const cedar::Value* purposes() const { return purposes_; }
  /// Whether it takes effect for a purpose: a permit applies surely, or a deny possibly. The
  /// exceptions to it are not looked at. Nothing: the purpose is not known.
  bool takes_effect(std::optional<Purpose> purpose);

 private:
  void take(const cedar::Field& field);
  Applies but_for_purpose() const;
  Applies in_its_time() const;
  Applies of_resource() const;

  const ConsentQuestion* question_;
  std::string_view place_;
  bool permits_ = false;
  // Null: it is not restricted to any.
  const cedar::Value* begins_at_ = nullptr;
  const cedar::Value* ends_at_ = nullptr;
  const cedar::Value* purposes_ = nullptr;
  const cedar::Value* actors_ = nullptr;
  const cedar::Value* actions_ = nullptr;
  const cedar::Value* labels_ = nullptr;
  const cedar::Value* classes_ = nullptr;
  std::optional<Applies> rest_ = {};
};

/// Whether its restriction to actions, where it has one, may cover the action. Pure.
bool may_speak_of(std::span<const cedar::Field> provision, const cedar::EntityUid& action,
                  const cedar::EntityView& entities, const cedar::Schema& schema);

/// Its place, e.g. `1.2`; empty: it has none.
std::string_view place_of(std::span<const cedar::Field> provision);

}  // namespace wardlock::pdp
