#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "directory/registry/thing.h"
#include "storage/work.h"

namespace wardlock::directory {

// Roles of Wardlock's own administration. They are things like other roles, so that they are
// assigned, reviewed and seen as those are; but there are these only, they stay, and policies of a
// hospital never see them.

/// What their `displayName` begins with, and no other role's, in any case.
inline constexpr std::string_view kControlPlanePrefix = "Wardlock::";

struct ControlPlaneRole {
  std::string_view name;   ///< without the prefix
  std::string_view about;  ///< a sentence without its full stop
};
/// All there are. Who has which rights is decided by policies/wardlock.
inline constexpr auto kControlPlaneRoles = std::to_array<ControlPlaneRole>({
    {"Administrator", "Keeps people, organisations, devices, services and their roles in order"},
    {"SecurityOfficer", "Says who administers Wardlock, and revokes any credential"},
    {"PolicyAuthor", "Writes policies and proposes them"},
    {"PolicyApprover", "Lets policies written by others come into force"},
    {"Auditor", "Sees everything and changes nothing"},
    {"Reviewer", "Confirms or ends what others may do"},
    {"DeviceEngineer", "Keeps devices, their models and software in order"},
    {"HelpDesk", "Sees people, and suspends or reactivates them"},
    {"Provisioning", "A personnel system that provides people and groups"},
});

/// Whether the name begins with the prefix in any case, or with what people may take for it (UTS
/// 39).
bool is_reserved_role_name(std::string_view name);
/// The role that a thing is, without the prefix; empty: it is none of these.
std::string_view control_plane_role_of(const Thing& thing);

/// Whether its state lets it act or count.
bool is_in_force(const Thing& thing);

/// Whether somebody answers for it, where somebody must: see Schema::needs_owner. Who answers may
/// be away: it goes on.
Result<bool> is_answered_for(storage::Work& work, std::string_view tenant, const Thing& thing,
                             std::int64_t now);

/// Which of its relations count.
enum class Reach : std::uint8_t {
  kNow,   ///< those in force, over groups in force
  kEver,  ///< those that have not ended, also where they begin later, or over a group that rests
};

/// The roles of administration that a thing has, by itself and through groups, in order.
Result<std::vector<std::string>> find_control_plane_roles(storage::Work& work,
                                                          std::string_view tenant,
                                                          std::string_view thing, std::int64_t now,
                                                          Reach reach);

/// The groups that a thing is in or will be, also through others. Ids, in no order that may show.
Result<std::vector<std::string>> find_groups(storage::Work& work, std::string_view tenant,
                                             std::string_view thing, std::int64_t now);

/// A thing and, where it is a group, all that is or will be in it, also through others.
Result<std::vector<std::string>> find_members(storage::Work& work, std::string_view tenant,
                                              std::string_view thing, std::int64_t now);

}  // namespace wardlock::directory
