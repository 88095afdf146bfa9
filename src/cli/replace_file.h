#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace wardlock::cli {

/// Replaces the file in one step, so that a crash leaves either the old or the new. It keeps its
/// permissions, owner and group; a link to it stays one; a new file's permissions are those that
/// the umask leaves. What is no file is not replaced: a FIFO or character device is written into
/// (which waits for a FIFO's reader), all else is refused, as is a file that may not be written.
///
/// Another hard link to the file keeps the old text: the two come apart.
Result<void> replace_file(const std::string& path, std::string_view text);

}  // namespace wardlock::cli
