#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "audit/files/files.h"
#include "audit/log/frame.h"
#include "audit/log/log_folder.h"
#include "base/error.h"
#include "merkle/compact_range.h"
#include "merkle/tile.h"

namespace wardlock::audit {

/// What is derived from the segments so that proofs and records are found at once: the hashes of
/// the tree's tiles, and the place of each record in its segment. Written after the records are
/// durable, and synced when a segment is full: recovery writes those of the last segments again.
///
/// Not thread-safe. What was staged belongs to the tree that it was staged with.
class DerivedFiles {
 public:
  /// Creates what is missing.
  static Result<DerivedFiles> open(Files& files, const LogPaths& paths);

  /// As many records as these files are long enough for.
  Result<std::uint64_t> records() const;

  /// Forgets what was staged; what is staged next is that of the record with that number.
  void restart(std::uint64_t size);

  /// Adds the records of a batch to the tree, and stages their hashes and places. `frame_offset` is
  /// where the batch's frame begins. `tree` is the one that `restart` was called for, or what the
  /// last call that was flushed made of it.
  void stage(const Frame& batch, std::uint64_t frame_offset, std::span<const merkle::Hash> leaves,
             merkle::CompactRange& tree);

  /// Forgets what was staged and not flushed.
  void discard();

  /// Writes what was staged. After an error, open these files anew and stage again from where they
  /// were last synced.
  Result<void> flush();

  /// Claims the space for so many records.
  Result<void> claim(std::uint64_t records);

  /// After `flush`: makes it all durable. After an error, as there.
  Result<void> sync();

 private:
  /// Hashes or places side by side that are still to be written.
  struct Run {
    std::unique_ptr<File> file;  // null before the first
    std::uint64_t offset = 0;    // where `bytes` go
    std::string bytes;
    bool is_synced = true;
  };

  DerivedFiles() = default;

  static Result<void> flush(Run& run);

  std::array<Run, merkle::kTileLevels> levels_;
  Run offsets_;
};

}  // namespace wardlock::audit
