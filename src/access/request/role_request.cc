#include "access/request/role_request.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace wardlock::access {
namespace {

constexpr std::array<std::string_view, 8> kStates = {"open",    "granted", "refused", "withdrawn",
                                                     "expired", "ended",   "over",    "lapsed"};

}  // namespace

std::string_view to_string(RoleRequestState state) {
  return kStates.at(static_cast<std::size_t>(state));
}

std::optional<RoleRequestState> find_role_request_state(std::string_view name) {
  const auto* const found = std::ranges::find(kStates, name);
  if (found == kStates.end()) return std::nullopt;
  return static_cast<RoleRequestState>(found - kStates.begin());
}

RoleRequestState RoleRequest::state_at(std::int64_t time_ms) const {
  if (state == RoleRequestState::kOpen && due_ms <= time_ms) return RoleRequestState::kExpired;
  const bool is_over = state == RoleRequestState::kGranted && ends_ms && *ends_ms <= time_ms;
  return is_over ? RoleRequestState::kOver : state;
}

}  // namespace wardlock::access
