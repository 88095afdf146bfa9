#include <fmt/format.h>

#include "directory/identifier/look_alike.h"
#include "directory/registry/control_plane.h"
#include "directory/registry/edit.h"

namespace wardlock::directory {

// Roles of Wardlock's own administration, and what others must not be taken for.

/// What is Wardlock's own stays as it is.
Result<void> Edit::check_not_reserved(const Thing& thing, std::string_view what) {
  if (control_plane_role_of(thing).empty()) return {};
  return fail(
      ErrorCode::kPermissionDenied,
      fmt::format("the role `{}` is Wardlock's own, and is not {}",
                  std::string_view(thing.document.json().at("displayName").get_string()), what));
}

/// Whoever gives or reviews a role must know which it is.
Result<void> Edit::check_role_name(std::string_view name) {
  if (is_reserved_role_name(name)) {
    return fail(ErrorCode::kPermissionDenied,
                fmt::format("`{}` begins as the roles of Wardlock's own administration do, or with "
                            "what could be taken for that: choose another name",
                            name));
  }
  const std::string look = look_alike_skeleton(name);
  const storage::Rows rows =
      TRY(work_.query("SELECT value FROM identifier WHERE tenant = $1 AND type = "
                      "'role.displayName' AND is_current = 1 AND value <> $2",
                      mandate_.tenant, name));
  for (const storage::Row row : rows) {
    if (look_alike_skeleton(row.text(0)) != look) continue;
    return fail(ErrorCode::kAlreadyExists,
                fmt::format("`{}` is easily taken for the role `{}` that is there: choose a name "
                            "that nobody confuses with it",
                            name, row.text(0)));
  }
  return {};
}

Result<void> Edit::enter_roles() {
  for (const ControlPlaneRole& role : kControlPlaneRoles) {
    const std::string name = std::string(kControlPlanePrefix) + std::string(role.name);
    const storage::Rows rows =
        TRY(work_.query("SELECT thing FROM identifier WHERE tenant = $1 AND type = "
                        "'role.displayName' AND value = $2",
                        mandate_.tenant, name));
    if (!rows.empty()) continue;
    TRY_VOID(enter_checked(
        Kind::kRole,
        boost::json::object{
            {"displayName", name}, {"description", role.about}, {"isPrivileged", true}},
        {}));
  }
  return {};
}

}  // namespace wardlock::directory
