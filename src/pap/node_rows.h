#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "pap/draft.h"
#include "pap/policy_node.h"
#include "storage/work.h"

namespace wardlock::pap {

// Nodes as rows. All within the transaction of `work`. Private to the room.

/// What it says from now on. Since when it runs that stays, where it said the same before.
Result<void> put_node(storage::Work& work, const PolicyPlace& place, const NodeReport& report,
                      std::int64_t now_ms);
/// By name, at most so many.
Result<std::vector<PolicyNode>> find_nodes(storage::Work& work, const PolicyPlace& place,
                                           std::size_t most);
/// The contents of them all that were in force there at any time, sorted.
Result<std::vector<std::string>> find_known_contents(storage::Work& work, const PolicyPlace& place);
/// That this is on record of it. False: another has put something on record meanwhile.
Result<bool> put_told(storage::Work& work, const PolicyPlace& place, const PolicyNode& node,
                      NodeStanding told, std::int64_t now_ms);
/// False: there is none of that name.
Result<bool> delete_node(storage::Work& work, const PolicyPlace& place, std::string_view node);

}  // namespace wardlock::pap
