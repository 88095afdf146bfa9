#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "cedar/ast/policy.h"
#include "pdp/snapshot.h"

namespace wardlock::compare {

/// A cell of a matrix: who, what, which.
struct RoleAsks {
  const cedar::EntityUid* group = nullptr;  ///< null: who is in no group that counts
  std::string_view principal_type = {};     ///< of people without a group; empty with one
  const cedar::EntityUid* action = nullptr;
  std::string_view resource_type = {};
};

/// Which of a cell's questions a policy's scope holds for.
enum class Reach : std::uint8_t { kNone, kSome, kAll };

/// Conditions are not looked into. Without a schema types may be in anything.
Reach reach_of(const cedar::Policy& policy, const RoleAsks& asks, const pdp::Snapshot& snapshot);

}  // namespace wardlock::compare
