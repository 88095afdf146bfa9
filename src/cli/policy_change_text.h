#pragma once

#include <string>

#include "cli/styled_text.h"
#include "codec/json.h"

namespace wardlock::cli {

/// A change of policies for people, as the server tells of it: where it stands, its checks, its
/// signatures, what is missing, and what to do next.
StyledText draft_text(const codec::Json& view);
/// Whether it has passed the checks without which nobody reviews it.
bool has_passed_checks(const codec::Json& view);
/// What came into force, in a line.
std::string activation_text(const codec::Json& activation);

}  // namespace wardlock::cli
