#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "audit/files/files.h"
#include "audit/log/derived_files.h"
#include "audit/log/log_folder.h"
#include "audit/log/segment.h"
#include "base/error.h"
#include "merkle/checkpoint.h"
#include "merkle/compact_range.h"
#include "merkle/note_key.h"

namespace wardlock::audit {

/// Where a log ends.
struct LogEnd {
  merkle::CompactRange tree;
  std::uint64_t segment = 0;  ///< first record of the last segment
  SegmentSalt salt{};         ///< the last segment's
  std::uint64_t segment_bytes = 0;
  std::uint64_t last_frame = 0;  ///< where its last frame begins; 0 where it has none yet
  std::uint64_t offset = 0;      ///< where its next frame goes
  std::uint64_t garbage_end =
      0;                   ///< up to there, what a crash tore follows `offset`; else `offset`
  std::string checkpoint;  ///< the latest signed one; empty before the first
  std::uint64_t checkpoint_size = 0;
};

/// Finds where a log ends, and writes what is derived from its last segments again; changes nothing
/// else. The log is whole then: the records that were durable are there, and at most what comes
/// after them was torn by a crash. Nothing where the log has no segment yet.
///
/// It reads the segments from the latest checkpoint in the file `checkpoint` on, or from where
/// derived files are missing; the older ones are for `wardlock audit verify`.
///
/// `policy` is what its checkpoints satisfy; the latest one is of `key`, whoever signed before.
///
/// Errors: data_loss, saying what is wrong and where; the files'.
Result<std::optional<LogEnd>> find_log_end(Files& files, const LogPaths& paths,
                                           const merkle::CheckpointPolicy& policy,
                                           const merkle::VerifierKey& key, DerivedFiles& derived);

/// Reads a segment that is known to be whole up to `end`, and writes what is derived from it again.
Result<void> derive_again(Files& files, const std::string& path, std::uint64_t end,
                          DerivedFiles& derived);

}  // namespace wardlock::audit
