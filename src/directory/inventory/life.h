#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "directory/model/schema.h"

namespace wardlock::directory {

/// The states to go through so that what is `from` becomes `to`: the fewest, none in between that
/// ends relations. Empty: it is so already. Nothing: there is no way.
std::optional<std::vector<std::string_view>> steps_between(const Schema& schema,
                                                           std::string_view from,
                                                           std::string_view to);

/// The same for what is new: the first is the state in which it is entered.
std::optional<std::vector<std::string_view>> steps_to(const Schema& schema, std::string_view to);

/// Whether it comes into that state only when relations or other things are there.
bool needs_others(const Schema& schema, std::string_view state);

}  // namespace wardlock::directory
