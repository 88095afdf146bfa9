#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "audit/files/files.h"
#include "audit/log/log_options.h"
#include "audit/log/records.h"
#include "base/error.h"
#include "merkle/compact_range.h"

namespace wardlock::audit {

inline constexpr const char* kTestOrigin = "wardlock.example/test/audit";

/// A log of small segments in that folder, under one fixed key, whose records are its drafts with
/// `!` at their end.
LogOptions test_options(const std::string& folder);

Records make_records(const std::vector<std::string>& texts);

/// All that a log's folder holds, read from its first segment on.
struct WholeLog {
  std::vector<std::string> records;
  merkle::CompactRange tree;
  std::vector<std::string> checkpoints;
};

/// Reads a log without what recovers it, and checks as it goes: that frames, roots and checkpoints
/// are right, that segments continue each other, that nothing follows the end, and that tiles and
/// places say the same. An error says what is wrong.
Result<WholeLog> read_whole_log(Files& files, const std::string& folder);

}  // namespace wardlock::audit
