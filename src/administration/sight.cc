#include "administration/sight.h"

#include "directory/model/schema.h"

namespace wardlock::administration {

Result<void> Sight::check(directory::Kind kind) {
  const auto known = answers_.find(kind);
  if (known != answers_.end()) return known->second;
  return answers_.emplace(kind, errand_.gate.check(Deed::kRead, kind)).first->second;
}

Result<void> Sight::check(std::string_view id, directory::Kinds kinds) {
  const auto thing = errand_.registry.find(errand_.mandate.tenant, id);
  if (thing) return errand_.gate.check(Deed::kRead, *thing);
  if (thing.error().code != ErrorCode::kNotFound) return std::unexpected(thing.error());
  for (const directory::Schema* schema : directory::all_schemas()) {
    if (kinds.contains(schema->kind)) TRY_VOID(check(schema->kind));
  }
  return {};
}

Result<bool> Sight::may_read(directory::Kind kind) {
  const Result<void> checked = check(kind);
  if (checked) return true;
  if (checked.error().code == ErrorCode::kPermissionDenied) return false;
  return std::unexpected(checked.error());
}

Result<bool> Sight::may_read(directory::Kinds kinds) {
  for (const directory::Schema* schema : directory::all_schemas()) {
    if (kinds.contains(schema->kind) && !TRY(may_read(schema->kind))) return false;
  }
  return true;
}

}  // namespace wardlock::administration
