#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace wardlock::cli {

/// Replaces the file in one step, so that a crash leaves either the old or the new. It keeps its
/// permissions; a link to it stays one.
Result<void> replace_file(const std::string& path, std::string_view text);

}  // namespace wardlock::cli
