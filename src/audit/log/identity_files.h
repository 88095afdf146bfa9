#pragma once

#include "audit/files/files.h"
#include "audit/log/log_folder.h"
#include "audit/log/log_options.h"
#include "base/error.h"

namespace wardlock::audit {

/// Writes the small files by which a log's folder says whose it is, for who verifies it: origin,
/// public key, and how it came to that key. Requires the folder and its lock. Errors:
/// invalid_argument, the folder is of another log, or of a key that did not lead to this one; the
/// files'.
Result<void> write_identity(const LogOptions& options, const LogPaths& paths, Files& files);

}  // namespace wardlock::audit
