#pragma once

#include <cstdint>

#include "audit/files/files.h"
#include "audit/inspect/finding.h"
#include "audit/inspect/log_identity.h"
#include "audit/log/log_folder.h"

namespace wardlock::audit {

/// Checks the spool in a log's folder, where there is one: a small log of its own, signed batch by
/// batch, of records that wait to come into the log. Returns how many wait. `is_open`: the log is
/// being written, so that the last batch may be half there.
std::uint64_t check_spool(Files& files, const LogPaths& paths, const LogIdentity& identity,
                          bool is_open, Findings& findings);

}  // namespace wardlock::audit
