#pragma once

#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "cedar/entities/entity_store.h"
#include "cedar/evaluator/evaluator.h"
#include "cedar/schema/schema.h"

namespace wardlock::pdp {

/// What the record of a decision says of whom it concerns, in Cedar's terms. Borrows from the
/// snapshot and the request's arena.
struct Accountable {
  const cedar::EntityUid* principal = nullptr;
  const cedar::EntityUid* action = nullptr;
  const cedar::EntityUid* resource = nullptr;
  const cedar::EntityUid* patient = nullptr;  ///< whose data or body it is about; null: not known
  const cedar::EntityUid* device = nullptr;   ///< null: none, or not known
  std::string_view action_class = {};         ///< empty: the schema names none
};

/// What a schema says of records, by `@audit("…")`:
/// - on an entity type `patient` or `device`: a decision concerns the resource, or the principal,
///   or what one of them belongs to (its ancestors), if it is of such a type;
/// - on an action or a group of actions a class, such as `care`: what is to be done where a record
///   cannot be written is set for each class. An action without one has its nearest groups'.
/// Immutable; borrows from the schema; may be read by any thread.
class Accountability {
 public:
  /// Without a schema nothing is known.
  Accountability() = default;
  /// Error: an annotation that means nothing, or an action in groups of different classes.
  static Result<Accountability> read(const cedar::Schema& schema);

  Accountable find(const cedar::Request& request, const cedar::EntityView& entities) const;
  /// The class of an action; empty: the schema names none.
  std::string_view class_of(const cedar::EntityUid& action) const;
  /// Whether entities of the type are patients; where none are, nobody's consent is looked for.
  bool is_patient(std::string_view type) const { return patients_.contains(type); }
  bool knows_patients() const { return !patients_.empty(); }
  /// The names of all classes, sorted.
  std::span<const std::string_view> classes() const { return classes_; }

 private:
  /// Names of types. There are few: comparing them costs less than hashing one.
  class Types {
   public:
    void insert(std::string_view name);
    bool contains(std::string_view name) const;
    bool empty() const { return names_.empty(); }

   private:
    std::vector<std::string_view> names_;  ///< the shorter first
  };
  using Classes = std::unordered_map<const cedar::EntityUid*, std::string_view, cedar::UidHash,
                                     cedar::UidEqual>;

  Result<void> read_type(const cedar::EntityType& type);
  static const cedar::EntityUid* find_of(const Types& types, const cedar::EntityUid& uid,
                                         const cedar::EntityView& entities);
  static const cedar::EntityUid* find_of(const Types& types, const cedar::Request& request,
                                         const cedar::EntityView& entities);

  Types patients_;
  Types devices_;
  Classes class_of_;
  std::vector<std::string_view> classes_;
};

}  // namespace wardlock::pdp
