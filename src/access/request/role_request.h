#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "authn/session/signature.h"

namespace wardlock::access {

/// How a request stands. From kOpen on it goes to kGranted or is over; from kGranted on the role,
/// or the approval of the action, is there until it is over.
enum class RoleRequestState : std::uint8_t {
  kOpen,       ///< nobody has answered
  kGranted,    ///< approved: the role, or the approval, is there
  kRefused,    ///< somebody has said no, and why
  kWithdrawn,  ///< whoever asked does not want it any more
  kExpired,    ///< nobody answered in time
  kEnded,      ///< it was given back, or taken away early
  kOver,       ///< its time was over
  kLapsed,     ///< who asked has left, or what it is for is gone, or policies have no use of it
};
/// Its name in events, rows and answers, e.g. `granted`.
std::string_view to_string(RoleRequestState state);
std::optional<RoleRequestState> find_role_request_state(std::string_view name);

/// Somebody's request for a role, or that others agree to one action on one thing, for a while; as
/// it is kept, for ever. Ids are those of things in the directory; times are milliseconds since the
/// epoch.
struct RoleRequest {
  std::string id;
  std::string tenant;
  std::string person;       ///< who asks, and is to have the role, or to act
  std::string role = {};    ///< empty: it is for an action
  std::string scope = {};   ///< the one place where the role is to count; empty: everywhere
  std::string action = {};  ///< as questions name it; empty: it is for a role
  std::string target = {};  ///< what the action is done to
  std::int64_t lasts_ms = 0;
  std::string reason;  ///< in the words of who asks
  std::string ticket = {};
  std::string asked_through = {};  ///< the program
  std::int64_t asked_ms = 0;
  std::int64_t due_ms = 0;  ///< from then on nobody can approve it
  RoleRequestState state = RoleRequestState::kOpen;
  std::string words = {};     ///< of who answered; may be empty in an approval
  std::string relation = {};  ///< the id of the role's assignment; empty: none was made
  std::optional<std::int64_t> ends_ms = {};  ///< when that ends; exclusive
  std::optional<std::int64_t> closed_ms = {};
  std::string closed_by = {};       ///< who had it end so; Wardlock, where the clock did
  authn::Signature signature = {};  ///< of who answered; nobody has: without a person

  bool is_for_action() const { return !action.empty(); }
  /// What owners answer for: the role, or what the action is done to.
  const std::string& what() const { return is_for_action() ? target : role; }
  /// As it stands at that time, whether it has been noted or not.
  RoleRequestState state_at(std::int64_t time_ms) const;
};

}  // namespace wardlock::access
