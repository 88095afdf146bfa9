#pragma once

#include <string_view>

#include "base/error.h"

namespace wardlock::cedar {

/// Whether a schema in the text syntax, translated to JSON, is the reference's translation, and
/// whether translating that back to text and to JSON again gives the same. The error says what
/// differs.
Result<void> schema_agrees(std::string_view text, std::string_view expected_json);

}  // namespace wardlock::cedar
