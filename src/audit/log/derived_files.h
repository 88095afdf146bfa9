#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "audit/files/files.h"
#include "audit/log/frame.h"
#include "audit/log/log_folder.h"
#include "base/error.h"
#include "merkle/compact_range.h"
#include "merkle/tile.h"

namespace wardlock::audit {

/// A hash that belongs into a tile above the lowest level, the next one of its level.
struct TileHash {
  std::uint32_t level = 0;
  merkle::Hash hash{};
};

/// Adds leaves to a tree. Hashes of tiles above the lowest level that this completes go to
/// `completed`.
void grow(merkle::CompactRange& tree, std::span<const merkle::Hash> leaves,
          std::vector<TileHash>& completed);

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

  /// Stages hashes and places of a batch's records. `completed` is what `grow` gave for them, and
  /// `payload` that of the batch's frame, which begins at `frame_offset`.
  void stage(std::string_view payload, std::uint64_t frame_offset,
             std::span<const merkle::Hash> leaves, std::span<const TileHash> completed);

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
