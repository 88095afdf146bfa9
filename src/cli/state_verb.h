#pragma once

#include <string_view>

#include "directory/model/schema.h"

namespace wardlock::cli {

/// What it is called to have a thing of the kind go on to the state: `suspend`. Empty: it gets
/// there otherwise, or only begins so.
std::string_view state_verb(const directory::Schema& schema, const directory::State& state);

}  // namespace wardlock::cli
