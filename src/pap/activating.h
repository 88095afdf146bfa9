#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "bundle/statement.h"
#include "pap/activation.h"
#include "pap/surroundings.h"
#include "storage/work.h"

namespace wardlock::pap {

// What it takes to put a content in force, for all questions or for a part of them. All within the
// transaction of `work`. Private to the room.

/// A draft that may come into force now, whose base is in force.
struct ReadyDraft {
  PolicyDraft draft;
  std::int64_t now_ms = 0;  ///< as time_at
};

/// Checks that the draft is still the `judged` one and may come into force on the word of `cause`:
/// its checks, and `needs` as its approvals. Errors: as Activations::activate.
Result<ReadyDraft> check_is_ready(storage::Work& work, const PolicySurroundings& surroundings,
                                  const directory::Mandate& mandate, const PolicyDraft& judged,
                                  const std::vector<ApprovalNeed>& needs, ActivationCause cause);

/// A serial that this node has seen, no other may have: not even where a backup forgot it.
Result<std::uint64_t> next_serial(storage::Work& work, const PolicySurroundings& surroundings,
                                  const PolicyPlace& place);

/// The envelope of that content under the statement, whose tenant and environment are its place's.
Result<std::string> sign_content(storage::Work& work, const PolicySurroundings& surroundings,
                                 bundle::Statement statement, std::string_view content);

/// As bundles have it.
std::chrono::sys_seconds bundle_seconds(std::int64_t ms);

}  // namespace wardlock::pap
