#pragma once

#include <boost/json/object.hpp>
#include <memory_resource>
#include <optional>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/error.h"
#include "cedar/entities/entity_store.h"
#include "cedar/json/value_json.h"
#include "pdp/caller.h"
#include "pdp/notes.h"
#include "pdp/snapshot.h"

namespace wardlock::pdp {

/// How values are read that come from outside: they have no escapes, null means absent, and ids
/// are checked.
cedar::ValueJsonOptions outside_options();

/// Whether the caller may say something of the attribute, e.g. `LabReport`, `status`.
bool may_supply(const Caller& caller, std::string_view of, std::string_view name, Arena& arena);
/// The same. Error (kPermissionDenied): it may not.
Result<void> check_may_supply(const Caller& caller, std::string_view of, std::string_view name,
                              Arena& arena);

/// Merges what a caller says of one entity with what the directory knows. Each attribute has one
/// owner, whose value counts: the directory, the application where the schema says
/// `@source("request")`, or the source that it names (sourced_attributes.h). Borrows everything.
class EntityMerge {
 public:
  /// `role` is `principal` or `resource`; what is left out or differs is told in `notes`.
  EntityMerge(const Snapshot& snapshot, const Caller& caller, Arena& arena, std::string_view role,
              Notes& notes)
      : snapshot_(snapshot), caller_(caller), arena_(arena), role_(role), notes_(notes) {}

  /// The entity with the properties that count, or null when they change nothing. Where it is
  /// described a second time, too, what is said there and not in `properties` counts as well.
  Result<const cedar::Entity*> merge(const cedar::EntityUid& uid,
                                     const boost::json::object& properties,
                                     const boost::json::object* more = nullptr);

 private:
  using Field = cedar::Field;
  using Fields = std::pmr::vector<Field>;

  std::string_view where(std::string_view name) const;
  const cedar::Value* stored_value(std::string_view name) const;
  void note(std::string_view name, std::string_view what);
  void note_difference(std::string_view name, const cedar::Value& said, const cedar::Value* stored,
                       std::string_view owner = "directory");
  bool may_compare(std::string_view name) const;
  std::optional<Field> leave_out(std::string_view name);
  Result<void> add(std::string_view name, const codec::Json& json, Fields& fields);
  Result<std::optional<Field>> untyped(std::string_view name, const codec::Json& json);
  Result<std::optional<Field>> typed(std::string_view name, const codec::Json& json);
  const cedar::Entity* with_fields(const cedar::EntityUid& uid, Fields fields);

  const Snapshot& snapshot_;
  const Caller& caller_;
  Arena& arena_;
  std::string_view role_;
  Notes& notes_;
  const cedar::EntityUid* uid_ = nullptr;
  const cedar::Entity* stored_ = nullptr;
  const cedar::EntityType* type_ = nullptr;
};

}  // namespace wardlock::pdp
