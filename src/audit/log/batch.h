#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "audit/log/derived_files.h"
#include "audit/log/frame.h"
#include "audit/log/records.h"
#include "base/error.h"
#include "merkle/compact_range.h"
#include "merkle/hash.h"

namespace wardlock::audit {

/// Records that are to be written at once, as one frame, and the tree that they make of the one
/// before them: hashed while the batch before is being written. Not thread-safe; its memory is used
/// again.
class Batch {
 public:
  /// No batch has more records, so that the first of many does not wait for the last.
  static constexpr std::size_t kMostRecords = 1024;

  /// Empties it; what is added continues that tree.
  void begin(const merkle::CompactRange& before);

  /// Adds a record with its leaf hash. Errors: as `Records::add`; then nothing was added.
  Result<void> add(std::string_view record, const merkle::Hash& leaf);

  /// Adds the same records to another tree.
  void rebase(const merkle::CompactRange& before);

  bool empty() const { return records_.empty(); }
  std::size_t size() const { return records_.size(); }
  const Records& records() const { return records_; }
  std::span<const merkle::Hash> leaves() const { return leaves_; }
  /// The tree that it continues.
  const merkle::CompactRange& before() const { return before_; }
  /// And with its records.
  const merkle::CompactRange& tree() const { return tree_; }
  /// As `grow` gives them.
  std::span<const TileHash> completed() const { return completed_; }

  /// Its frame, for that place. Borrows until the next change. Requires at most `kMaxPayloadBytes`
  /// of records.
  std::string_view frame(const FramePlace& place, const merkle::Hash& root);

 private:
  merkle::CompactRange before_;
  merkle::CompactRange tree_;
  Records records_{kFrameHeadBytes};
  std::vector<merkle::Hash> leaves_;
  std::vector<TileHash> completed_;
};

}  // namespace wardlock::audit
